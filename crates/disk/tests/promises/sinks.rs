//! Sinks: what a layer's bytes go into.

use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use disk::{Cancel, Contents, Ends, Error, Layer, Output, Reading, Sink, read};

use crate::pattern::{Pattern, disk};
use crate::ways::{WAYS, Way, source, wanted};
use crate::writer::{Plan, make};

/// What came, and what was announced.
#[derive(Default)]
struct Seen {
    announced: Option<Option<u64>>,
    bytes: Vec<u8>,
    finished: bool,
}

/// Keeps what comes; fails after so many bytes.
struct Keep {
    seen: Arc<Mutex<Seen>>,
    room: usize,
}

impl Sink for Keep {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        let before = self.seen.lock().unwrap().announced.replace(size);
        assert!(before.is_none(), "a sink begins once");
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        let mut seen = self.seen.lock().unwrap();
        assert!(seen.announced.is_some(), "bytes came before the beginning");
        if seen.bytes.len() + bytes.len() > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        seen.bytes.extend_from_slice(&bytes);
        Ok(())
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.data(Bytes::from(vec![0; len as usize]))
    }

    fn finish(self: Box<Self>) -> io::Result<Contents> {
        self.seen.lock().unwrap().finished = true;
        Ok(Contents::default())
    }
}

fn pass(
    way: Way,
    file: &Arc<Vec<u8>>,
    layer: Layer,
    room: usize,
) -> (Result<Reading, Error>, Arc<Mutex<Seen>>) {
    let seen = Arc::<Mutex<Seen>>::default();
    let sink = Box::new(Keep {
        seen: seen.clone(),
        room,
    });
    let ends = Ends {
        output: Some(Output { sink, layer }),
        ..Ends::default()
    };
    let result = read(
        source(way, file),
        &wanted(),
        ends,
        &Arc::default(),
        &Cancel::default(),
    );
    (result, seen)
}

fn qcow2(size: u64) -> (Vec<u8>, Vec<u8>) {
    let plan = Plan {
        version: 3,
        cluster_bits: 16,
        zstd: false,
        subclusters: false,
        size,
        seed: 5,
        disorder: 3,
        sparse: 4,
    };
    let made = make(&plan);
    (made.image, made.disk)
}

#[test]
fn a_sink_gets_every_byte_of_its_layer_and_is_handed_back_unfinished() {
    let raw = disk(Pattern::Islands, (1 << 20) + 512, 8);
    let (image, inside) = qcow2((2 << 20) + 1024);
    let packed = zstd::encode_all(&image[..], 1).unwrap();
    for (file, unpacked, inside) in [
        (raw.clone(), raw.clone(), raw),
        (image.clone(), image.clone(), inside.clone()),
        (packed, image, inside),
    ] {
        let file = Arc::new(file);
        for way in WAYS.into_iter().filter(|way| *way != Way::File) {
            for (layer, expected) in [
                (Layer::File, &*file),
                (Layer::Unpacked, &unpacked),
                (Layer::Disk, &inside),
            ] {
                let (reading, seen) = pass(way, &file, layer, usize::MAX);
                let what = format!("{way:?} {layer:?}");
                let sink = reading.expect(&what).sink.expect(&what);
                assert!(seen.lock().unwrap().bytes == *expected, "{what}");
                assert!(!seen.lock().unwrap().finished, "{what}");
                if let Some(Some(size)) = seen.lock().unwrap().announced {
                    assert_eq!(size, expected.len() as u64, "{what}");
                }
                sink.finish().unwrap();
                assert!(seen.lock().unwrap().finished, "{what}");
            }
        }
    }
}

#[test]
fn a_sink_that_fails_ends_the_pass_and_is_never_finished() {
    let (image, _) = qcow2(2 << 20);
    let image = Arc::new(image);
    for layer in [Layer::File, Layer::Unpacked, Layer::Disk] {
        let (result, seen) = pass(Way::Pipe, &image, layer, 100_000);
        let error = result.expect_err("a full sink");
        assert_eq!(error.code(), "output-failed", "{layer:?}: {error}");
        assert!(!seen.lock().unwrap().finished);
    }
}
