//! Sources that fail, change or do not keep what they announced.

use std::io::{self, Read, Write};
use std::sync::Arc;

use disk::{Error, ReadAt, Refusal, Source};

use crate::pattern::{Pattern, disk};
use crate::ways::{Shared, Way, digests_of, disk_digests, pass, source};
use crate::writer::{Made, Plan, make};

fn image(size: u64, disorder: u64) -> Made {
    make(&Plan {
        version: 3,
        cluster_bits: 16,
        zstd: false,
        subclusters: false,
        size,
        seed: 3,
        disorder,
        sparse: 50,
    })
}

/// A network error as `net` would put it into an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("the line went dead")]
struct Dead;

/// Gives so many bytes and then fails.
struct Failing(io::Cursor<Vec<u8>>);

impl Failing {
    fn after(bytes: &[u8], good: usize) -> Self {
        Self(io::Cursor::new(bytes[..good].to_vec()))
    }
}

impl Read for Failing {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self.0.read(space)? {
            0 => Err(io::Error::other(Dead)),
            n => Ok(n),
        }
    }
}

fn assert_dead(result: Result<disk::Reading, Error>, what: &str) {
    match result {
        Err(Error::Io { source, .. }) => {
            assert!(
                source
                    .get_ref()
                    .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Dead>),
                "{what}: {source:?}"
            );
        }
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn an_error_of_the_source_arrives_whole_and_with_its_place() {
    let bytes = image(3 << 20, 0).image;
    let raw = disk(Pattern::Full, 1 << 20, 1);
    for original in [&bytes, &raw] {
        for good in [0, 100, 70_000, 262_144, 600_000, original.len()] {
            let result = pass(Source::stream(Failing::after(original, good), None));
            assert_dead(result, &format!("after {good}"));
            let len = original.len() as u64;
            assert_dead(
                pass(Source::stream(Failing::after(original, good), Some(len))),
                &format!("after {good}"),
            );
        }
    }
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&bytes).unwrap();
    let packed = packer.finish().unwrap();
    for good in [20, 100_000, 500_000, packed.len()] {
        assert_dead(
            pass(Source::stream(Failing::after(&packed, good), None)),
            &format!("packed, after {good}"),
        );
    }
    let Err(Error::Io { offset, .. }) = pass(Source::stream(Failing::after(&raw, 600_000), None))
    else {
        panic!()
    };
    assert!((524_288..=600_000).contains(&offset), "{offset}");
}

#[test]
fn a_stream_that_is_shorter_or_longer_than_announced_is_never_an_answer() {
    for bytes in [image(1 << 20, 0).image, disk(Pattern::Full, 1 << 20, 1)] {
        let len = bytes.len() as u64;
        let bytes = Arc::new(bytes);
        let stream = || io::Cursor::new(Shared(bytes.clone()));
        for announced in [len + 1, len + 65_536, len * 3] {
            let error = pass(Source::stream(stream(), Some(announced))).unwrap_err();
            assert!(
                matches!(error, Error::Truncated { needed, len: got, .. } if needed == announced && got == len),
                "{error}"
            );
            let again = Arc::new(Shared(bytes.clone()));
            let error = pass(Source::ranged(stream(), announced, again)).unwrap_err();
            assert_eq!(error.code(), "original-truncated", "{error}");
        }
        for announced in [len - 1, len / 2, 200, 0] {
            let error = pass(Source::stream(stream(), Some(announced))).unwrap_err();
            assert!(
                matches!(error, Error::Changed { .. } | Error::Truncated { .. }),
                "{announced} of {len}: {error}"
            );
        }
    }
}

#[test]
fn a_file_that_shrinks_or_grows_while_it_is_read_is_never_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("original");
    let mut holey = disk(Pattern::Full, 1 << 20, 1);
    holey[300_000..900_000].fill(0);
    for bytes in [image(1 << 20, 0).image, holey] {
        for change in [-1, -70_000, 1, 70_000_i64] {
            std::fs::write(&path, &bytes).unwrap();
            let source = Source::file(&path).unwrap();
            let len = u64::try_from(bytes.len() as i64 + change).unwrap();
            std::fs::File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(len)
                .unwrap();
            let error = pass(source).map(|_| ()).expect_err("the file has changed");
            let code = if change < 0 {
                "original-truncated"
            } else {
                "original-changed"
            };
            assert_eq!(error.code(), code, "{change}: {error}");
        }
    }
}

