//! VHDX: an image made by hand, and each rule of its block table broken.

mod structures;

use super::assert_like_qemu;
use super::patched::{Patched, assert_fails, assert_reads};
use crate::qemu::Bench;

const MIB: usize = 1 << 20;
const HEADERS: [usize; 2] = [64 << 10, 128 << 10];
const REGIONS: [usize; 2] = [192 << 10, 256 << 10];
const LOG: usize = MIB;
const METADATA: usize = 2 * MIB;
const TABLE: usize = 3 * MIB;
const DATA: usize = 4 * MIB;

const TABLE_ID: &[u8] = b"\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08";
const METADATA_ID: &[u8] = b"\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e";
const PARENT_ID: &[u8] = b"\x2d\x5f\xd3\xa8\x0b\xb3\x4d\x45\xab\xf7\xd3\xd8\x48\x34\xab\x0c";
const ITEMS: [(&[u8], u32); 5] = [
    (
        b"\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b",
        8,
    ),
    (
        b"\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8",
        8,
    ),
    (
        b"\xab\x12\xca\xbe\xe6\xb2\x23\x45\x93\xef\xc3\x09\xe0\x00\xc7\x46",
        16,
    ),
    (
        b"\x1d\xbf\x41\x81\x6f\xa9\x09\x47\xba\x47\xf2\x33\xa8\xfa\xab\x5f",
        4,
    ),
    (
        b"\xc7\x48\xa3\xcd\x5d\x44\x71\x44\x9c\xc9\xe9\x88\x52\x51\xc5\x56",
        4,
    ),
];
/// Where the values of the items lie.
const VALUES: usize = METADATA + (64 << 10);
const SIZE: usize = VALUES + 8;
const SECTOR: usize = VALUES + 32;

/// CRC-32C (Castagnoli) by its definition, a bit at a time.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0x82f6_3b78 & (sum & 1).wrapping_neg())
        })
    })
}

/// With the right checksum of the `len` bytes from `start` on.
fn signed(image: Patched, start: usize, len: usize) -> Patched {
    let image = image.le32(start + 4, 0);
    let sum = crc32c(&image.0[start..start + len]);
    image.le32(start + 4, sum)
}

fn header(image: Patched, number: usize, change: impl Fn(Patched, usize) -> Patched) -> Patched {
    signed(change(image, HEADERS[number]), HEADERS[number], 4096)
}

/// Both copies of the region table, changed alike.
fn regions(image: Patched, change: impl Fn(Patched, usize) -> Patched) -> Patched {
    REGIONS
        .into_iter()
        .fold(image, |image, at| signed(change(image, at), at, 64 << 10))
}

/// Four blocks of 1 MiB, of which the second and the last are there, in the reverse order; the last is cut by the disk's
/// end. Logical sectors of `sector` bytes.
fn image_of(sector: u32) -> (Patched, Vec<u8>) {
    let size = 3 * MIB + 8192;
    let mut disk = vec![0; size];
    disk[MIB..2 * MIB].fill(7);
    disk[3 * MIB..].fill(9);
    let mut image = Patched(b"vhdxfile".to_vec()).bytes(TABLE + MIB - 1, &[0]);
    for number in 0..2 {
        image = header(image, number, |image, at| {
            image
                .bytes(at, b"head")
                .le64(at + 8, 7 + number as u64)
                .le32(at + 64, 0x0001_0000)
                .le32(at + 68, MIB as u32)
                .le64(at + 72, LOG as u64)
        });
    }
    image = regions(image, |image, at| {
        let image = image.bytes(at, b"regi").le32(at + 8, 2);
        [(TABLE_ID, TABLE), (METADATA_ID, METADATA)]
            .into_iter()
            .zip([at + 16, at + 48])
            .fold(image, |image, ((id, place), entry)| {
                image
                    .bytes(entry, id)
                    .le64(entry + 16, place as u64)
                    .le32(entry + 24, MIB as u32)
                    .le32(entry + 28, 1)
            })
    });
    image = image
        .bytes(METADATA, b"metadata")
        .le32(METADATA + 8, 5 << 16);
    let mut value = 64 << 10;
    for (number, (id, len)) in ITEMS.into_iter().enumerate() {
        image = item(image, number, id, value, len, 6);
        value += len;
    }
    image = image
        .le32(VALUES, MIB as u32)
        .le64(SIZE, size as u64)
        .le32(SECTOR, sector)
        .le32(SECTOR + 4, 4096)
        .le64(TABLE + 8, (DATA + MIB) as u64 | 6)
        .le64(TABLE + 24, DATA as u64 | 6)
        .bytes(DATA, &disk[3 * MIB..])
        .bytes(DATA + MIB, &disk[MIB..2 * MIB]);
    (image, disk)
}

fn item(image: Patched, number: usize, id: &[u8], offset: u32, len: u32, flags: u32) -> Patched {
    let at = METADATA + 32 + number * 32;
    image
        .bytes(at, id)
        .le32(at + 16, offset)
        .le32(at + 20, len)
        .le32(at + 24, flags)
}

