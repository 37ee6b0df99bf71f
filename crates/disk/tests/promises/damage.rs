//! Headers and tables patched by hand: each kind of damage has its code, whichever way the image comes in.

mod header;
mod tables;

use std::sync::Arc;

use disk::Error;

use crate::ways::{Way, digests_of, disk_digests, pass, source};
use crate::writer::{Plan, make};

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
