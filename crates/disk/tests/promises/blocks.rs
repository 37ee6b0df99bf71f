//! VHD, VHDX and VDI: disks in blocks, made by the machine's `qemu-img` and damaged by hand.

mod cut;
mod fixed;
mod made;
mod patched;
mod random;
mod vdi;
mod vhd;
mod vhdx;

use std::path::PathBuf;

use crate::qemu::Bench;

/// A format and how `qemu-img` makes it.
pub(crate) type Recipe = (&'static str, &'static str);

/// Every form of the three formats that `qemu-img` writes.
pub(crate) const RECIPES: [Recipe; 10] = [
    ("vpc", "subformat=dynamic"),
    ("vpc", "subformat=dynamic,force_size=on"),
    ("vhdx", "subformat=dynamic"),
    ("vhdx", "subformat=dynamic,block_size=1M"),
    ("vhdx", "subformat=dynamic,block_size=16M,log_size=4M"),
    ("vhdx", "subformat=dynamic,block_state_zero=off"),
    ("vhdx", "subformat=fixed,block_size=2M"),
    ("vhdx", "subformat=fixed,block_size=8M"),
    ("vdi", "static=off"),
    ("vdi", "static=on"),
];

/// Makes `to` out of the raw file `from`.
pub(crate) fn convert(bench: &Bench, (format, options): Recipe, from: &str, to: &str) -> PathBuf {
    bench.run(&[
        "qemu-img", "convert", "-f", "raw", "-O", format, "-o", options, from, to,
    ]);
    bench.path(to)
}

/// Asserts that every way of reading `image` gives the disk that `qemu-img` takes it for as `format`.
pub(crate) fn assert_like_qemu(bench: &Bench, format: &str, image: &str, what: &str) {
    let raw = format!("{image}.raw");
    bench.run(&[
        "qemu-img", "convert", "-f", format, "-O", "raw", image, &raw,
    ]);
    let (size, expected) = bench.sums(&bench.path(&raw));
    crate::ways::assert_disk(&bench.path(image), size, &expected, what);
}
