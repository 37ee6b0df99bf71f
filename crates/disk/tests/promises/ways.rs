//! The three ways an original comes in, and what every one of them answers.

use disk::{Algorithm, Algorithms, Cancel, Ends, Error, ReadAt, Reading, Source, Wanted, read};
use sha2::Digest as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

pub(crate) const WAYS: [Way; 4] = [Way::File, Way::Pipe, Way::Announced, Way::Ranged];

/// A way for bytes to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// A local file.
    File,
    /// A forward-only stream of unknown length.
    Pipe,
    /// A forward-only stream of known length.
    Announced,
    /// A server with ranges.
    Ranged,
}

impl Way {
    pub(crate) fn open(self, path: &Path) -> Source {
        let drip = || Drip {
            file: File::open(path).unwrap(),
            step: 0,
        };
        let len = path.metadata().unwrap().len();
        match self {
            Self::File => Source::file(path).unwrap(),
            Self::Pipe => Source::stream(drip(), None),
            Self::Announced => Source::stream(drip(), Some(len)),
            Self::Ranged => Source::ranged(drip(), len, Arc::new(File::open(path).unwrap())),
        }
    }
}

/// A file that comes in pieces of awkward sizes, as from a socket.
struct Drip {
    file: File,
    step: usize,
}

impl Read for Drip {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        const SIZES: [usize; 6] = [1, 1448, 65_536, 100_001, 16_384, 511];
        self.step += 1;
        let len = space.len().min(SIZES[self.step % SIZES.len()]);
        self.file.read(&mut space[..len])
    }
}

/// Bytes in memory as a source, by any way but that of a file.
pub(crate) fn source(way: Way, bytes: &Arc<Vec<u8>>) -> Source {
    let stream = io::Cursor::new(Shared(bytes.clone()));
    match way {
        Way::File => panic!("bytes in memory are no file"),
        Way::Pipe => Source::stream(stream, None),
        Way::Announced => Source::stream(stream, Some(bytes.len() as u64)),
        Way::Ranged => Source::ranged(stream, bytes.len() as u64, Arc::new(Shared(bytes.clone()))),
    }
}

/// Bytes that several readers look at.
pub(crate) struct Shared(pub(crate) Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl ReadAt for Shared {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = self.0.len().min(offset as usize);
        (&self.0[start..]).read(buf)
    }
}

pub(crate) fn algorithms(all: &[Algorithm]) -> Algorithms {
    all.iter().copied().collect()
}

pub(crate) fn wanted() -> Wanted {
    let file = algorithms(&[Algorithm::Sha512]);
    let disk = algorithms(&[Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512]);
    Wanted {
        file,
        unpacked: file,
        disk,
        whole: false,
        max_virtual_size: None,
    }
}

pub(crate) fn pass(source: Source) -> Result<Reading, Error> {
    read(
        source,
        &wanted(),
        Ends::default(),
        &Arc::default(),
        &Cancel::default(),
    )
}

/// A pass that computes the disk's SHA-256 alone: the cheapest, for tests that make thousands of passes.
pub(crate) fn lean_pass(source: Source) -> Result<Reading, Error> {
    let wanted = Wanted {
        disk: algorithms(&[Algorithm::Sha256]),
        ..Wanted::default()
    };
    read(
        source,
        &wanted,
        Ends::default(),
        &Arc::default(),
        &Cancel::default(),
    )
}

/// Whether the disk of a lean pass is `bytes`.
pub(crate) fn is_disk(reading: &Reading, bytes: &[u8]) -> bool {
    let expected = sha2::Sha256::digest(bytes);
    let disk = reading.disk.as_ref().expect("the disk was wanted");
    let got = disk.digests.get(Algorithm::Sha256).unwrap();
    disk.size == bytes.len() as u64 && got.bytes() == &expected[..]
}

/// The answers of all ways for the file at `path`.
pub(crate) fn passes(path: &Path) -> Vec<(Way, Result<Reading, Error>)> {
    WAYS.iter()
        .map(|way| (*way, pass(way.open(path))))
        .collect()
}

/// The disk digests of a reading: MD5, SHA-256, SHA-512.
pub(crate) fn disk_digests(reading: &Reading) -> [String; 3] {
    let digests = &reading.disk.as_ref().expect("the disk was wanted").digests;
    [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512]
        .map(|a| digests.get(a).unwrap().to_string())
}

/// The same of bytes in memory, by an independent implementation.
pub(crate) fn digests_of(bytes: &[u8]) -> [String; 3] {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    [
        hex(&md5::Md5::digest(bytes)),
        hex(&sha2::Sha256::digest(bytes)),
        hex(&sha2::Sha512::digest(bytes)),
    ]
}

/// Asserts that every way gives the disk whose digests are `expected`, and the file's own digest.
pub(crate) fn assert_disk(path: &Path, size: u64, expected: &[String; 3], what: &str) {
    let file = digests_of(&std::fs::read(path).unwrap());
    for (way, result) in passes(path) {
        let reading = result.unwrap_or_else(|e| panic!("{what}, {way:?}: {e}"));
        assert_eq!(
            reading.disk.as_ref().unwrap().size,
            size,
            "{what}, {way:?}: size of the disk"
        );
        assert_eq!(
            &disk_digests(&reading),
            expected,
            "{what}, {way:?}: digests of the disk"
        );
        let got = reading
            .file
            .digests
            .get(Algorithm::Sha512)
            .unwrap()
            .to_string();
        assert_eq!(got, file[2], "{what}, {way:?}: digest of the file");
    }
}
