//! Headers and tables patched by hand: each kind of damage has its code, whichever way the image comes in.

use std::sync::Arc;

use disk::{Cancel, Error, Wanted, read};

use crate::ways::{Way, digests_of, disk_digests, pass, source};
use crate::writer::{Plan, compressed_entry, make};

/// An image of 512-byte clusters (or 16 KiB with subclusters): header, refcount table, L1 table, then L2 tables and data.
fn image(subclusters: bool) -> Patched {
    let cluster_bits = if subclusters { 14 } else { 9 };
    let size = if subclusters { 1 << 20 } else { 160 << 10 };
    let plan = Plan {
        version: 3,
        cluster_bits,
        zstd: false,
        subclusters,
        size,
        seed: 4,
        disorder: 0,
        sparse: 9,
    };
    Patched(make(&plan).image)
}

struct Patched(Vec<u8>);

impl Patched {
    fn u32(mut self, at: usize, value: u32) -> Self {
        self.0[at..at + 4].copy_from_slice(&value.to_be_bytes());
        self
    }

    fn u64(mut self, at: usize, value: u64) -> Self {
        self.0[at..at + 8].copy_from_slice(&value.to_be_bytes());
        self
    }

    fn u8(mut self, at: usize, value: u8) -> Self {
        self.0[at] = value;
        self
    }

    fn get(&self, at: usize) -> u64 {
        u64::from_be_bytes(self.0[at..at + 8].try_into().unwrap())
    }

    /// Where the L1 entry `number` stands.
    fn l1(&self, number: usize) -> usize {
        self.get(40) as usize + number * 8
    }

    fn table(&self, number: usize) -> u64 {
        self.get(self.l1(number)) & 0x00ff_ffff_ffff_fe00
    }

    /// Where the first word of the L2 entry `number` of the first table stands.
    fn l2(&self, number: usize) -> usize {
        self.table(0) as usize + number * if self.0[79] & 16 != 0 { 16 } else { 8 }
    }

    fn set_l1(self, number: usize, value: u64) -> Self {
        let at = self.l1(number);
        self.u64(at, value)
    }

    fn set_l2(self, number: usize, value: u64) -> Self {
        let at = self.l2(number);
        self.u64(at, value)
    }

    fn len(&self) -> u64 {
        self.0.len() as u64
    }
}

fn results(image: Patched) -> Vec<(Way, Result<disk::Reading, Error>)> {
    let bytes = Arc::new(image.0);
    [Way::Pipe, Way::Announced, Way::Ranged]
        .map(|way| (way, pass(source(way, &bytes))))
        .into()
}

/// Every way of reading `image` ends in `code` with a message that contains `text`.
fn assert_fails(image: Patched, code: &str, text: &str) {
    for (way, result) in results(image) {
        let error = result.map(|_| ()).expect_err(text);
        assert_eq!(error.code(), code, "{way:?}, `{text}`: {error}");
        assert!(
            error.to_string().contains(text),
            "{way:?}, `{text}`: {error}"
        );
    }
}

fn assert_reads(image: Patched, expected: &[u8], what: &str) {
    for (way, result) in results(image) {
        assert_eq!(
            disk_digests(&result.expect(what)),
            digests_of(expected),
            "{what}, {way:?}"
        );
    }
}

#[test]
fn the_image_that_is_damaged_here_is_good_before() {
    for subclusters in [false, true] {
        for (way, result) in results(image(subclusters)) {
            result.unwrap_or_else(|e| panic!("{way:?}: {e}"));
        }
    }
}

#[test]
fn unknown_versions_features_and_methods_are_refused() {
    for version in [0, 1, 4, u32::MAX] {
        assert_fails(
            image(false).u32(4, version),
            "format-not-supported",
            "version",
        );
    }
    for bit in [5, 6, 31, 32, 63] {
        assert_fails(
            image(false).u64(72, 1 << bit),
            "unknown-features",
            "unknown incompatible features",
        );
        assert_fails(
            image(false).u64(72, 1 << bit | 4),
            "unknown-features",
            "unknown incompatible features",
        );
    }
    assert_fails(
        image(false).u64(72, 4),
        "external-data-file",
        "external data file",
    );
    assert_fails(image(false).u32(32, 1), "encrypted", "AES");
    assert_fails(image(false).u32(32, 2), "encrypted", "LUKS");
    assert_fails(
        image(false).u32(32, 3),
        "original-corrupt",
        "unknown encryption method",
    );
    assert_fails(
        image(false).u64(8, 300).u32(16, 9),
        "backing-file",
        "backing file",
    );
    assert_fails(
        image(false).u64(8, u64::MAX).u32(16, u32::MAX),
        "backing-file",
        "backing file",
    );
    assert_fails(
        image(false).u8(104, 2).u64(72, 8),
        "format-not-supported",
        "compression method 2",
    );
}

