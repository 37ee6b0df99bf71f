//! A cancelled pass ends, whatever it waits for at that moment.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use disk::{Algorithms, Cancel, Ends, Error, Layer, Source, Stored, read};

use crate::pattern::{Pattern, disk};
use crate::ways::wanted;
use crate::writer::{Plan, make};

/// Gives its bytes, says so, and then nothing more for ever.
struct Blocked {
    bytes: io::Cursor<Vec<u8>>,
    reached: Sender<()>,
    never: Receiver<()>,
}

impl Blocked {
    fn after(bytes: Vec<u8>) -> (Self, Receiver<()>, Sender<()>) {
        let (reached, there) = channel();
        let (keep, never) = channel();
        (
            Self {
                bytes: io::Cursor::new(bytes),
                reached,
                never,
            },
            there,
            keep,
        )
    }
}

impl Read for Blocked {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        match self.bytes.read(space)? {
            0 => {
                let _ = self.reached.send(());
                let _ = self.never.recv();
                Ok(0)
            }
            n => Ok(n),
        }
    }
}

/// Runs a pass, cancels it when `reached` says so, and asserts that it ends.
fn assert_cancelled(source: Source, stored: Option<Stored>, reached: &Receiver<()>, what: &str) {
    let cancel = Cancel::default();
    let (done, result) = channel();
    let flag = cancel.clone();
    std::thread::spawn(move || {
        let result = read(
            source,
            &wanted(),
            Ends {
                stored,
                output: None,
            },
            &Arc::default(),
            &flag,
        );
        let _ = done.send(result);
    });
    reached.recv().unwrap();
    cancel.cancel();
    // Only a bound on a test that would otherwise hang.
    let result = result
        .recv_timeout(Duration::from_secs(60))
        .unwrap_or_else(|_| panic!("{what}: still running"));
    assert!(
        matches!(result, Err(Error::Cancelled)),
        "{what}: {result:?}"
    );
}

fn image(size: u64) -> Vec<u8> {
    make(&Plan {
        version: 3,
        cluster_bits: 16,
        zstd: false,
        subclusters: false,
        size,
        seed: 3,
        disorder: 0,
        sparse: 50,
    })
    .image
}

#[test]
fn a_source_that_never_answers_does_not_hold_up_a_cancelled_pass() {
    let good = image(2 << 20);
    let raw = disk(Pattern::Full, 2 << 20, 1);
    for (name, bytes) in [
        ("nothing", vec![]),
        ("some raw", raw[..1_000_000].to_vec()),
        ("a header", good[..65_536].to_vec()),
        ("half an image", good[..good.len() / 2].to_vec()),
        ("a whole image", good),
    ] {
        let (stream, reached, _keep) = Blocked::after(bytes);
        assert_cancelled(Source::stream(stream, None), None, &reached, name);
    }
}

#[test]
fn stored_bytes_that_never_answer_do_not_hold_up_a_cancelled_pass() {
    let good = Arc::new(image(2 << 20));
    let raw = Arc::new(disk(Pattern::Full, 2 << 20, 1));
    for original in [good, raw] {
        for layer in [Layer::File, Layer::Unpacked, Layer::Disk] {
            for given in [0, 100_000] {
                let (bytes, reached, _keep) = Blocked::after(vec![0; given]);
                let stored = Stored {
                    bytes: Box::new(bytes),
                    layer,
                    digests: Algorithms::NONE,
                    prefix: false,
                };
                let source = crate::ways::source(crate::ways::Way::Pipe, &original);
                assert_cancelled(
                    source,
                    Some(stored),
                    &reached,
                    &format!("{layer:?} after {given}"),
                );
            }
        }
    }
}

/// Zeros without end; says when some have been read.
struct Endless(Sender<()>);

impl Read for Endless {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        space.fill(0);
        let _ = self.0.send(());
        Ok(space.len())
    }
}

#[test]
fn a_stream_without_end_can_be_cancelled() {
    let (seen, reached) = channel();
    assert_cancelled(
        Source::stream(Endless(seen), None),
        None,
        &reached,
        "endless raw",
    );
    let (seen, reached) = channel();
    let endless = io::Cursor::new(image(2 << 20)).chain(Endless(seen));
    assert_cancelled(
        Source::stream(endless, None),
        None,
        &reached,
        "endless bytes after an image",
    );
}

#[test]
fn a_hole_of_a_tebibyte_does_not_hold_up_a_cancelled_pass() {
    let plan = Plan {
        version: 3,
        cluster_bits: 21,
        zstd: false,
        subclusters: false,
        size: 0,
        seed: 3,
        disorder: 0,
        sparse: 1,
    };
    let mut bytes = make(&plan).image;
    bytes.resize(4 << 21, 0);
    bytes[24..32].copy_from_slice(&(1_u64 << 40).to_be_bytes());
    bytes[36..40].copy_from_slice(&2_u32.to_be_bytes());
    bytes[40..48].copy_from_slice(&(2_u64 << 21).to_be_bytes());
    let (stream, reached, _keep) = Blocked::after(bytes.clone());
    assert_cancelled(
        Source::stream(stream, Some(bytes.len() as u64)),
        None,
        &reached,
        "an empty qcow2 disk",
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw");
    std::fs::File::create(&path)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let (seen, reached) = channel();
    seen.send(()).unwrap();
    assert_cancelled(
        Source::file(&path).unwrap(),
        None,
        &reached,
        "an empty raw disk",
    );
}