fn image() -> Patched {
    image_of(512).0
}

#[test]
fn a_good_vhdx_reads_and_qemu_reads_the_same() {
    let (image, disk) = image_of(512);
    assert_reads(&image, &disk, "whole");
    let Some(bench) = Bench::new("a_good_vhdx_reads_and_qemu_reads_the_same") else {
        return;
    };
    bench.file("image", &image.0);
    assert_like_qemu(&bench, "vhdx", "image", "made by hand");
}

/// QEMU counts sectors of 4096 bytes as if they had 512, and gives an eighth of the disk.
#[test]
fn a_disk_of_4096_byte_sectors_has_all_its_bytes() {
    let (image, disk) = image_of(4096);
    assert_reads(&image, &disk, "4096-byte sectors");
    assert_fails(
        &image.le64(SIZE, 3 * MIB as u64 + 512),
        "original-corrupt",
        "at a sector's end",
    );
}

#[test]
fn blocks_that_are_not_there_are_zeros_whatever_their_entry_says() {
    let (image, disk) = image_of(512);
    for state in [0, 1, 2, 3, 5] {
        let image = image
            .clone()
            .le64(TABLE, state)
            .le64(TABLE + 16, (DATA as u64) | state);
        assert_reads(&image, &disk, &format!("state {state}"));
    }
    assert_fails(
        &image.clone().le64(TABLE, 4),
        "original-corrupt",
        "unknown state 4",
    );
    assert_fails(
        &image.le64(TABLE, (9 * MIB) as u64 | 7),
        "differencing",
        "differences",
    );
}

/// Each 4 GiB of the disk have an entry more, which is not a block's.
#[test]
fn entries_of_sector_bitmaps_are_passed_over() {
    let Some(bench) = Bench::new("entries_of_sector_bitmaps_are_passed_over") else {
        return;
    };
    bench.run(&[
        "qemu-img",
        "create",
        "-q",
        "-f",
        "vhdx",
        "-o",
        "block_size=8M",
        "image",
        "4200M",
    ]);
    let marks = [
        "write -P 1 4095M 2M",
        "write -P 2 4103M 2M",
        "write -P 3 100M 1M",
        "write -P 4 4199M 1M",
    ];
    let mut line = vec!["qemu-io", "-f", "vhdx"];
    marks.iter().for_each(|mark| line.extend(["-c", mark]));
    line.push("image");
    bench.run(&line);
    bench.run(&[
        "qemu-img", "convert", "-f", "vhdx", "-O", "raw", "image", "raw",
    ]);
    let sum = |line: Vec<u8>| String::from_utf8(line).unwrap()[..64].to_owned();
    let expected = sum(bench.run(&["sha256sum", "-b", "raw"]));
    let reading =
        crate::ways::lean_pass(crate::ways::Way::File.open(&bench.path("image"))).unwrap();
    let disk = reading.disk.unwrap();
    assert_eq!(
        disk.digests
            .get(disk::Algorithm::Sha256)
            .unwrap()
            .to_string(),
        expected
    );
}

#[test]
fn a_vhdx_that_needs_another_image_is_refused() {
    assert_fails(
        &image().le32(VALUES + 4, 2),
        "differencing",
        "vhdx image holds only",
    );
    let parent = item(image(), 5, PARENT_ID, 64 << 10, 20, 4).le32(METADATA + 8, 6 << 16);
    assert_fails(&parent, "differencing", "vhdx image holds only");
}

#[test]
fn the_blocks_of_a_vhdx_lie_apart_and_inside_the_file() {
    let entry = |place: usize| image().le64(TABLE, place as u64 | 6);
    for place in [DATA, DATA + MIB] {
        assert_fails(
            &entry(place),
            "original-corrupt",
            "two blocks of data overlap",
        );
    }
    for place in [LOG, METADATA, TABLE] {
        assert_fails(
            &entry(place),
            "original-corrupt",
            "a block of data overlaps",
        );
    }
    assert_fails(&entry(0), "original-corrupt", "in the header section");
    for place in [DATA + 2 * MIB, 1 << 40, 1 << 62] {
        assert_fails(&entry(place), "original-truncated", "a block");
    }
    let last = image().le64(TABLE, !(MIB as u64 - 1) | 6);
    assert_fails(&last, "original-truncated", "a block");
}

#[test]
fn hostile_sizes_of_a_vhdx_cost_nothing() {
    assert_fails(
        &image().le64(SIZE, u64::MAX),
        "limit-exceeded",
        "virtual size",
    );
    assert_fails(
        &image().le64(SIZE, 2 << 40),
        "limit-exceeded",
        "virtual size",
    );
    assert_fails(
        &image().le64(SIZE, 1 << 40),
        "original-corrupt",
        "has room for 131072",
    );
    let long = regions(image(), |image, at| image.le32(at + 40, !(MIB as u32 - 1)));
    assert_fails(&long, "original-corrupt", "overlaps");
}
