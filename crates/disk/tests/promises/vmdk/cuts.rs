//! A truncated VMDK is an error, always.

use std::sync::Arc;

use super::convert;
use super::writer::{Order, SPARSE, STREAM, Shape, Tables, make};
use crate::pattern::{Dice, Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, Way, is_disk, lean_pass, source};

/// Offsets around the file's parts and anywhere.
fn cuts(len: usize) -> Vec<usize> {
    let mut dice = Dice::new(len as u64);
    let mut cuts: Vec<usize> = vec![4, 5, 70, 78, 79, 511, 512, 513, 1000];
    for n in 0..24 {
        cuts.extend([n * 512, (n * 512 + 12), len.saturating_sub(n * 512 + 1)]);
        cuts.extend([len.saturating_sub(n * 512), len.saturating_sub(n * 13 + 1)]);
    }
    cuts.extend((0..40).map(|_| dice.below(len as u64) as usize));
    cuts.retain(|cut| *cut < len && *cut > 4);
    cuts
}

/// A cut file is truncated, unless what it has lost is padding behind the last grain.
fn check(image: &[u8], needed: usize, disk: &[u8], what: &str, seekable_only: bool) {
    for cut in cuts(image.len()) {
        let bytes = Arc::new(image[..cut].to_vec());
        for way in [Way::Pipe, Way::Announced, Way::Ranged] {
            let what = format!("{what}, cut at {cut} of {}, {way:?}", image.len());
            match lean_pass(source(way, &bytes)) {
                Ok(reading) => {
                    assert!(cut >= needed, "{what}: read in spite of it");
                    assert!(is_disk(&reading, disk), "{what}");
                }
                Err(error) if error.code() == "needs-random-access" => {
                    assert!(seekable_only && way != Way::Ranged, "{what}: {error}");
                }
                Err(error) => {
                    assert_eq!(error.code(), "original-truncated", "{what}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_vmdk_cut_anywhere_is_truncated() {
    let bytes = disk(Pattern::Islands, (1 << 20) + 512, 5);
    for shape in [
        STREAM,
        Shape {
            tables: Tables::Behind,
            entries: 4,
            padded: true,
            ..STREAM
        },
        Shape {
            order: Order::Shuffled(1),
            ..STREAM
        },
        Shape {
            order: Order::Backwards,
            tables: Tables::Behind,
            ..STREAM
        },
    ] {
        let made = make(&bytes, shape);
        let seekable_only = shape.order != Order::Disk;
        check(
            &made.image,
            made.image.len(),
            &bytes,
            &format!("{shape:?}"),
            seekable_only,
        );
    }
    for shape in [
        SPARSE,
        Shape { grain: 8, ..SPARSE },
        Shape {
            tables: Tables::Front,
            ..STREAM
        },
        Shape {
            order: Order::Backwards,
            ..SPARSE
        },
    ] {
        let made = make(&bytes, shape);
        let last = made.image.len() - 511;
        check(&made.image, last, &bytes, &format!("{shape:?}"), false);
    }
}

#[test]
fn a_vmdk_of_qemu_cut_anywhere_is_truncated() {
    let Some(bench) = Bench::new("a_vmdk_of_qemu_cut_anywhere_is_truncated") else {
        return;
    };
    let bytes = disk(Pattern::Full, 700 << 10, 2);
    bench.file("disk", &bytes);
    for subformat in ["monolithicSparse", "streamOptimized"] {
        let image = std::fs::read(convert(&bench, subformat, "")).unwrap();
        // The last grain of a sparse image is longer than what is left of the disk.
        let needed = image.len() - (64 << 10);
        check(&image, needed, &bytes, subformat, false);
        for cut in cuts(image.len()).into_iter().filter(|cut| *cut < needed) {
            bench.file("cut", &image[..cut]);
            for way in WAYS {
                let error = lean_pass(way.open(&bench.path("cut"))).unwrap_err();
                assert_eq!(
                    error.code(),
                    "original-truncated",
                    "{subformat}, {cut}: {error}"
                );
            }
        }
    }
}

#[test]
fn a_stream_without_its_end_marker_or_with_more_behind_it_is_no_answer() {
    let bytes = disk(Pattern::Islands, 1 << 20, 5);
    let image = make(&bytes, STREAM).image;
    for (more, code) in [
        (1, "original-corrupt"),
        (512, "original-corrupt"),
        (70_000, "original-corrupt"),
    ] {
        let longer = Arc::new([image.clone(), vec![0; more]].concat());
        for way in [Way::Pipe, Way::Announced, Way::Ranged] {
            let error = lean_pass(source(way, &longer)).unwrap_err();
            assert_eq!(error.code(), code, "{more}, {way:?}: {error}");
        }
    }
}
