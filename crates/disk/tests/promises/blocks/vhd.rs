//! Dynamic VHD: each rule of the footer, the header, the block table and the bitmaps, broken by hand.

use super::assert_like_qemu;
use super::patched::{Patched, assert_fails, assert_reads};
use crate::qemu::Bench;

const HEADER: usize = 512;
const TABLE: usize = 1536;
const FIRST: usize = 2048;
const BLOCK: usize = 4096;

/// A footer of `kind` for a disk of `size` bytes: written by Hyper-V (`win `), so that the size counts.
pub(crate) fn footer(kind: u32, size: u64) -> Patched {
    let footer = Patched(vec![0; 512])
        .bytes(0, b"conectix")
        .be32(8, 2)
        .be32(12, 0x0001_0000)
        .be64(16, if kind == 2 { u64::MAX } else { HEADER as u64 })
        .bytes(28, b"win \0\x0a\0\0Wi2k")
        .be64(40, size)
        .be64(48, size)
        .be32(60, kind);
    signed(footer, 0, 512, 64)
}

/// With the right checksum at `at` of the `len` bytes from `start` on.
pub(crate) fn signed(image: Patched, start: usize, len: usize, at: usize) -> Patched {
    let image = image.be32(start + at, 0);
    let sum: u32 = image.0[start..start + len]
        .iter()
        .map(|b| u32::from(*b))
        .sum();
    image.be32(start + at, !sum)
}

/// Five blocks of 4 KiB; the second and the last are there, the last is cut by the disk's end.
fn image() -> (Patched, Vec<u8>) {
    let size = 4 * BLOCK + 1024;
    let mut disk = vec![0; size];
    disk[BLOCK..2 * BLOCK].fill(7);
    disk[4 * BLOCK..].fill(9);
    let copy = footer(3, size as u64).0;
    let image = Patched(copy.clone())
        .bytes(HEADER, b"cxsparse")
        .be64(HEADER + 8, u64::MAX)
        .be64(HEADER + 16, TABLE as u64)
        .be32(HEADER + 24, 0x0001_0000)
        .be32(HEADER + 28, 5)
        .be32(HEADER + 32, BLOCK as u32)
        .bytes(TABLE, &[0xff; 512])
        .be32(TABLE + 4, ((FIRST + 512 + BLOCK) / 512) as u32)
        .be32(TABLE + 16, (FIRST / 512) as u32)
        .bytes(FIRST, &[0xff; 512])
        .bytes(FIRST + 512, &disk[4 * BLOCK..])
        .bytes(FIRST + 512 + BLOCK, &[0xff; 512])
        .bytes(FIRST + 1024 + BLOCK, &disk[BLOCK..2 * BLOCK])
        .bytes(FIRST + 1024 + 2 * BLOCK, &copy);
    (signed(image, HEADER, 1024, 36), disk)
}

/// With both footers changed alike.
fn both(change: impl Fn(Patched) -> Patched) -> Patched {
    let image = image().0;
    let end = image.0.len() - 512;
    let changed = signed(change(Patched(image.0[..512].to_vec())), 0, 512, 64).0;
    image.bytes(0, &changed).bytes(end, &changed)
}

fn header(at: usize, value: u32) -> Patched {
    signed(image().0.be32(HEADER + at, value), HEADER, 1024, 36)
}

fn entry(number: usize, value: u32) -> Patched {
    image().0.be32(TABLE + number * 4, value)
}

#[test]
fn a_good_vhd_reads_and_qemu_reads_the_same() {
    let (image, disk) = image();
    assert_reads(&image, &disk, "whole");
    let padded = Patched([&image.0[..], &[0; 3584]].concat());
    assert_reads(&padded, &disk, "filled up behind the footer");
    let Some(bench) = Bench::new("a_good_vhd_reads_and_qemu_reads_the_same") else {
        return;
    };
    bench.file("image", &image.0);
    assert_like_qemu(&bench, "vpc", "image", "made by hand");
}

#[test]
fn the_size_is_by_geometry_or_by_number_as_qemu_decides() {
    let test = "the_size_is_by_geometry_or_by_number_as_qemu_decides";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for app in [
        b"vpc ",
        b"qemu",
        b"qem2",
        b"win ",
        b"d2v ",
        b"tap\0",
        b"CTXS",
        b"wa\0\0",
        b"vbox",
        b"\0\0\0\0",
    ] {
        for (cylinders, heads, sectors) in [(3_u16, 2, 5), (1, 1, 31), (65_535, 16, 255), (0, 0, 0)]
        {
            let image = both(|footer| {
                let [high, low] = cylinders.to_be_bytes();
                footer
                    .bytes(28, app)
                    .bytes(56, &[high, low, heads, sectors])
            });
            bench.file("image", &image.0);
            let what = format!("{app:?} {cylinders}/{heads}/{sectors}");
            assert_like_qemu(&bench, "vpc", "image", &what);
        }
    }
}

