//! Tables and clusters that lie where they must not, or contradict themselves.

use super::{Patched, assert_fails, image, results};
use crate::writer::{Plan, compressed_entry, make};

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
