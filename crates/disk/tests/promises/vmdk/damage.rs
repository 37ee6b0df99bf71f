//! Headers, tables and markers patched by hand: each kind of damage has its code, whichever way the image comes in.

use std::sync::Arc;

use super::writer::{Made, Order, SECTOR, SPARSE, STREAM, Shape, Tables, make};
use crate::pattern::{Pattern, disk};
use crate::ways::{Way, is_disk, lean_pass, source};

const SIZE: u64 = (3 << 20) + 512;

fn bytes() -> Vec<u8> {
    disk(Pattern::Full, SIZE, 8)
}

fn assert_fails(image: &[u8], code: &str, text: &str) {
    let image = Arc::new(image.to_vec());
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        let error = lean_pass(source(way, &image)).map(|_| ()).expect_err(text);
        assert_eq!(error.code(), code, "{way:?}, `{text}`: {error}");
        assert!(
            error.to_string().contains(text),
            "{way:?}, `{text}`: {error}"
        );
    }
}

fn patched(image: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut image = image.to_vec();
    image[at..at + bytes.len()].copy_from_slice(bytes);
    image
}

fn word(image: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(image[at..at + 4].try_into().unwrap())
}

#[test]
fn a_header_out_of_its_limits_is_named() {
    for shape in [SPARSE, STREAM] {
        let image = make(&bytes(), shape).image;
        let u32s = |at, value: u32| patched(&image, at, &value.to_le_bytes());
        let u64s = |at, value: u64| patched(&image, at, &value.to_le_bytes());
        for version in [0, 4, u32::MAX] {
            assert_fails(&u32s(4, version), "format-not-supported", "version");
        }
        for capacity in [1 << 33, (1 << 47) - 1] {
            assert_fails(&u64s(12, capacity), "limit-exceeded", "virtual size");
        }
        for capacity in [1 << 47, 1 << 55, u64::MAX] {
            assert_fails(
                &u64s(12, capacity),
                "original-corrupt",
                "the size of the disk",
            );
        }
        assert_fails(&u64s(12, 0), "original-corrupt", "no bytes");
        for grain in [0, 3, 127] {
            assert_fails(&u64s(20, grain), "original-corrupt", "power of two");
        }
        for grain in [8192, 1 << 40] {
            assert_fails(&u64s(20, grain), "limit-exceeded", "size of a grain");
        }
        assert_fails(&u64s(20, u64::MAX), "original-corrupt", "a grain");
        for entries in [0, 513, u32::MAX] {
            assert_fails(&u32s(44, entries), "original-corrupt", "grain table of");
        }
        for place in [2, 1 << 40] {
            assert_fails(&u64s(28, place), "original-corrupt", "second sector");
        }
        assert_fails(&u64s(28, 0), "format-not-supported", "without a descriptor");
        assert_fails(&u64s(36, 0), "format-not-supported", "without a descriptor");
        assert_fails(&u64s(36, 200), "limit-exceeded", "the descriptor");
        assert_fails(&u64s(64, u64::MAX), "original-corrupt", "the first grain");
        for at in 73..77 {
            assert_fails(
                &patched(&image, at, b"x"),
                "original-corrupt",
                "transfer as text",
            );
        }
        assert_fails(
            &patched(&image, 77, &[2, 0]),
            "format-not-supported",
            "compression method 2",
        );
        let other = u16::from(!shape.compressed).to_le_bytes();
        assert_fails(
            &patched(&image, 77, &other),
            "original-corrupt",
            "contradict",
        );
    }
}

#[test]
fn a_directory_of_a_disk_beyond_the_limit_costs_nothing() {
    let image = make(
        &bytes(),
        Shape {
            grain: 1,
            entries: 1,
            ..SPARSE
        },
    )
    .image;
    let image = patched(&image, 12, &(1_u64 << 31).to_le_bytes());
    assert_fails(&image, "limit-exceeded", "the grain directory");
}

#[test]
fn a_descriptor_has_an_end_where_the_header_says() {
    let mut image = make(&bytes(), SPARSE).image;
    image[36..44].copy_from_slice(&1_u64.to_le_bytes());
    lean_pass(source(Way::Pipe, &Arc::new(image.clone()))).unwrap();
    image[SECTOR..3 * SECTOR]
        .iter_mut()
        .filter(|b| **b == 0)
        .for_each(|b| *b = b'\n');
    assert_fails(&image, "original-corrupt", "has no end");
}

