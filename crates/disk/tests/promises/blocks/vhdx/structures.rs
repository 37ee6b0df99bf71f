//! Headers, regions and metadata of a VHDX, broken by hand.

use super::super::patched::{Patched, assert_fails, assert_reads};
use super::{
    DATA, HEADERS, ITEMS, LOG, METADATA, MIB, REGIONS, SECTOR, TABLE, TABLE_ID, VALUES, header,
    image, image_of, item, regions, signed,
};
use crate::qemu::Bench;

#[test]
fn the_newer_valid_header_counts() {
    let (good, disk) = image_of(512);
    let log = |image: Patched, at: usize| image.bytes(at + 48, &[1]);
    for damaged in HEADERS {
        assert_reads(
            &good.clone().bytes(damaged + 100, &[1]),
            &disk,
            "one header is enough",
        );
    }
    assert_reads(
        &header(good.clone(), 0, log),
        &disk,
        "the older one's log is over",
    );
    assert_fails(&header(good.clone(), 1, log), "dirty-log", "replayed");
    let alone = header(good.clone(), 0, log).bytes(HEADERS[1] + 100, &[1]);
    assert_fails(&alone, "dirty-log", "replayed");
    let same = header(good.clone(), 1, |image, at| image.le64(at + 8, 7));
    assert_reads(&same, &disk, "two equal headers");
    let twins = header(same, 1, |image, at| image.bytes(at + 20, &[1]));
    assert_fails(&twins, "original-corrupt", "contradict each other");
    let none = good
        .clone()
        .bytes(HEADERS[0] + 100, &[1])
        .bytes(HEADERS[1] + 100, &[1]);
    assert_fails(&none, "original-corrupt", "neither header is valid");
    let version = |image, at| Patched::le32(image, at + 64, 0x0002_0000);
    let other = header(header(good.clone(), 0, version), 1, version);
    assert_fails(&other, "original-corrupt", "neither header is valid");
    for (start, len) in [(MIB + 4096, MIB), (0, MIB), (MIB, MIB + 1)] {
        let image = header(good.clone(), 1, |image, at| {
            image.le64(at + 72, start as u64).le32(at + 68, len as u32)
        });
        assert_fails(&image, "original-corrupt", "whole MiB");
    }
    let far = header(good.clone(), 1, |image, at| image.le64(at + 72, 1 << 50));
    assert_fails(&far, "original-truncated", "the log");
    let far = header(good, 1, |image, at| image.le64(at + 72, u64::MAX - 5));
    assert_fails(&far, "original-corrupt", "the log ends beyond all files");
}

/// What `qemu-io` leaves behind when it is killed after a write: the table is changed by way of the log.
#[test]
fn an_image_whose_log_qemu_wants_to_replay_is_refused() {
    let Some(bench) = Bench::new("an_image_whose_log_qemu_wants_to_replay_is_refused") else {
        return;
    };
    let dirty = header(image(), 1, |image, at| image.bytes(at + 48, &[7; 16]));
    // One entry with one descriptor of zeros, as [MS-VHDX] 2.3.1.1 has it.
    let dirty = dirty
        .bytes(LOG, b"loge")
        .le32(LOG + 8, 4096)
        .le64(LOG + 16, 1)
        .le32(LOG + 24, 1)
        .bytes(LOG + 32, &[7; 16])
        .le64(LOG + 48, (6 * MIB) as u64)
        .le64(LOG + 56, (6 * MIB) as u64)
        .bytes(LOG + 64, b"zero")
        .le64(LOG + 72, 4096)
        .le64(LOG + 80, DATA as u64)
        .le64(LOG + 88, 1);
    let dirty = signed(dirty, LOG, 4096);
    bench.file("image", &dirty.0);
    let qemu = bench.try_run(&[
        "qemu-img", "convert", "-f", "vhdx", "-O", "raw", "image", "raw",
    ]);
    let said = String::from_utf8_lossy(&qemu.stderr);
    assert!(said.contains("log that needs to be replayed"), "{said}");
    assert_fails(&dirty, "dirty-log", "replayed");
}

