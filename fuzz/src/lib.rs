//! What targets for disk images share: all ways of reading the same bytes, compared.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use disk::{Algorithm, Algorithms, Cancel, Digests, Ends, Error, ReadAt, Source, Wanted, read};

/// Small, so that a case takes milliseconds: a hole costs nothing to write into a header, but must be hashed.
const MAX_VIRTUAL_SIZE: u64 = 1 << 20;

/// Reads the image with ranges, as a stream, and as a stream of a known length.
///
/// # Panics
/// They come to different ends, or to a disk that is larger than allowed.
pub fn every_way(bytes: Arc<[u8]>) {
    let stream = || Cursor::new(Shared(bytes.clone()));
    let len = bytes.len() as u64;
    let ranged = outcome(Source::ranged(stream(), len, Arc::new(Shared(bytes.clone()))));
    for forward in [outcome(Source::stream(stream(), None)), outcome(Source::stream(stream(), Some(len)))] {
        match (&ranged, forward) {
            (Ok(ranged), Ok(forward)) => assert_eq!(ranged, &forward),
            (Err(_), Err(_)) => {}
            // What a stream cannot give twice, or out of order, is refused there, and only there.
            (Ok(_), Err(error)) if error.code() == "needs-random-access" => {}
            (ranged, forward) => panic!("with ranges {ranged:?}, forward only {forward:?}"),
        }
    }
}

/// The disk's size and digest, and the file's size.
fn outcome(source: Source) -> Result<(u64, Digests, u64), Error> {
    let disk = Algorithms::NONE.with(Algorithm::Sha256);
    let wanted = Wanted { disk, max_virtual_size: Some(MAX_VIRTUAL_SIZE), ..Wanted::default() };
    let reading = read(source, &wanted, Ends::default(), &Arc::default(), &Cancel::default())?;
    let disk = reading.disk.expect("the disk was wanted");
    assert!(disk.size <= MAX_VIRTUAL_SIZE);
    Ok((disk.size, disk.digests, reading.file.size))
}

struct Shared(Arc<[u8]>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl ReadAt for Shared {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        (&self.0[start..]).read(buf)
    }
}
