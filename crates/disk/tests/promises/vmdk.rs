//! VMDK: what `qemu-img` writes and what other writers write decodes as `qemu-img` decodes it, by every way.

mod cuts;
mod damage;
mod foreign;
mod mutated;
mod refused;
pub(crate) mod writer;

use std::path::PathBuf;

use crate::pattern::{Dice, Pattern, disk};
use crate::qemu::Bench;
use crate::ways::assert_disk;

/// `qemu-img convert -O vmdk -o subformat=… disk image`.
fn convert(bench: &Bench, subformat: &str, more: &str) -> PathBuf {
    let options = format!("subformat={subformat}{more}");
    let line = [
        "qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", &options, "disk", "image",
    ];
    bench.run(&line);
    bench.path("image")
}

/// The raw disk that `qemu-img` makes of a VMDK.
fn raw(bench: &Bench, image: &str) -> PathBuf {
    let line = [
        "qemu-img", "convert", "-f", "vmdk", "-O", "raw", image, "back",
    ];
    bench.run(&line);
    bench.path("back")
}

/// Asserts that every way of reading `image` gives the disk that `qemu-img` gives.
fn assert_like_qemu(bench: &Bench, image: &str, what: &str) {
    let (size, expected) = bench.sums(&raw(bench, image));
    assert_disk(&bench.path(image), size, &expected, what);
}

#[test]
fn sparse_and_stream_optimized_images_decode_like_qemu() {
    let test = "sparse_and_stream_optimized_images_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let sizes = [
        512,
        1024,
        65_024,
        65_536,
        66_048,
        (1 << 20) + 512,
        (5 << 20) - 1536,
        (33 << 20) + 512,
    ];
    let mut cases = 0;
    for (seed, size) in (1..).zip(sizes) {
        for pattern in [
            Pattern::Full,
            Pattern::Islands,
            Pattern::Ends,
            Pattern::Empty,
        ] {
            if size > 6 << 20 && !matches!(pattern, Pattern::Islands | Pattern::Ends) {
                continue;
            }
            bench.file("disk", &disk(pattern, size, seed));
            for (subformat, more) in [
                ("monolithicSparse", ""),
                ("monolithicSparse", ",zeroed_grain=on"),
                ("monolithicSparse", ",compat6"),
                ("streamOptimized", ""),
            ] {
                convert(&bench, subformat, more);
                let what = format!("{subformat}{more}, {pattern:?}, {size} bytes");
                assert_like_qemu(&bench, "image", &what);
                cases += 1;
            }
        }
    }
    eprintln!("{test}: {cases} images");
}

/// `qemu-io` grows the file in the order of its writes.
#[test]
fn histories_of_qemu_io_decode_like_qemu() {
    let test = "histories_of_qemu_io_decode_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for seed in 0..8 {
        let mut dice = Dice::new(seed + 40);
        let zeroed = if seed % 2 == 0 { "on" } else { "off" };
        let options = format!("subformat=monolithicSparse,zeroed_grain={zeroed}");
        let size = (36 << 20) + 512;
        let line = [
            "qemu-img",
            "create",
            "-q",
            "-f",
            "vmdk",
            "-o",
            &options,
            "image",
            &size.to_string(),
        ];
        bench.run(&line);
        let mut line = vec!["qemu-io".to_owned(), "-f".into(), "vmdk".into()];
        for n in 0..50 {
            let (at, len) = (dice.below(36_000), 1 + dice.below(800));
            let command = match dice.below(4) {
                0 => format!("write -z {}k {}k", at / 64 * 64, len / 64 * 64 + 64),
                _ => format!("write -P {} {at}k {len}k", n + 1),
            };
            line.extend(["-c".into(), command]);
        }
        line.push("image".into());
        bench.try_run(&line.iter().map(String::as_str).collect::<Vec<_>>());
        assert_like_qemu(&bench, "image", &format!("{options}, history {seed}"));
    }
}

#[test]
fn an_image_larger_than_the_window_written_backwards_decodes_like_qemu() {
    let test = "an_image_larger_than_the_window_written_backwards_decodes_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    bench.run(&["qemu-img", "create", "-q", "-f", "vmdk", "image", "72M"]);
    let mut line = vec!["qemu-io".to_owned(), "-f".into(), "vmdk".into()];
    for n in (0..18).rev() {
        line.extend(["-c".into(), format!("write -P {} {}M 3M", n + 1, n * 4)]);
    }
    line.push("image".into());
    bench.run(&line.iter().map(String::as_str).collect::<Vec<_>>());
    assert_like_qemu(&bench, "image", "written backwards");
}

#[test]
fn a_stream_optimized_image_larger_than_the_window_decodes_like_qemu() {
    let test = "a_stream_optimized_image_larger_than_the_window_decodes_like_qemu";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    bench.file("disk", &disk(Pattern::Full, 60 << 20, 3));
    convert(&bench, "streamOptimized", "");
    assert_like_qemu(&bench, "image", "60 MiB");
}
