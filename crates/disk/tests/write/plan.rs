//! A qcow2 as a stream: measured first, then written forward only, the same bytes as a file.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use disk::write::{Compression, Image, Workers, qcow2, raw, vmdk};
use disk::{Contents, Sink};

use crate::made::{self, Pieces, pour, sha512, write, zlib, zstd};
use crate::oracle::assert_good;
use crate::pattern::{Dice, Pattern, disk};
use crate::qemu::Bench;
use crate::ways::digests_of;

/// Where a stream goes.
#[derive(Clone, Default)]
struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn plan(options: qcow2::Options, disk: &[u8], pieces: Pieces) -> Arc<qcow2::Plan> {
    let (mut sink, measured) = qcow2::measure(options, Workers::Exactly(2));
    assert!(measured.plan().is_none());
    pour(&mut *sink, disk, pieces).unwrap();
    assert!(measured.plan().is_none());
    sink.finish().unwrap();
    measured.plan().unwrap()
}

fn options(cluster: u64, compression: Compression) -> qcow2::Options {
    qcow2::Options::new(cluster, compression).unwrap()
}

fn ended(mut sink: Box<dyn Sink>, disk: &[u8], pieces: Pieces) -> io::Result<Contents> {
    pour(&mut *sink, disk, pieces)?;
    sink.finish()
}

#[test]
fn a_measured_stream_is_the_file_and_has_the_size_that_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    for (seed, pattern) in (1..).zip([Pattern::Islands, Pattern::Full, Pattern::Empty]) {
        for (cluster, compression) in [
            (512, zlib(6)),
            (4 << 10, Compression::None),
            (64 << 10, zlib(6)),
            (64 << 10, zstd(3)),
            (2 << 20, zlib(1)),
        ] {
            let what = format!("{pattern:?} {cluster} {compression:?}");
            let bytes = disk(pattern, (7 << 20) + 513, seed);
            let options = options(cluster, compression);
            write(&path, &bytes, Image::Qcow2(options), 2, Pieces::One);
            let file = std::fs::read(&path).unwrap();
            for pieces in [Pieces::Any(seed), Pieces::Unknown(seed)] {
                let plan = plan(options, &bytes, pieces);
                assert_eq!(plan.file_size(), file.len() as u64, "{what}");
                let pipe = Pipe::default();
                let sink = plan.stream(pipe.clone(), sha512(), Workers::Exactly(3));
                let contents = ended(sink, &bytes, pieces).unwrap();
                assert!(*pipe.0.lock().unwrap() == file, "{what} {pieces:?}");
                assert_eq!(contents.size, file.len() as u64, "{what}");
                let digest = contents.digests.iter().next().unwrap().to_string();
                assert_eq!(digest, digests_of(&file)[2], "{what}");
            }
        }
    }
}

/// Compressed clusters leave a gap behind which more whole ones come than are held.
#[test]
fn a_gap_before_much_that_does_not_become_smaller_is_given_up_and_all_is_good() {
    let test = "a_gap_before_much_that_does_not_become_smaller_is_given_up_and_all_is_good";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let mut dice = Dice::new(11);
    for cluster in [4 << 10, 64 << 10, 2 << 20] {
        let mut bytes = vec![0; 24 << 20];
        let mut at = 0;
        for (len, noise) in [
            (200_000, false),
            (9 << 20, true),
            (90_000, false),
            (3 << 20, true),
            (5 << 20, false),
        ] {
            let piece = &mut bytes[at..at + len];
            if noise {
                dice.noise(piece);
            } else {
                dice.text(piece);
            }
            at += len;
        }
        let options = options(cluster, zlib(1));
        write(
            &bench.path("image"),
            &bytes,
            Image::Qcow2(options),
            2,
            Pieces::One,
        );
        assert_good(&bench, "image", "qcow2", &bytes, &format!("{cluster}"));
        let plan = plan(options, &bytes, Pieces::One);
        let pipe = Pipe::default();
        let sink = plan.stream(pipe.clone(), sha512(), Workers::Exactly(2));
        ended(sink, &bytes, Pieces::One).unwrap();
        let file = std::fs::read(bench.path("image")).unwrap();
        assert!(*pipe.0.lock().unwrap() == file, "{cluster}");
    }
}

#[test]
fn another_disk_than_the_measured_one_fails_before_the_last_bytes() {
    let bytes = disk(Pattern::Islands, 4 << 20, 5);
    for compression in [Compression::None, zlib(6), zstd(3)] {
        let plan = plan(options(64 << 10, compression), &bytes, Pieces::One);
        let mut noisy = bytes.clone();
        let at = noisy.iter().rposition(|byte| *byte != 0).unwrap();
        noisy[at] ^= 1;
        let mut more = bytes.clone();
        more.extend([0; 512]);
        let mut other = bytes.clone();
        other[..100_000].fill(0);
        let less = bytes[..3 << 20].to_vec();
        for (disk, pieces) in [
            (&noisy, Pieces::One),
            (&more, Pieces::One),
            (&more, Pieces::Unknown(1)),
            (&less, Pieces::Unknown(1)),
            (&other, Pieces::Any(1)),
            (&vec![0; 4 << 20], Pieces::One),
        ] {
            let pipe = Pipe::default();
            let sink = plan.stream(pipe.clone(), sha512(), Workers::Exactly(2));
            let error = ended(sink, disk, pieces).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
            let came = pipe.0.lock().unwrap().len() as u64;
            assert!(came < plan.file_size(), "{came}");
        }
    }
}

#[test]
fn raw_and_vmdk_go_into_a_pipe_as_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    let bytes = disk(Pattern::Islands, (3 << 20) + 100, 6);
    for image in [Image::Raw, made::vmdk()] {
        write(&path, &bytes, image, 2, Pieces::One);
        let file = std::fs::read(&path).unwrap();
        let pipe = Pipe::default();
        let sink = match image {
            Image::Raw => raw::stream(pipe.clone(), sha512()),
            _ => vmdk::stream(
                pipe.clone(),
                vmdk::Options::default(),
                sha512(),
                Workers::Cores,
            ),
        };
        let contents = ended(sink, &bytes, Pieces::Any(3)).unwrap();
        assert!(*pipe.0.lock().unwrap() == file, "{image:?}");
        let digest = contents.digests.iter().next().unwrap().to_string();
        assert_eq!(digest, digests_of(&file)[2], "{image:?}");
    }
    let unknown = vmdk::stream(
        Pipe::default(),
        vmdk::Options::default(),
        sha512(),
        Workers::Cores,
    );
    let error = ended(unknown, &bytes, Pieces::Unknown(1)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