#[test]
fn a_vhd_that_needs_another_image_is_refused() {
    let image = both(|footer| footer.be32(60, 4));
    assert_fails(
        &image,
        "differencing",
        "vpc image holds only the differences",
    );
}

#[test]
fn the_footers_of_a_vhd_hold_together() {
    let whole = image().0;
    let end = whole.0.len() - 512;
    assert_fails(
        &whole.clone().be32(64, 1),
        "original-corrupt",
        "footer's checksum",
    );
    assert_fails(
        &whole.clone().be32(end + 64, 1),
        "original-corrupt",
        "footer's checksum",
    );
    assert_fails(
        &both(|f| f.be32(60, 2)),
        "original-corrupt",
        "at the end only",
    );
    assert_fails(
        &both(|f| f.be32(60, 6)),
        "original-corrupt",
        "unknown disk type 6",
    );
    assert_fails(
        &both(|f| f.be32(12, 0x0002_0000)),
        "format-not-supported",
        "version 2",
    );
    let other = signed(whole.clone().be64(end + 48, 16_384), end, 512, 64);
    assert_fails(&other, "original-corrupt", "contradict each other");
    assert_fails(
        &whole.bytes(end, &[0; 512]),
        "original-truncated",
        "the footer",
    );
}

#[test]
fn the_header_and_the_block_table_of_a_vhd_hold_together() {
    let whole = image().0;
    let far = both(|f| f.be64(16, 1 << 40));
    assert_fails(&far, "original-truncated", "the dynamic header");
    assert_fails(
        &both(|f| f.be64(16, u64::MAX)),
        "original-corrupt",
        "beyond all files",
    );
    assert_fails(
        &both(|f| f.be64(16, 256)),
        "original-corrupt",
        "overlaps the copy of the footer",
    );
    assert_fails(
        &whole.clone().bytes(HEADER, b"x"),
        "original-corrupt",
        "no dynamic header",
    );
    assert_fails(
        &whole.be32(HEADER + 36, 1),
        "original-corrupt",
        "header's checksum",
    );
    assert_fails(
        &header(24, 0x0003_0000),
        "format-not-supported",
        "version 3",
    );
    for size in [0, 256, 4097, 12_288] {
        assert_fails(&header(32, size), "original-corrupt", "power of two");
    }
    assert_fails(
        &header(28, 4),
        "original-corrupt",
        "has 4 entries, the disk needs 5",
    );
    assert_fails(&header(20, 512), "original-corrupt", "overlaps");
    assert_fails(&header(16, 1), "original-truncated", "the block table");
    assert_fails(
        &header(28, u32::MAX),
        "original-corrupt",
        "overlaps the block table",
    );
}

#[test]
fn the_blocks_of_a_vhd_lie_apart_and_inside_the_file() {
    let first = (FIRST / 512) as u32;
    for sector in [first, first + 1, first + 8, first + 17] {
        assert_fails(
            &entry(0, sector),
            "original-corrupt",
            "two blocks of data overlap",
        );
    }
    assert_fails(&entry(0, 0), "original-corrupt", "overlap");
    for sector in [first + 18, 1 << 20, u32::MAX - 1] {
        assert_fails(&entry(0, sector), "original-truncated", "");
    }
}

#[test]
fn data_that_a_bitmap_calls_empty_is_corrupt_and_zeros_are_not() {
    let (whole, disk) = image();
    // The last two sectors of the block of the disk's end are not a part of the disk.
    assert_reads(
        &whole.clone().bytes(FIRST, &[0xc0]),
        &disk,
        "what is written is marked",
    );
    let text = "its block's bitmap calls empty";
    for bits in [0x00, 0x40, 0x80, 0x3f] {
        assert_fails(
            &whole.clone().bytes(FIRST, &[bits]),
            "original-corrupt",
            text,
        );
    }
    assert_fails(
        &whole.bytes(FIRST + 512 + BLOCK, &[0xef]),
        "original-corrupt",
        text,
    );
}

#[test]
fn hostile_sizes_of_a_vhd_cost_nothing() {
    let huge = |size: u64| both(move |f| f.be64(48, size));
    assert_fails(&huge(u64::MAX), "limit-exceeded", "virtual size");
    assert_fails(&huge(2 << 40), "limit-exceeded", "virtual size");
    // A block table of 1 GiB: 512-byte blocks of a disk of 128 GiB.
    let blocks = both(|f| f.be64(48, 128 << 30));
    let blocks = signed(
        blocks.be32(HEADER + 28, 1 << 28).be32(HEADER + 32, 512),
        HEADER,
        1024,
        36,
    );
    assert_fails(&blocks, "limit-exceeded", "the block table");
}
