//! VDI: each rule of the header and the block map, broken by hand.

use super::patched::{Patched, assert_fails, assert_reads};

const MIB: usize = 1 << 20;
const MAP: usize = 512;
const DATA: usize = 1024;

/// Four blocks of which the second and the last are there, in the reverse order; the last is cut by the disk's end.
fn image() -> (Patched, Vec<u8>) {
    let size = 3 * MIB + 1536;
    let mut disk = vec![0; size];
    disk[MIB..2 * MIB].fill(7);
    disk[3 * MIB..].fill(9);
    let image = Patched(b"<<< any text >>>\n".to_vec())
        .le32(64, 0xbeda_107f)
        .le32(68, 0x0001_0001)
        .le32(72, 0x180)
        .le32(76, 1)
        .le32(340, MAP as u32)
        .le32(344, DATA as u32)
        .le32(360, 512)
        .le64(368, size as u64)
        .le32(376, MIB as u32)
        .le32(384, 4)
        .le32(388, 2)
        .le32(MAP, u32::MAX)
        .le32(MAP + 4, 1)
        .le32(MAP + 8, u32::MAX - 1)
        .le32(MAP + 12, 0)
        .bytes(DATA, &disk[3 * MIB..])
        .bytes(DATA + MIB, &disk[MIB..2 * MIB]);
    (image, disk)
}

fn with(at: usize, value: u32) -> Patched {
    image().0.le32(at, value)
}

#[test]
fn a_good_vdi_reads_and_an_odd_size_is_rounded_up_to_a_sector() {
    let (image, disk) = image();
    assert_reads(&image, &disk, "whole");
    assert_reads(
        &image.clone().le64(368, disk.len() as u64 - 511),
        &disk,
        "odd",
    );
    assert_reads(&image.le32(76, 2), &disk, "static");
}

#[test]
fn a_vdi_that_needs_another_image_is_refused() {
    for kind in [3, 4] {
        assert_fails(&with(76, kind), "differencing", "differences");
    }
    for at in [424, 439, 440, 455] {
        assert_fails(&image().0.bytes(at, &[1]), "differencing", "differences");
    }
    assert_fails(&with(76, 5), "original-corrupt", "unknown image type 5");
}

#[test]
fn a_vdi_of_another_form_than_qemu_reads_is_refused() {
    assert_fails(
        &with(68, 0x0001_0000),
        "format-not-supported",
        "vdi version 1",
    );
    assert_fails(
        &with(68, 0x0002_0001),
        "format-not-supported",
        "vdi version 2",
    );
    for (at, value) in [(360, 4096), (360, 0), (376, 2 << 20), (376, 0), (380, 512)] {
        assert_fails(&with(at, value), "format-not-supported", "a vdi image with");
    }
}

#[test]
fn the_block_map_of_a_vdi_holds_together() {
    assert_fails(&with(384, 3), "original-corrupt", "too small for the disk");
    assert_fails(&with(340, 513), "original-corrupt", "not aligned");
    assert_fails(&with(344, 1025), "original-corrupt", "not aligned");
    assert_fails(&with(340, 0), "original-corrupt", "overlaps the header");
    assert_fails(
        &with(344, 512),
        "original-corrupt",
        "overlaps the block map",
    );
    assert_fails(&with(344, 0), "original-corrupt", "overlaps the header");
    assert_fails(
        &with(MAP + 12, 1),
        "original-corrupt",
        "two blocks of data overlap",
    );
    assert_fails(&with(MAP, 4), "original-corrupt", "block 4 is mapped");
    assert_fails(&with(MAP, u32::MAX - 2), "original-corrupt", "is mapped");
    assert_fails(&with(MAP, 3), "original-truncated", "a block");
    assert_fails(&with(340, 1 << 31), "original-truncated", "the block map");
}

#[test]
fn hostile_sizes_of_a_vdi_cost_nothing() {
    // The map of 2^32 blocks would reach over the data; nothing of the size of such a map is ever asked for.
    let all = with(384, u32::MAX);
    assert_fails(&all, "original-corrupt", "overlaps the block map");
    assert_fails(
        &all.clone().le64(368, 1 << 50),
        "limit-exceeded",
        "virtual size",
    );
    assert_fails(
        &all.clone().le64(368, u64::MAX),
        "original-corrupt",
        "larger than any",
    );
    assert_fails(
        &all.le64(368, 1 << 40),
        "original-truncated",
        "the block map",
    );
}