#[test]
fn holes_of_a_local_raw_file_are_zeros() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw");
    for (data, size) in [
        (&[][..], 3 << 20),
        (&[0, 5 << 20], 9 << 20),
        (&[1 << 20, 2 << 20], (2 << 20) + 4096),
    ] {
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(size).unwrap();
        for at in data {
            std::os::unix::fs::FileExt::write_all_at(&file, &[7; 4096], *at).unwrap();
        }
        let expected = digests_of(&std::fs::read(&path).unwrap());
        let reading = pass(Source::file(&path).unwrap()).unwrap();
        assert_eq!(
            (reading.file.size, disk_digests(&reading)),
            (size, expected)
        );
    }
}

/// Gives bytes again that are not what passed, or fails.
struct Again {
    bytes: Arc<Vec<u8>>,
    trouble: Trouble,
}

#[derive(Clone, Copy)]
enum Trouble {
    Flipped,
    Short,
    Fails,
}

impl ReadAt for Again {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let got = Shared(self.bytes.clone()).read_at(buf, offset)?;
        match self.trouble {
            Trouble::Flipped => buf[got - 1] ^= 1,
            Trouble::Short => return Ok(got - 1),
            Trouble::Fails => return Err(io::Error::other(Dead)),
        }
        Ok(got)
    }
}

#[test]
fn bytes_that_are_not_the_same_on_the_second_reading_are_never_used() {
    let made = image(48 << 20, 100);
    let bytes = Arc::new(made.image);
    let read = |trouble| {
        let again = Arc::new(Again {
            bytes: bytes.clone(),
            trouble,
        });
        pass(Source::ranged(
            io::Cursor::new(Shared(bytes.clone())),
            bytes.len() as u64,
            again,
        ))
    };
    assert!(matches!(read(Trouble::Flipped), Err(Error::Changed { .. })));
    assert!(matches!(read(Trouble::Short), Err(Error::Changed { .. })));
    assert_dead(read(Trouble::Fails), "reading again");
    // The same image needs no second reading when it is what it says.
    assert_eq!(
        disk_digests(&pass(source(Way::Ranged, &bytes)).unwrap()),
        digests_of(&made.disk)
    );
}

/// Two clusters of the disk that are the same bytes of the file, far from each other: QEMU reads it, and so do we where
/// the file can be read again. A stream that has passed cannot give it, and says so.
#[test]
fn bytes_used_twice_far_apart_need_random_access() {
    let mut made = image(48 << 20, 0);
    let table =
        u64::from_be_bytes(made.image[0x20000..0x20008].try_into().unwrap()) as usize & 0xff_ffff;
    let entry = |n: usize| table + n * 8;
    let plain = |image: &[u8], n: usize| {
        let word = u64::from_be_bytes(image[entry(n)..entry(n) + 8].try_into().unwrap());
        word & 1 << 62 == 0 && word & 1 == 0 && word & 0xff_ffff_ffff != 0
    };
    let first = (0..700).find(|n| plain(&made.image, *n)).unwrap();
    let last = (600..767).rev().find(|n| plain(&made.image, *n)).unwrap();
    made.image
        .copy_within(entry(first)..entry(first) + 8, entry(last));
    made.disk
        .copy_within(first << 16..(first + 1) << 16, last << 16);
    let bytes = Arc::new(made.image);
    assert_eq!(
        disk_digests(&pass(source(Way::Ranged, &bytes)).unwrap()),
        digests_of(&made.disk)
    );
    let error = pass(source(Way::Pipe, &bytes)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Refused {
                refusal: Refusal::NeedsRandomAccess { .. }
            }
        ),
        "{error}"
    );
}

#[test]
fn a_folder_is_no_original() {
    assert!(Source::file(std::env::temp_dir().as_path()).is_err());
    assert!(Source::file(std::path::Path::new("/nowhere/at/all")).is_err());
}
