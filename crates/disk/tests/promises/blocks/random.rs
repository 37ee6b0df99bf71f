//! Random histories of writes by `qemu-io`: every way of reading gives the disk that `qemu-img convert` gives.

use proptest::prelude::*;

use super::{RECIPES, assert_like_qemu};
use crate::qemu::Bench;

fn write() -> impl Strategy<Value = String> {
    let place = (0_u64..9000, 1_u64..900, any::<u8>(), 0_u8..8);
    place.prop_map(|(at, sectors, byte, kind)| match kind {
        0 => format!("write -z {at}k {}k", sectors.div_ceil(2)),
        1 => format!("discard {}M 1M", at / 1024),
        2 => format!("write -P 0 {at}k 1k"),
        _ => format!("write -P {byte} {at}k {}", sectors * 512),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_writes_decode_like_qemu(
        recipe in prop::sample::select(RECIPES.to_vec()),
        writes in prop::collection::vec(write(), 0..24),
        extra in 0_u64..8,
    ) {
        let Some(bench) = Bench::new("random_writes_decode_like_qemu") else {
            return Ok(());
        };
        let (format, options) = recipe;
        let size = ((10 << 20) + extra * 512).to_string();
        bench.run(&["qemu-img", "create", "-q", "-f", format, "-o", options, "image", &size]);
        let mut line = vec!["qemu-io", "-f", format];
        for command in &writes {
            line.extend(["-c", command]);
        }
        line.push("image");
        // What a format cannot do (discard) is refused by qemu-io; the history goes on.
        bench.try_run(&line);
        assert_like_qemu(&bench, format, "image", &format!("{recipe:?} {size} {writes:?}"));
    }
}