#[test]
fn either_region_table_is_enough_and_two_must_agree() {
    let (good, disk) = image_of(512);
    for damaged in REGIONS {
        assert_reads(
            &good.clone().bytes(damaged + 40_000, &[1]),
            &disk,
            "one table is enough",
        );
    }
    let none = good
        .clone()
        .bytes(REGIONS[0] + 9, &[1])
        .bytes(REGIONS[1] + 9, &[1]);
    assert_fails(&none, "original-corrupt", "neither region table is valid");
    let other = signed(good.bytes(REGIONS[1] + 40_000, &[1]), REGIONS[1], 64 << 10);
    assert_fails(&other, "original-corrupt", "two region tables contradict");
}

#[test]
fn regions_lie_apart_inside_the_file_and_are_known() {
    let with = |change: &dyn Fn(Patched, usize) -> Patched| regions(image(), change);
    let at = |entry: usize, place: usize| {
        with(&move |image, at| image.le64(at + entry + 16, place as u64))
    };
    assert_fails(&at(16, METADATA), "original-corrupt", "overlaps");
    assert_fails(&at(16, LOG), "original-corrupt", "overlaps the log");
    for place in [0, MIB / 2, TABLE + 512] {
        assert_fails(&at(16, place), "original-corrupt", "whole MiB");
    }
    assert_fails(
        &at(16, 1 << 40),
        "original-truncated",
        "the block allocation table",
    );
    assert_fails(&at(48, 1 << 40), "original-truncated", "the metadata table");
    assert_fails(
        &with(&|i, at| i.le32(at + 8, 2048)),
        "original-corrupt",
        "do not fit",
    );
    assert_fails(
        &with(&|i, at| i.le32(at + 8, 1)),
        "original-corrupt",
        "there are no metadata",
    );
    assert_fails(
        &with(&|i, at| i.le32(at + 8, 0)),
        "original-corrupt",
        "no block allocation table",
    );
    let twice = with(&|i, at| i.bytes(at + 48, TABLE_ID));
    assert_fails(&twice, "original-corrupt", "is there twice");
    let more = |required: u32| {
        with(&move |i, at| {
            i.le32(at + 8, 3)
                .bytes(at + 80, &[5; 16])
                .le64(at + 96, (7 * MIB) as u64)
                .le32(at + 104, MIB as u32)
                .le32(at + 108, required)
        })
    };
    assert_fails(&more(1), "unknown-features", "region 0505");
    assert_fails(&more(0), "original-truncated", "a region");
    assert_reads(
        &more(0).bytes(8 * MIB - 1, &[0]),
        &image_of(512).1,
        "a region of somebody",
    );
}

#[test]
fn metadata_are_whole_and_within_their_limits() {
    let bad = "original-corrupt";
    assert_fails(&image().bytes(METADATA, b"x"), bad, "no metadata table");
    assert_fails(&image().le32(METADATA + 8, 2048 << 16), bad, "do not fit");
    for (number, what) in [
        "the file parameters",
        "the virtual disk size",
        "the disk's identifier",
        "the logical sector size",
        "the physical sector size",
    ]
    .into_iter()
    .enumerate()
    {
        let gone = item(image(), number, &[9; 16], 64 << 10, 8, 0);
        assert_fails(&gone, bad, &format!("{what} is not there"));
        let twice = item(image(), 5, ITEMS[number].0, 64 << 10, 16, 6).le32(METADATA + 8, 6 << 16);
        assert_fails(&twice, bad, &format!("{what} is there twice"));
        for (offset, len) in [
            (100, 16),
            (MIB as u32 - 3, 16),
            (u32::MAX, 16),
            (64 << 10, 3),
        ] {
            let outside = item(image(), number, ITEMS[number].0, offset, len, 6);
            assert_fails(&outside, bad, &format!("{what} cannot be at"));
        }
    }
    let unknown = item(image(), 5, &[9; 16], 64 << 10, 8, 4).le32(METADATA + 8, 6 << 16);
    assert_fails(&unknown, "unknown-features", "metadata item 0909");
    for block in [0, 512, MIB as u32 + 1, 3 << 20, 512 << 20] {
        assert_fails(&image().le32(VALUES, block), bad, "power of two");
    }
    for sector in [0, 1024, 520] {
        assert_fails(&image().le32(SECTOR, sector), bad, "neither 512 nor 4096");
        assert_fails(
            &image().le32(SECTOR + 4, sector),
            bad,
            "neither 512 nor 4096",
        );
    }
}
