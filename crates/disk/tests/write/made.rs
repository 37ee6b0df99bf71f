//! Disks written by the sinks under test, straight and in awkward pieces.

use std::path::Path;

use bytes::Bytes;
use disk::write::{Compression, Existing, Image, Workers, file, qcow2, vmdk};
use disk::{Algorithm, Algorithms, Contents, Sink};

use crate::pattern::Dice;

/// How the bytes of a disk come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// In one piece.
    One,
    /// In pieces of all sizes, zeros partly as holes.
    Any(u64),
    /// So, and without a word of the size.
    Unknown(u64),
}

pub(crate) fn qcow2(cluster: u64, compression: Compression) -> Image {
    Image::Qcow2(qcow2::Options::new(cluster, compression).unwrap())
}

pub(crate) fn zlib(level: i32) -> Compression {
    Compression::zlib(level).unwrap()
}

pub(crate) fn zstd(level: i32) -> Compression {
    Compression::zstd(level).unwrap()
}

pub(crate) fn vmdk() -> Image {
    Image::Vmdk(vmdk::Options::default())
}

/// Hands a whole disk to a sink.
pub(crate) fn pour(sink: &mut dyn Sink, disk: &[u8], pieces: Pieces) -> std::io::Result<()> {
    let (seed, size) = match pieces {
        Pieces::One => {
            sink.begin(Some(disk.len() as u64))?;
            return sink.data(Bytes::copy_from_slice(disk));
        }
        Pieces::Any(seed) => (seed, Some(disk.len() as u64)),
        Pieces::Unknown(seed) => (seed, None),
    };
    sink.begin(size)?;
    let mut dice = Dice::new(seed);
    let mut at = 0;
    while at < disk.len() {
        let most = 1 << dice.below(22);
        let end = disk.len().min(at + 1 + dice.below(most) as usize);
        let piece = &disk[at..end];
        if piece.iter().all(|byte| *byte == 0) && dice.below(4) > 0 {
            sink.zero(piece.len() as u64)?;
        } else {
            sink.data(Bytes::copy_from_slice(piece))?;
        }
        at = end;
    }
    Ok(())
}

pub(crate) fn sha512() -> Algorithms {
    Algorithms::NONE.with(Algorithm::Sha512)
}

/// Writes `disk` to `path`, which may be there already.
pub(crate) fn write(
    path: &Path,
    disk: &[u8],
    image: Image,
    workers: usize,
    pieces: Pieces,
) -> Contents {
    let workers = Workers::Exactly(workers);
    let made = file(path, image, Existing::Replace, sha512(), workers);
    let (mut sink, _unfinished) = made.unwrap();
    pour(&mut *sink, disk, pieces).unwrap();
    sink.finish().unwrap()
}
