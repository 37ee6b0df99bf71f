//! Any disk, in any pieces, by any options: `qemu-img` and ectype read it back.

use disk::write::{Compression, Image};
use proptest::prelude::*;

use crate::made::{Pieces, qcow2, write, zlib, zstd};
use crate::oracle::assert_good;
use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{Way, is_disk, lean_pass};

fn compressions() -> impl Strategy<Value = Compression> {
    prop_oneof![
        Just(Compression::None),
        (1..=12).prop_map(zlib),
        (1..=9).prop_map(zstd),
    ]
}

fn patterns() -> impl Strategy<Value = Pattern> {
    prop_oneof![
        Just(Pattern::Islands),
        Just(Pattern::Full),
        Just(Pattern::Ends)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_disk_is_read_back_as_it_was(
        bits in 9_u32..=21, compression in compressions(), pattern in patterns(), size in 0_u64..3_000_000, seed in any::<u64>(),
        workers in 1_usize..4, known in any::<bool>(),
    ) {
        let Some(bench) = Bench::new("any_disk_is_read_back_as_it_was") else {
            return Ok(());
        };
        let bytes = disk(pattern, size, seed);
        let pieces = if known { Pieces::Any(seed) } else { Pieces::Unknown(seed) };
        let image = qcow2(1 << bits, compression);
        write(&bench.path("image"), &bytes, image, workers, pieces);
        assert_good(&bench, "image", "qcow2", &bytes, &format!("{image:?} {pattern:?} {size} {seed}"));
        let mut padded = bytes;
        padded.resize(padded.len().next_multiple_of(512), 0);
        for way in [Way::File, Way::Pipe] {
            let reading = lean_pass(way.open(&bench.path("image"))).unwrap();
            prop_assert!(is_disk(&reading, &padded), "{:?}", way);
        }
        write(&bench.path("raw"), &padded, Image::Raw, 1, pieces);
        prop_assert!(std::fs::read(bench.path("raw")).unwrap() == padded);
    }
}
