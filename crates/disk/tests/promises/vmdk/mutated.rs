//! Images and packages changed at random: every way of reading them comes to the same end.

use std::sync::Arc;

use super::writer::{Order, SECTOR, SPARSE, STREAM, Shape, Tables, make};
use crate::ova::made::{envelope, tar};
use crate::pattern::{Dice, Pattern, disk};
use crate::ways::{Way, is_disk, lean_pass, source};

/// The disk in all of them. No noise: that does not fit into a grain without a marker.
fn bytes() -> Vec<u8> {
    let mut bytes = disk(Pattern::Islands, 40 * SECTOR as u64, 3);
    bytes.iter_mut().for_each(|byte| *byte &= 3);
    bytes
}

/// Small images of every kind, and packages of them.
fn seeds() -> Vec<Vec<u8>> {
    let bytes = bytes();
    let small = Shape {
        grain: 2,
        entries: 4,
        ..STREAM
    };
    let shapes = [
        small,
        Shape {
            zeroed: true,
            padded: true,
            tables: Tables::Behind,
            ..small
        },
        Shape {
            order: Order::Backwards,
            ..small
        },
        Shape {
            order: Order::LastSwapped,
            ..small
        },
        Shape {
            tables: Tables::Front,
            ..small
        },
        Shape {
            tables: Tables::Front,
            markers: false,
            ..small
        },
        Shape {
            grain: 2,
            entries: 4,
            ..SPARSE
        },
        Shape {
            grain: 2,
            entries: 4,
            tables: Tables::Behind,
            ..SPARSE
        },
    ];
    let images = shapes.map(|shape| make(&bytes, shape).image);
    let packages = images.clone().into_iter().enumerate().map(|(n, image)| {
        let descriptor = envelope("x.vmdk", "");
        let mut files = [
            ("x.ovf", descriptor.as_bytes()),
            ("x.nvram", &b"settings"[..]),
            ("x.vmdk", &image[..]),
        ];
        files.rotate_left(n % 2 * 2);
        tar(&files)
    });
    images.iter().cloned().chain(packages).collect()
}

/// Changes a few bytes, numbers or sectors of `image`, mostly where its tables and markers are.
fn mutate(dice: &mut Dice, image: &mut Vec<u8>) {
    for _ in 0..=dice.below(3) {
        let len = image.len() as u64;
        let at = match dice.below(4) {
            0 => dice.below(80),
            1 => dice.below(len / 512) * 512 + dice.below(16),
            2 => len - 1 - dice.below(1600.min(len)),
            _ => dice.below(len),
        } as usize;
        let small = [0, 1, 2, 3, 20, 21, 22, 40, 127, 128, 255][dice.below(11) as usize];
        match dice.below(6) {
            0 => image[at] = small,
            1 => image[at] ^= 1 << dice.below(8),
            2 => image[at..].iter_mut().take(8).for_each(|byte| *byte = 0xff),
            3 => image.truncate(at.max(262)),
            4 => {
                let (from, to) = (at / 512 * 512, dice.below(len / 512) as usize * 512);
                let end = image.len().min(from + 512);
                if end - from + to <= image.len() {
                    image.copy_within(from..end, to);
                }
            }
            _ => {
                let number = u32::from_le_bytes([small, 0, 0, 0]).to_le_bytes();
                let room = image.len().min(at / 4 * 4 + 4) - at / 4 * 4;
                image[at / 4 * 4..][..room].copy_from_slice(&number[..room]);
            }
        }
        if image.len() < 600 {
            return;
        }
    }
}

#[test]
fn mutated_images_come_to_the_same_end_by_every_way() {
    let seeds = seeds();
    let mut dice = Dice::new(77);
    let (mut read, mut refused) = (0, 0);
    for round in 0..3000 {
        let mut image = seeds[round % seeds.len()].clone();
        mutate(&mut dice, &mut image);
        let bytes = Arc::new(image);
        let ranged = lean_pass(source(Way::Ranged, &bytes));
        for way in [Way::Pipe, Way::Announced] {
            match (&ranged, lean_pass(source(way, &bytes))) {
                (Ok(ranged), Ok(forward)) => {
                    assert_eq!(ranged.disk, forward.disk, "round {round}, {way:?}");
                    read += 1;
                }
                (Err(_), Err(_)) => refused += 1,
                (Ok(_), Err(error)) if error.code() == "needs-random-access" => refused += 1,
                (ranged, forward) => panic!("round {round}, {way:?}: {ranged:?} or {forward:?}"),
            }
        }
    }
    // The seeds themselves are good, and most changes are not harmless.
    assert!(
        read > 500 && refused > 500,
        "{read} read, {refused} refused"
    );
    for seed in seeds {
        let reading = lean_pass(source(Way::Ranged, &Arc::new(seed))).unwrap();
        assert!(is_disk(&reading, &bytes()));
    }
}