#[test]
fn tables_lie_inside_the_file_and_apart() {
    let made = make(
        &bytes(),
        Shape {
            entries: 16,
            ..SPARSE
        },
    );
    let len = made.image.len();
    let directory = |sector: u64| patched(&made.image, 56, &sector.to_le_bytes());
    let entry =
        |n: usize, sector: u32| patched(&made.image, made.directory + n * 4, &sector.to_le_bytes());
    assert_fails(&directory(0), "original-corrupt", "no grain directory");
    assert_fails(&directory(5), "original-corrupt", "overlap");
    assert_fails(
        &directory((len / 512) as u64 + 1),
        "original-truncated",
        "directory",
    );
    assert_fails(&directory(1 << 40), "original-truncated", "directory");
    assert_fails(&directory(1 << 47), "original-corrupt", "directory");
    for sector in [
        1,
        20,
        (made.directory / 512) as u32,
        (made.tables[1] / 512) as u32,
    ] {
        assert_fails(&entry(0, sector), "original-corrupt", "two tables overlap");
    }
    for sector in [(len / 512) as u32 + 1, u32::MAX] {
        assert_fails(&entry(1, sector), "original-truncated", "table");
    }
    assert_fails(
        &patched(&made.image, 64, &(1_u64 << 40).to_le_bytes()),
        "original-truncated",
        "table",
    );
}

#[test]
fn grains_lie_inside_the_file_and_beside_the_tables() {
    for shape in [
        SPARSE,
        Shape {
            tables: Tables::Front,
            ..STREAM
        },
        Shape {
            tables: Tables::Front,
            markers: false,
            ..STREAM
        },
    ] {
        let mut bytes = bytes();
        bytes.iter_mut().for_each(|byte| *byte &= 3);
        let made = make(&bytes, shape);
        let entry = |sector: u32| patched(&made.image, made.tables[0] + 8, &sector.to_le_bytes());
        for sector in [
            1,
            20,
            (made.directory / 512) as u32,
            (made.tables[0] / 512) as u32,
        ] {
            assert_fails(&entry(sector), "original-corrupt", "data overlaps a table");
        }
        for sector in [(made.image.len() / 512) as u32, u32::MAX] {
            assert_fails(&entry(sector), "original-truncated", "grain");
        }
        // Behind the disk's last grain, which is number 48.
        let behind = patched(&made.image, made.tables[0] + 49 * 4, &[1, 1, 1, 1]);
        assert_fails(&behind, "original-corrupt", "behind the end of the disk");
    }
}

#[test]
fn compressed_grains_are_checked_to_their_end() {
    for shape in [
        STREAM,
        Shape {
            tables: Tables::Front,
            ..STREAM
        },
    ] {
        let made = make(&bytes(), shape);
        for grain in [made.grains[0], made.grains[7], *made.grains.last().unwrap()] {
            let size = word(&made.image, grain + 8) as usize;
            let last = grain + 12 + size - 1;
            let sum = patched(&made.image, last, &[made.image[last] ^ 1]);
            assert_fails(&sum, "original-corrupt", "cannot be decoded");
            let garbage = patched(&made.image, grain + 12, &[0xff; 8]);
            assert_fails(&garbage, "original-corrupt", "cannot be decoded");
            let shorter = patched(&made.image, grain + 8, &(size as u32 - 1).to_le_bytes());
            assert_fails(&shorter, "original-corrupt", "");
            for size in [131_072 - 11, u32::MAX] {
                let image = patched(&made.image, grain + 8, &size.to_le_bytes());
                assert_fails(&image, "original-corrupt", "a compressed grain cannot have");
            }
        }
    }
}

