//! Any bytes that begin like a format that is decoded, or like a package, or end like a fixed VHD: every way of reading
//! them comes to the same end, in bounded time.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;

/// How the formats begin that have no target of their own: offset, bytes.
const BEGINNINGS: [(usize, &[u8]); 6] = [
    (0, b"KDMV"),
    (0, b"# Disk DescriptorFile"),
    (257, b"ustar"),
    (0, b"conectix"),
    (0, b"vhdxfile"),
    (64, b"\x7f\x10\xda\xbe"),
];

/// Where the parts of a VHDX lie, and how much of a seed goes there. What is between them would be 3 MiB of zeros.
const VHDX: [(usize, usize); 6] =
    [(0, 8), (64 << 10, 80), (128 << 10, 80), (192 << 10, 128), (1 << 20, 224), ((1 << 20) + (64 << 10), 48)];
const VHDX_TABLE: usize = 2 << 20;
const VHDX_LEN: usize = 3 << 20;

/// The parts of a VHDX at their places: 8 bytes of magic, two headers, the region table, the metadata table and its
/// values, the block table; data follow at 3 MiB.
fn spread(seed: &[u8]) -> Vec<u8> {
    let mut image = vec![0; VHDX_LEN];
    let mut rest = seed;
    for (at, len) in VHDX {
        let part = rest.split_off(..len.min(rest.len())).unwrap_or_default();
        image[at..at + part.len()].copy_from_slice(part);
    }
    let table = rest.split_off(..rest.len().min(64)).unwrap_or_default();
    image[VHDX_TABLE..VHDX_TABLE + table.len()].copy_from_slice(table);
    image.extend_from_slice(rest);
    image
}

fuzz_target!(|bytes: &[u8]| {
    let begins = |(offset, magic): &(usize, &[u8])| bytes.get(*offset..).is_some_and(|rest| rest.starts_with(magic));
    let footed = bytes.len().checked_sub(512).is_some_and(|at| bytes[at..].starts_with(b"conectix"));
    if !footed && !BEGINNINGS.iter().any(begins) {
        return;
    }
    let bytes: Arc<[u8]> = if bytes.starts_with(b"vhdxfile") { spread(bytes).into() } else { bytes.into() };
    ectype_fuzz::every_way(bytes);
});