#[test]
fn version_2_has_no_feature_bits() {
    let plan = Plan {
        version: 2,
        cluster_bits: 9,
        zstd: false,
        subclusters: false,
        size: 64 << 10,
        seed: 1,
        disorder: 0,
        sparse: 4,
    };
    let made = make(&plan);
    // An extension of 40 bytes stands there, full of what would be feature bits.
    let mut image = Patched(made.image).u32(72, 0x1234_5678).u32(76, 40);
    image.0[80..120].fill(0xff);
    assert_reads(
        image,
        &made.disk,
        "bytes from 72 on are no feature bits in version 2",
    );
    let image = Patched(make(&plan).image);
    let entry = image.get(image.l2(0)) & !(1 << 62) & !0x1ff;
    assert_fails(
        image.set_l2(0, entry & 0xffff_fe00 | 1),
        "original-corrupt",
        "zero cluster in a version 2",
    );
}

#[test]
fn contradictions_in_the_header_are_corrupt() {
    for bits in [0, 8, 22, 63, 64, u32::MAX] {
        assert_fails(
            image(false).u32(20, bits),
            "original-corrupt",
            "cluster size",
        );
    }
    for len in [0, 72, 103, 513, u32::MAX] {
        assert_fails(
            image(false).u32(100, len),
            "original-corrupt",
            "header length",
        );
    }
    assert_fails(
        image(false).u8(104, 1),
        "original-corrupt",
        "compression method",
    );
    assert_fails(
        image(false).u64(72, 8),
        "original-corrupt",
        "compression method",
    );
    assert_fails(
        image(false).u64(72, 8).u32(100, 104),
        "original-corrupt",
        "compression method",
    );
    assert_fails(
        image(false).u64(72, 16),
        "original-corrupt",
        "too small for subclusters",
    );
    assert_fails(
        image(false).u32(96, 7),
        "original-corrupt",
        "reference counts",
    );
    assert_fails(
        image(false).u32(56, 0),
        "original-corrupt",
        "no refcount table",
    );
    assert_fails(
        image(false).u32(36, 4),
        "original-corrupt",
        "L1 table has 4 entries",
    );
    assert_fails(
        image(false).u32(36, 0),
        "original-corrupt",
        "L1 table has 0 entries",
    );
}

#[test]
fn header_extensions_end_inside_the_first_cluster() {
    let disk = make(&Plan {
        version: 3,
        cluster_bits: 9,
        zstd: false,
        subclusters: false,
        size: 160 << 10,
        seed: 4,
        disorder: 0,
        sparse: 9,
    })
    .disk;
    assert_reads(
        image(false).u32(112, 0x6803_f857).u32(116, 512 - 120),
        &disk,
        "an extension up to the end",
    );
    for len in [512 - 119, 0x7fff_ffff, u32::MAX] {
        assert_fails(
            image(false).u32(112, 0x1234_5678).u32(116, len),
            "original-corrupt",
            "leaves the first cluster",
        );
    }
    assert_fails(
        image(false).u32(112, 0x0537_be77).u32(116, 16),
        "original-corrupt",
        "encryption header",
    );
}