#[test]
fn markers_and_tables_must_agree() {
    let made = make(
        &bytes(),
        Shape {
            entries: 16,
            ..STREAM
        },
    );
    let image = &made.image;
    let (first, second) = (made.grains[0], made.grains[1]);
    assert_fails(
        &patched(image, first, &[64]),
        "original-corrupt",
        "names no grain",
    );
    assert_fails(
        &patched(image, first, &u64::MAX.to_le_bytes()),
        "original-corrupt",
        "names no grain",
    );
    assert_fails(
        &patched(
            image,
            first,
            &(SIZE / 512).next_multiple_of(128).to_le_bytes(),
        ),
        "original-corrupt",
        "names no grain",
    );
    for (table, at) in made.tables.iter().enumerate() {
        let entry = word(image, *at);
        for value in [0, entry + 1, entry - 1] {
            assert_fails(
                &patched(image, *at, &value.to_le_bytes()),
                "original-corrupt",
                "disagree",
            );
        }
        let gone = patched(image, made.directory + table * 4, &[0; 4]);
        assert_fails(&gone, "original-corrupt", "disagree");
    }
    let elsewhere = patched(image, made.directory, &(second as u32 / 512).to_le_bytes());
    assert_fails(&elsewhere, "original-corrupt", "disagree");
    let kind = patched(image, made.tables[0] - SECTOR + 12, &[9]);
    assert_fails(&kind, "original-corrupt", "no marker of the kind 9");
    for sectors in [0_u64, 1 << 50, u64::MAX] {
        let value = patched(image, made.tables[0] - SECTOR, &sectors.to_le_bytes());
        assert_fails(&value, "original-corrupt", "cannot hold");
    }
    // With the directory at the front the markers are held to the tables, too.
    let made = make(
        &bytes(),
        Shape {
            tables: Tables::Front,
            ..STREAM
        },
    );
    let moved = patched(&made.image, made.grains[1], &256_u64.to_le_bytes());
    assert_fails(&moved, "original-corrupt", "belongs to another grain");
}

#[test]
fn a_footer_says_what_the_header_says() {
    let Made { image, .. } = make(&bytes(), STREAM);
    let footer = image.len() - 2 * SECTOR;
    assert_fails(
        &patched(&image, footer, b"QFI\xfb"),
        "original-corrupt",
        "no footer",
    );
    for (at, value) in [(12, 2048_u64), (20, 64)] {
        let other = patched(&image, footer + at, &value.to_le_bytes());
        assert_fails(&other, "original-corrupt", "contradict each other");
    }
    let none = patched(&image, footer + 56, &[0xff; 8]);
    assert_fails(&none, "original-corrupt", "names no directory");
    let wrong = patched(&image, footer + 56, &7_u64.to_le_bytes());
    assert_fails(&wrong, "original-corrupt", "a directory that has not come");
    for at in [0, 8, 12] {
        let end = patched(&image, footer + SECTOR + at, &[1]);
        assert_fails(&end, "original-corrupt", "no end-of-stream marker");
    }
}

#[test]
fn two_grains_for_one_place_are_no_answer() {
    let bytes = bytes();
    let made = make(
        &bytes,
        Shape {
            order: Order::Shuffled(4),
            ..STREAM
        },
    );
    let mut image = made.image.clone();
    let (from, to) = (made.grains[3], made.grains[9]);
    image.copy_within(from..from + 8, to);
    // The same with tables that know only the second of the two, as if it had been written again.
    let mut known = image.clone();
    let place = |grain: usize| u32::try_from(grain / SECTOR).unwrap().to_le_bytes();
    let entry = |grain: usize| {
        let find = place(grain);
        let table = made.tables[0];
        (0..512)
            .map(|n| table + n * 4)
            .find(|at| image[*at..*at + 4] == find)
            .unwrap()
    };
    known[entry(from)..entry(from) + 4].copy_from_slice(&place(to));
    known[entry(to)..entry(to) + 4].fill(0);
    for image in [image.clone(), known] {
        assert_no_answer(&Arc::new(image));
    }
    let good = Arc::new(made.image);
    assert!(is_disk(
        &lean_pass(source(Way::Ranged, &good)).unwrap(),
        &bytes
    ));
}

fn assert_no_answer(image: &Arc<Vec<u8>>) {
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        let error = lean_pass(source(way, image)).unwrap_err();
        let code = if way == Way::Ranged {
            "original-corrupt"
        } else {
            "needs-random-access"
        };
        assert_eq!(error.code(), code, "{way:?}: {error}");
    }
}
