//! Stored bytes beside the original: equal, or different and where.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use disk::limits::{DIFFERENCE_GAP, MAX_DIFFERENCES};
use disk::{Algorithm, Cancel, Comparison, Ends, Error, Layer, Stored, read};

use crate::pattern::{Pattern, disk};
use crate::ways::{Way, algorithms, digests_of, source, wanted};
use crate::writer::{Plan, make};

/// An original, and the bytes of each of its layers.
struct Original {
    file: Arc<Vec<u8>>,
    unpacked: Vec<u8>,
    disk: Vec<u8>,
}

impl Original {
    fn layer(&self, layer: Layer) -> &[u8] {
        match layer {
            Layer::File => &self.file,
            Layer::Unpacked => &self.unpacked,
            Layer::Disk => &self.disk,
        }
    }

    fn compare(&self, layer: Layer, stored: &[u8], prefix: bool) -> Comparison {
        let stored = Stored {
            bytes: Box::new(io::Cursor::new(stored.to_vec())),
            layer,
            digests: algorithms(&[Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512]),
            prefix,
        };
        let source = source(Way::Pipe, &self.file);
        let reading = read(
            source,
            &wanted(),
            Ends {
                stored: Some(stored),
                output: None,
            },
            &Arc::default(),
            &Cancel::default(),
        )
        .unwrap();
        reading.comparison.unwrap()
    }
}

/// A raw original, a qcow2 one, and a packed one of each.
fn originals() -> Vec<Original> {
    let raw = disk(Pattern::Islands, (2 << 20) + 1024, 3);
    let plan = Plan {
        version: 3,
        cluster_bits: 16,
        zstd: true,
        subclusters: true,
        size: (2 << 20) + 1024,
        seed: 6,
        disorder: 9,
        sparse: 3,
    };
    let made = make(&plan);
    let pack = |bytes: &[u8]| Arc::new(zstd::bulk::compress(bytes, 1).unwrap());
    vec![
        Original {
            file: Arc::new(raw.clone()),
            unpacked: raw.clone(),
            disk: raw.clone(),
        },
        Original {
            file: pack(&raw),
            unpacked: raw.clone(),
            disk: raw,
        },
        Original {
            file: Arc::new(made.image.clone()),
            unpacked: made.image.clone(),
            disk: made.disk.clone(),
        },
        Original {
            file: pack(&made.image),
            unpacked: made.image,
            disk: made.disk,
        },
    ]
}

fn for_each_layer(mut check: impl FnMut(&Original, Layer)) {
    for original in originals() {
        for layer in [Layer::File, Layer::Unpacked, Layer::Disk] {
            check(&original, layer);
        }
    }
}

#[test]
fn equal_bytes_have_no_difference_at_any_layer() {
    for_each_layer(|original, layer| {
        let stored = original.layer(layer);
        let comparison = original.compare(layer, stored, false);
        assert!(
            comparison.differences.is_empty() && comparison.differences.ranges.is_empty(),
            "{layer:?}"
        );
        assert_eq!(comparison.stored.size, stored.len() as u64);
        let digests = Algorithm::ALL
            .iter()
            .filter_map(|a| comparison.stored.digests.get(*a))
            .map(ToString::to_string);
        assert_eq!(digests.collect::<Vec<_>>(), digests_of(stored), "{layer:?}");
    });
}

#[test]
fn one_flipped_byte_is_found_wherever_it_is() {
    for_each_layer(|original, layer| {
        let len = original.layer(layer).len();
        for at in [0, 1, len / 2, len - 1, (256 << 10) - 1, 256 << 10].map(|at| at.min(len - 1)) {
            let mut stored = original.layer(layer).to_vec();
            stored[at] ^= 0x10;
            let comparison = original.compare(layer, &stored, false);
            let at = at as u64;
            assert_eq!(
                comparison.differences.ranges,
                [at..at + 1],
                "{layer:?} at {at}"
            );
            assert_eq!(
                (comparison.differences.bytes, comparison.differences.more),
                (1, 0)
            );
            assert_eq!(comparison.differences.first(), Some(at));
        }
    });
}

