//! Headers that refuse themselves.

use std::sync::Arc;

use disk::{Cancel, Error, Wanted, read};

use super::{Patched, assert_fails, assert_reads, image};
use crate::ways::{Way, source, wanted};
use crate::writer::{Plan, make};

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
        ..wanted()
    };
    let bytes = Arc::new(image(false).0);
    let error = read(
        source(Way::Ranged, &bytes),
        &wanted,
        disk::Ends::default(),
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
