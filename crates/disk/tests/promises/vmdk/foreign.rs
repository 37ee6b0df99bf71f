//! Images as other writers make them: the directory at the end, grains in any order, grains of zeros, without markers.

use std::sync::Arc;

use proptest::prelude::*;

use super::raw;
use super::writer::{Made, Order, SPARSE, STREAM, Shape, Tables, make};
use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, Way, assert_disk, digests_of, is_disk, lean_pass, pass, source};

fn shapes() -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (grain, entries) in [(128, 512), (8, 512), (16, 4), (1, 128), (128, 1)] {
        for tables in [Tables::Front, Tables::BehindTheirGrains, Tables::Behind] {
            for (compressed, markers) in [(false, false), (true, true), (true, false)] {
                for zeroed in [false, true] {
                    let shape = Shape {
                        version: 1 + shapes.len() as u32 % 3,
                        grain,
                        entries,
                        compressed,
                        markers,
                        tables,
                        zeroed,
                        padded: shapes.len() % 2 == 0,
                        lean: shapes.len() % 3 == 0,
                        order: Order::Disk,
                    };
                    shapes.push(shape);
                }
            }
        }
    }
    shapes
}

/// Whether a stream that passes once can give it: at the end only markers tell.
fn streams(shape: Shape) -> bool {
    shape.tables == Tables::Front
        || (shape.compressed && shape.markers && shape.order == Order::Disk)
}

/// Every way gives `disk`, except that one which passes once may need another.
fn assert_gives(made: &Made, shape: Shape, disk: &[u8]) {
    let bytes = Arc::new(made.image.clone());
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        match lean_pass(source(way, &bytes)) {
            Ok(reading) => {
                assert!(way == Way::Ranged || streams(shape), "{shape:?}, {way:?}");
                assert!(is_disk(&reading, disk), "{shape:?}, {way:?}");
            }
            Err(error) => {
                assert_eq!(
                    error.code(),
                    "needs-random-access",
                    "{shape:?}, {way:?}: {error}"
                );
                assert!(way != Way::Ranged && !streams(shape), "{shape:?}, {way:?}");
            }
        }
    }
}

#[test]
fn images_of_other_writers_decode_like_qemu() {
    let test = "images_of_other_writers_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let shapes = shapes();
    for (seed, shape) in (0..).zip(&shapes) {
        let size = [200 << 10, (1 << 20) + 512, (3 << 20) - 1536][seed as usize % 3];
        let pattern = if seed % 2 == 0 {
            Pattern::Islands
        } else {
            Pattern::Ends
        };
        // QEMU gives the decoder of a grain without a marker one grain's length, which noise does not fit in.
        let mut bytes = disk(pattern, size, seed);
        if shape.compressed && !shape.markers {
            bytes.iter_mut().for_each(|byte| *byte &= 3);
        }
        let made = make(&bytes, *shape);
        bench.file("image", &made.image);
        let by_qemu = bench.sums(&raw(&bench, "image"));
        assert_eq!(by_qemu, (size, digests_of(&bytes)), "{shape:?} in qemu");
        if streams(*shape) {
            assert_disk(
                &bench.path("image"),
                size,
                &by_qemu.1,
                &format!("{shape:?}"),
            );
        } else {
            assert_gives(&made, *shape, &bytes);
        }
    }
    eprintln!("{test}: {} images", shapes.len());
}

