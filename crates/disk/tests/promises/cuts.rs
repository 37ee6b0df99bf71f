//! A truncated original is an error, always; `qemu-img` reads zeros past the end of the file and exits 0.

use std::sync::Arc;

use disk::Format;

use crate::pattern::{Dice, Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, Way, digests_of, is_disk, lean_pass, source};
use crate::writer::{Plan, make};

/// Offsets of every kind: around each cluster of the file's start, around its end and around `needed`, and anywhere.
fn cuts(len: usize, needed: usize, cluster: usize) -> Vec<usize> {
    let mut dice = Dice::new(len as u64);
    let mut cuts: Vec<usize> = vec![
        0, 1, 3, 4, 5, 71, 72, 73, 100, 103, 104, 105, 111, 112, 113, 120,
    ];
    for middle in
        (0..12)
            .map(|n| n * cluster)
            .chain([len, needed, needed.next_multiple_of(512), len / 2])
    {
        cuts.extend([
            middle.saturating_sub(512),
            middle.saturating_sub(1),
            middle,
            middle + 1,
        ]);
    }
    cuts.extend((0..20).map(|_| dice.below(len as u64) as usize));
    cuts.retain(|cut| *cut < len);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

#[test]
fn an_image_cut_anywhere_is_truncated_unless_only_padding_is_lost() {
    let mut count = 0;
    for seed in 0..10 {
        let plan = Plan {
            version: 3 - u32::from(seed == 0),
            cluster_bits: if seed % 2 == 0 { 9 } else { 14 },
            zstd: seed % 3 == 1,
            subclusters: seed % 4 == 1,
            size: (if seed % 2 == 0 { 64 << 10 } else { 1 << 20 }) + (seed % 5) * 512,
            seed,
            disorder: if seed > 6 { 100 } else { 0 },
            sparse: 6,
        };
        let made = make(&plan);
        for cut in cuts(made.image.len(), made.needed, 1 << plan.cluster_bits) {
            let bytes = Arc::new(made.image[..cut].to_vec());
            for way in [Way::Pipe, Way::Announced, Way::Ranged] {
                let what = format!(
                    "{plan:?} cut at {cut} of {}, needed {}, {way:?}",
                    made.image.len(),
                    made.needed
                );
                count += 1;
                match lean_pass(source(way, &bytes)) {
                    Ok(reading) if cut < 4 => assert_eq!(reading.format, Format::Raw, "{what}"),
                    Ok(reading) => {
                        assert!(cut >= made.needed, "{what}: read in spite of it");
                        assert!(is_disk(&reading, &made.disk), "{what}");
                    }
                    Err(error) => {
                        assert!(cut < made.needed, "{what}: {error}");
                        assert_eq!(error.code(), "original-truncated", "{what}: {error}");
                    }
                }
            }
        }
    }
    eprintln!("an_image_cut_anywhere_is_truncated_unless_only_padding_is_lost: {count} passes");
}

#[test]
fn an_image_of_qemu_cut_anywhere_is_truncated() {
    let Some(bench) = Bench::new("an_image_of_qemu_cut_anywhere_is_truncated") else {
        return;
    };
    bench.file("disk", &disk(Pattern::Full, 512 << 10, 2));
    for flags in [
        &[][..],
        &["-o", "compat=0.10"],
        &["-o", "extended_l2=on"],
        &["-c"],
        &["-c", "-o", "compression_type=zstd"],
    ] {
        let image = std::fs::read(bench.convert(flags, "disk", "image")).unwrap();
        let bytes = disk(Pattern::Full, 512 << 10, 2);
        let last_sector = image.len() - 512;
        for cut in cuts(image.len(), image.len(), 65_536) {
            bench.file("cut", &image[..cut]);
            for way in WAYS {
                let what = format!("{flags:?} cut at {cut} of {}, {way:?}", image.len());
                match lean_pass(way.open(&bench.path("cut"))) {
                    Ok(reading) if cut < 4 => assert_eq!(reading.format, Format::Raw, "{what}"),
                    Ok(reading) => {
                        assert!(
                            flags.contains(&"-c") && cut > last_sector,
                            "{what}: read in spite of it"
                        );
                        assert!(is_disk(&reading, &bytes), "{what}");
                    }
                    Err(error) => assert_eq!(error.code(), "original-truncated", "{what}: {error}"),
                }
            }
        }
    }
}

/// Why we do not do as `qemu-img` does.
#[test]
fn qemu_takes_a_truncated_image_for_a_disk_with_zeros_and_we_do_not() {
    let Some(bench) =
        Bench::new("qemu_takes_a_truncated_image_for_a_disk_with_zeros_and_we_do_not")
    else {
        return;
    };
    let bytes = disk(Pattern::Full, 1 << 20, 6);
    bench.file("disk", &bytes);
    let image = std::fs::read(bench.convert(&[], "disk", "image")).unwrap();
    let cut = bench.file("cut", &image[..image.len() - 70_000]);
    let (size, by_qemu) = bench.sums(&bench.raw("cut"));
    assert_eq!(size, 1 << 20, "qemu-img gives a whole disk");
    assert_ne!(by_qemu, digests_of(&bytes), "with the wrong bytes");
    for way in WAYS {
        assert_eq!(
            lean_pass(way.open(&cut)).unwrap_err().code(),
            "original-truncated"
        );
    }
}