#[test]
fn shorter_and_longer_stored_bytes_differ_from_the_end_of_the_shorter_on() {
    for_each_layer(|original, layer| {
        let whole = original.layer(layer);
        let len = whole.len() as u64;
        for short in [0, 1, whole.len() / 2, whole.len() - 1] {
            for prefix in [false, true] {
                let differences = original.compare(layer, &whole[..short], prefix).differences;
                assert_eq!(
                    differences.ranges,
                    [short as u64..len],
                    "{layer:?} cut to {short}"
                );
                assert_eq!(differences.bytes, len - short as u64);
            }
        }
        for more in [1, 700_000] {
            let long = [whole, &vec![0; more]].concat();
            let end = len + more as u64;
            let differences = original.compare(layer, &long, false).differences;
            assert_eq!(
                (differences.bytes, &differences.ranges[..]),
                (more as u64, &[len..end][..]),
                "{layer:?}"
            );
            let comparison = original.compare(layer, &long, true);
            assert!(
                comparison.differences.is_empty(),
                "{layer:?}: only the first part is asked for"
            );
            assert_eq!(comparison.stored.size, len, "{layer:?}");
        }
    });
}

fn differ(at: impl Iterator<Item = usize>) -> disk::Differences {
    let bytes = disk(Pattern::Full, 3 << 20, 9);
    let original = Original {
        file: Arc::new(bytes.clone()),
        unpacked: vec![],
        disk: vec![],
    };
    let mut stored = bytes;
    at.for_each(|at| stored[at] = !stored[at]);
    original.compare(Layer::Disk, &stored, false).differences
}

#[test]
fn differences_near_each_other_are_one_range() {
    let gap = DIFFERENCE_GAP as usize;
    let ranges = |at: &[usize]| differ(at.iter().copied()).ranges;
    let one = |range: Range<u64>| vec![range];
    assert_eq!(ranges(&[1000, 1001]), one(1000..1002));
    assert_eq!(
        ranges(&[1000, 1000 + gap + 1]),
        one(1000..1002 + gap as u64)
    );
    assert_eq!(
        ranges(&[1000, 1000 + gap + 2]),
        [1000..1001, 1002 + gap as u64..1003 + gap as u64]
    );
    let chunk = 256 << 10;
    assert_eq!(
        ranges(&[chunk - 1, chunk]),
        one(chunk as u64 - 1..chunk as u64 + 1)
    );
    assert_eq!(
        ranges(&[2 * chunk - 100, 2 * chunk + 100]),
        one(2 * chunk as u64 - 100..2 * chunk as u64 + 101)
    );
}

#[test]
fn listed_differences_are_limited_and_the_rest_counted() {
    let differences = differ((0..MAX_DIFFERENCES + 300).map(|n| n * 2000));
    assert_eq!(differences.ranges.len(), MAX_DIFFERENCES);
    assert_eq!(
        (differences.more, differences.bytes),
        (300, MAX_DIFFERENCES as u64 + 300)
    );
    assert!(differences.ranges.is_sorted_by(|a, b| a.end < b.start));
}

#[test]
fn stored_bytes_that_cannot_be_read_are_an_error_of_their_own() {
    struct Failing(usize);
    impl io::Read for Failing {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            let n = space.len().min(self.0);
            self.0 -= n;
            if n == 0 {
                Err(io::Error::from(io::ErrorKind::BrokenPipe))
            } else {
                Ok(n)
            }
        }
    }
    for_each_layer(|original, layer| {
        let len = original.layer(layer).len();
        for good in [0, len / 2, len] {
            let stored = Stored {
                bytes: Box::new(Failing(good)),
                layer,
                digests: algorithms(&[]),
                prefix: false,
            };
            let source = source(Way::Pipe, &original.file);
            let error = read(
                source,
                &wanted(),
                Ends {
                    stored: Some(stored),
                    output: None,
                },
                &Arc::default(),
                &Cancel::default(),
            )
            .unwrap_err();
            let Error::StoredIo { offset, source } = &error else {
                panic!("{layer:?}: {error}")
            };
            assert!(
                *offset <= len as u64 && source.kind() == io::ErrorKind::BrokenPipe,
                "{layer:?}: {offset}"
            );
        }
    });
}