#[test]
fn grains_out_of_order_decode_like_qemu_where_the_file_can_be_read_again() {
    let test = "grains_out_of_order_decode_like_qemu_where_the_file_can_be_read_again";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let bytes = disk(Pattern::Islands, (9 << 20) + 512, 7);
    for order in [Order::Backwards, Order::Shuffled(3), Order::LastSwapped] {
        for shape in [
            Shape { order, ..STREAM },
            Shape {
                order,
                entries: 16,
                padded: true,
                zeroed: true,
                ..STREAM
            },
            Shape {
                order,
                tables: Tables::Behind,
                lean: false,
                ..STREAM
            },
            Shape {
                order,
                tables: Tables::Front,
                ..STREAM
            },
            Shape { order, ..SPARSE },
        ] {
            let made = make(&bytes, shape);
            bench.file("image", &made.image);
            let by_qemu = bench.sums(&raw(&bench, "image"));
            assert_eq!(by_qemu.1, digests_of(&bytes), "{shape:?} in qemu");
            assert_gives(&made, shape, &bytes);
            let reading = pass(Way::File.open(&bench.path("image"))).unwrap();
            assert_eq!(crate::ways::disk_digests(&reading), by_qemu.1, "{shape:?}");
        }
    }
}

#[test]
fn a_stream_larger_than_the_window_is_decoded_as_it_comes() {
    let bytes = disk(Pattern::Full, (70 << 20) + 512, 11);
    for shape in [
        STREAM,
        Shape {
            tables: Tables::Behind,
            ..STREAM
        },
    ] {
        assert_gives(&make(&bytes, shape), shape, &bytes);
    }
    let shape = Shape {
        order: Order::LastSwapped,
        ..STREAM
    };
    assert_gives(&make(&bytes, shape), shape, &bytes);
}

#[test]
fn a_packed_vmdk_gives_its_disk() {
    let Some(bench) = Bench::with(
        "a_packed_vmdk_gives_its_disk",
        &["gzip", "xz", "zstd", "bzip2"],
    ) else {
        return;
    };
    let bytes = disk(Pattern::Islands, (2 << 20) + 512, 9);
    for shape in [STREAM, SPARSE] {
        bench.file("image", &make(&bytes, shape).image);
        for tool in ["gzip", "xz", "zstd", "bzip2"] {
            bench.file("packed", &bench.run(&[tool, "-k", "-c", "image"]));
            for way in WAYS {
                let reading = pass(way.open(&bench.path("packed"))).unwrap();
                assert_eq!(reading.format, disk::Format::Vmdk);
                assert_eq!(
                    crate::ways::disk_digests(&reading),
                    digests_of(&bytes),
                    "{tool}, {way:?}"
                );
            }
        }
    }
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let order = prop_oneof![
        Just(Order::Disk),
        Just(Order::Backwards),
        any::<u64>().prop_map(Order::Shuffled)
    ];
    let tables = prop_oneof![
        Just(Tables::Front),
        Just(Tables::BehindTheirGrains),
        Just(Tables::Behind)
    ];
    (1_u32..=3, 0_u32..=7, 1_usize..=64, flags, order, tables).prop_map(
        |(version, grain, entries, (compressed, markers, zeroed, padded, lean), order, tables)| {
            Shape {
                version,
                grain: 1 << grain,
                entries,
                compressed,
                markers: markers && compressed,
                tables,
                order,
                zeroed,
                padded,
                lean,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_vmdk_gives_its_disk_by_every_way(shape in any_shape(), sectors in 1_u64..2000, seed in any::<u64>()) {
        let mut bytes = disk(Pattern::Islands, sectors * 512, seed);
        if shape.compressed && !shape.markers {
            // Noise would not fit into one grain's length.
            bytes.iter_mut().for_each(|byte| *byte &= 1);
        }
        let grain = shape.grain * 512;
        let written = bytes.chunks(grain).filter(|chunk| chunk.iter().any(|byte| *byte != 0)).count();
        // A disk of one grain is in order, however it was shuffled.
        let shape = if written < 2 { Shape { order: Order::Disk, ..shape } } else { shape };
        let made = make(&bytes, shape);
        let bytes_of = Arc::new(made.image.clone());
        for way in [Way::Pipe, Way::Announced, Way::Ranged] {
            match lean_pass(source(way, &bytes_of)) {
                Ok(reading) => prop_assert!(is_disk(&reading, &bytes), "{:?}", way),
                Err(error) => prop_assert!(way != Way::Ranged && error.code() == "needs-random-access", "{way:?}: {error}"),
            }
        }
    }
}
