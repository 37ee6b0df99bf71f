//! A cut image is never read as a whole one.

use std::sync::Arc;

use super::{RECIPES, convert};
use crate::pattern::{Dice, Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{Way, is_disk, lean_pass, source};

fn cuts(len: usize) -> Vec<usize> {
    let mut dice = Dice::new(len as u64);
    let edges = [
        0,
        64,
        512,
        1024,
        1536,
        2048,
        64 << 10,
        128 << 10,
        192 << 10,
        256 << 10,
        320 << 10,
    ];
    let mut cuts: Vec<usize> = edges
        .into_iter()
        .chain((0..16).map(|n| n << 20))
        .chain([len])
        .collect();
    cuts = cuts
        .iter()
        .flat_map(|at| {
            [
                at.saturating_sub(512),
                at.saturating_sub(1),
                *at,
                at + 1,
                at + 68,
            ]
        })
        .chain((0..20).map(|_| dice.below(len as u64) as usize))
        .filter(|cut| *cut < len)
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

#[test]
fn an_image_cut_anywhere_is_truncated_unless_only_padding_is_lost() {
    let test = "an_image_cut_anywhere_is_truncated_unless_only_padding_is_lost";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let bytes = disk(Pattern::Full, (2 << 20) + 200 * 512, 3);
    bench.file("disk", &bytes);
    let mut count = 0;
    for recipe in RECIPES {
        let image = std::fs::read(convert(&bench, recipe, "disk", "image")).unwrap();
        bench.run(&[
            "qemu-img", "convert", "-f", recipe.0, "-O", "raw", "image", "raw",
        ]);
        let raw = std::fs::read(bench.path("raw")).unwrap();
        // The last block of VHDX and VDI is filled up behind the disk's end.
        let padding = match recipe.0 {
            "vpc" => 0,
            _ => image.len() - image.iter().rposition(|byte| *byte != 0).unwrap() - 1,
        };
        for cut in cuts(image.len()) {
            let part = Arc::new(image[..cut].to_vec());
            for way in [Way::Pipe, Way::Announced, Way::Ranged] {
                count += 1;
                let what = format!("{recipe:?} cut at {cut} of {}, {way:?}", image.len());
                match lean_pass(source(way, &part)) {
                    // So little is left that nothing tells what it was.
                    Ok(reading) if cut < 68 => {
                        assert_eq!(reading.format, disk::Format::Raw, "{what}");
                    }
                    Ok(reading) => {
                        assert!(cut >= image.len() - padding, "{what}: read in spite of it");
                        assert!(is_disk(&reading, &raw), "{what}");
                    }
                    Err(error) => assert_eq!(error.code(), "original-truncated", "{what}: {error}"),
                }
            }
        }
    }
    eprintln!("{test}: {count} passes");
}