#[test]
fn absurd_sizes_are_over_the_limit() {
    for size in [(1 << 40) + 512, 1 << 63, u64::MAX] {
        assert_fails(image(false).u64(24, size), "limit-exceeded", "virtual size");
    }
    assert_fails(image(false).u32(36, u32::MAX), "limit-exceeded", "L1 table");
    assert_fails(
        image(false).u32(36, (32 << 20) / 8 + 1),
        "limit-exceeded",
        "L1 table",
    );
    assert_fails(
        image(false).u32(56, u32::MAX),
        "limit-exceeded",
        "refcount table",
    );
    assert_fails(
        image(false).u32(56, (8 << 20) / 512 + 1),
        "limit-exceeded",
        "refcount table",
    );
    assert_fails(image(false).u32(60, 65_537), "limit-exceeded", "snapshots");
    let wanted = Wanted {
        max_virtual_size: Some((160 << 10) - 1),
        ..crate::ways::wanted()
    };
    let bytes = Arc::new(image(false).0);
    let error = read(
        source(Way::Ranged, &bytes),
        &wanted,
        None,
        &Arc::default(),
        &Cancel::default(),
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                value: 0x28000,
                limit: 0x27fff,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn tables_lie_inside_the_file_aligned_and_apart() {
    for at in [40, 48] {
        for offset in [513, 1024 + 256] {
            assert_fails(
                image(false).u64(at, offset),
                "original-corrupt",
                "not aligned",
            );
        }
        for offset in [0, 1 << 56, 1 << 63, u64::MAX - 511] {
            assert_fails(
                image(false).u64(at, offset),
                "original-corrupt",
                "cannot be at",
            );
        }
        let outside = image(false).len().next_multiple_of(512) + 512;
        for offset in [outside, 1 << 40, (1 << 56) - 512] {
            assert_fails(image(false).u64(at, offset), "original-truncated", "table");
        }
    }
    let here = image(false);
    let (l1, end) = (here.get(40), here.len());
    assert_fails(here.u64(48, l1), "original-corrupt", "two tables overlap");
    assert_fails(
        image(false).u32(56, 2),
        "original-corrupt",
        "two tables overlap",
    );
    let mut longer = image(false);
    longer.0.resize(end.next_multiple_of(512) as usize + 512, 0);
    let inside = longer.len() - 512;
    assert_fails(
        longer.u64(48, inside).u32(56, 2),
        "original-truncated",
        "table",
    );
}

#[test]
fn second_tables_lie_inside_the_file_aligned_and_apart() {
    let here = image(false);
    let (own, first, second, outside) =
        (here.get(40), here.table(0), here.table(1), here.len() + 512);
    assert_fails(
        here.set_l1(1, first),
        "original-corrupt",
        "two tables overlap",
    );
    assert_fails(
        image(false).set_l1(1, own),
        "original-corrupt",
        "two tables overlap",
    );
    assert_fails(
        image(false).set_l1(2, 512),
        "original-corrupt",
        "two tables overlap",
    );
    assert_fails(
        image(true).set_l1(0, 512),
        "original-corrupt",
        "not aligned",
    );
    for offset in [outside & !0x1ff, 1 << 40, (1 << 56) - 512] {
        assert_fails(
            image(false).set_l1(1, offset),
            "original-truncated",
            "table",
        );
    }
    // Reserved bits of an entry mean nothing.
    for (way, result) in results(image(false).set_l1(1, second | 0x7f00_0000_0000_01ff)) {
        result.unwrap_or_else(|e| panic!("{way:?}: {e}"));
    }
}

#[test]
fn data_lies_inside_the_file_aligned_and_beside_the_tables() {
    let here = image(false);
    let (l1, table, outside) = (
        here.get(40),
        here.table(1),
        here.len().next_multiple_of(512),
    );
    for place in [l1, table, 512] {
        assert_fails(
            image(false).set_l2(0, place),
            "original-corrupt",
            "data overlaps a table",
        );
        let packed = compressed_entry(9, place + 20, 20);
        assert_fails(
            image(false).set_l2(0, packed),
            "original-corrupt",
            "data overlaps a table",
        );
    }
    assert_fails(
        image(false).set_l2(0, compressed_entry(9, 200, 20)),
        "original-corrupt",
        "data overlaps a table",
    );
    for place in [outside, 1 << 40, (1 << 56) - 512] {
        assert_fails(image(false).set_l2(0, place), "original-truncated", "data");
    }
    for place in [outside, outside + 100, 1 << 40, (1 << 61) - 512] {
        assert_fails(
            image(false).set_l2(0, compressed_entry(9, place, 20)),
            "original-truncated",
            "compressed cluster",
        );
    }
    assert_fails(
        image(true).set_l2(0, 4096 + 512),
        "original-corrupt",
        "not aligned",
    );
}

#[test]
fn subclusters_that_contradict_themselves_are_corrupt() {
    let here = image(true);
    let (at, data) = (here.l2(0), here.len() & !0x3fff);
    let set = |word: u64, bitmap: u64| image(true).u64(at, word).u64(at + 8, bitmap);
    assert_fails(
        set(data, 1 << 32 | 1),
        "original-corrupt",
        "both allocated and zero",
    );
    assert_fails(set(0, 1), "original-corrupt", "its cluster is not");
    assert_fails(
        set(0, 1 << 40 | 1),
        "original-corrupt",
        "its cluster is not",
    );
    assert_fails(set(data + 0x4000, 1 << 31), "original-truncated", "data");
}

#[test]
fn a_compressed_cluster_of_garbage_is_corrupt() {
    for zstd in [false, true] {
        let plan = Plan {
            version: 3,
            cluster_bits: 12,
            zstd,
            subclusters: false,
            size: 256 << 10,
            seed: 9,
            disorder: 0,
            sparse: 9,
        };
        let good = Patched(make(&plan).image);
        let packed = (0..64)
            .map(|n| good.get(good.l2(n)))
            .filter(|entry| entry & 1 << 62 != 0);
        for entry in packed {
            let mut bad = Patched(good.0.clone());
            let at = (entry & ((1 << 54) - 1)) as usize;
            bad.0[at..at + 16].fill(0xff);
            assert_fails(
                bad,
                "original-corrupt",
                "a compressed cluster cannot be decoded",
            );
        }
    }
}
