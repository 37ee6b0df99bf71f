//! Any image that the format allows gives its disk, whichever way it comes in and in whatever order it lies.

use std::sync::Arc;

use proptest::prelude::*;

use crate::qemu::Bench;
use crate::ways::{Way, assert_disk, digests_of, is_disk, lean_pass, source};
use crate::writer::{Plan, make};

fn plans(most_clusters: u64) -> impl Strategy<Value = Plan> {
    let shape = (2_u32..=3, 9_u32..=17, any::<bool>(), any::<bool>());
    let amount = (0..most_clusters, 0_u64..128, any::<u64>());
    (
        shape,
        amount,
        prop_oneof![Just(0_u64), Just(2), 0_u64..=100],
        1_u64..12,
    )
        .prop_map(
            |((version, bits, zstd, subclusters), (clusters, sectors, seed), disorder, sparse)| {
                Plan {
                    version,
                    cluster_bits: bits,
                    zstd: zstd && version == 3,
                    subclusters: subclusters && version == 3 && bits >= 14,
                    size: (clusters << bits) + sectors.min((1 << bits) / 512 - 1) * 512,
                    seed,
                    disorder,
                    sparse,
                }
            },
        )
}

fn check(plan: &Plan) -> Result<(), TestCaseError> {
    let made = make(plan);
    let image = Arc::new(made.image);
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        let reading = lean_pass(source(way, &image));
        let reading =
            reading.map_err(|e| TestCaseError::fail(format!("{way:?}: {} {e}", e.code())))?;
        prop_assert!(is_disk(&reading, &made.disk), "{:?}", way);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_image_gives_its_disk_by_every_way(plan in plans(60)) {
        check(&plan)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_image_larger_than_the_window_gives_its_disk_by_every_way(
        seed in any::<u64>(), disorder in 0_u64..=100, version in 2_u32..=3, zstd in any::<bool>(), bits in 13_u32..=17,
    ) {
        let zstd = zstd && version == 3;
        let plan = Plan {
            version, cluster_bits: bits, zstd, subclusters: version == 3 && bits > 15, size: 40 << 20, seed, disorder, sparse: 50,
        };
        check(&plan)?;
    }
}

/// The writer of these tests is itself held to what `qemu-img` reads.
#[test]
fn the_images_of_these_tests_are_what_qemu_takes_them_for() {
    let test = "the_images_of_these_tests_are_what_qemu_takes_them_for";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for seed in 0..24 {
        let plan = Plan {
            version: 2 + u32::from(seed % 6 > 0),
            cluster_bits: [9, 12, 14, 16][seed as usize % 4],
            zstd: seed % 6 > 2,
            subclusters: seed % 6 > 1 && seed % 4 > 1,
            size: seed * 70_656,
            seed,
            disorder: seed * 4,
            sparse: 5,
        };
        let made = make(&plan);
        let path = bench.file("image", &made.image);
        let (size, by_qemu) = bench.sums(&bench.raw("image"));
        assert_eq!(
            (size, &by_qemu),
            (plan.size, &digests_of(&made.disk)),
            "{plan:?}"
        );
        assert_disk(&path, size, &by_qemu, &format!("{plan:?}"));
    }
}

/// Clusters that `qemu-io` writes at random, as an oracle that knows nothing of the writer above.
#[test]
fn random_histories_of_qemu_io_decode_like_qemu() {
    let test = "random_histories_of_qemu_io_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for seed in 0..12 {
        let mut dice = crate::pattern::Dice::new(seed + 100);
        let options = [
            "",
            "compat=0.10",
            "extended_l2=on",
            "cluster_size=4k",
            "compression_type=zstd",
        ][seed as usize % 5];
        bench.create("image", options, 4 << 20);
        let script: Vec<String> = (0..40)
            .map(|n| {
                let (at, len) = (dice.below(3500), 1 + dice.below(300));
                match dice.below(6) {
                    0 => format!("write -z {at}k {len}k"),
                    1 => format!("write -z -u {at}k {len}k"),
                    2 => format!("discard {}k {}k", at / 64 * 64, len / 64 * 64 + 64),
                    3 if seed % 5 != 3 => format!("write -c -P {n} {}k 64k", at / 64 * 64),
                    _ => format!("write -P {n} {at}k {len}k"),
                }
            })
            .collect();
        // A compressed write where something lies already is refused by qemu; the history goes on.
        let mut line = vec!["qemu-io", "-f", "qcow2"];
        script
            .iter()
            .for_each(|command| line.extend(["-c", command]));
        line.push("image");
        bench.try_run(&line);
        bench.assert_like_qemu("image", &format!("{options} {script:?}"));
    }
}
