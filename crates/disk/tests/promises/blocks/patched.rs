//! Small images made from the specifications' text, to be damaged byte by byte.

use std::sync::Arc;

use crate::ways::{Way, digests_of, disk_digests, pass, source};

/// The bytes of an image, and a way to set its numbers.
#[derive(Clone)]
pub(crate) struct Patched(pub(crate) Vec<u8>);

impl Patched {
    pub(crate) fn bytes(mut self, at: usize, bytes: &[u8]) -> Self {
        if self.0.len() < at + bytes.len() {
            self.0.resize(at + bytes.len(), 0);
        }
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    pub(crate) fn be32(self, at: usize, value: u32) -> Self {
        self.bytes(at, &value.to_be_bytes())
    }

    pub(crate) fn be64(self, at: usize, value: u64) -> Self {
        self.bytes(at, &value.to_be_bytes())
    }

    pub(crate) fn le32(self, at: usize, value: u32) -> Self {
        self.bytes(at, &value.to_le_bytes())
    }

    pub(crate) fn le64(self, at: usize, value: u64) -> Self {
        self.bytes(at, &value.to_le_bytes())
    }
}

fn results(image: &Patched) -> [(Way, Result<disk::Reading, disk::Error>); 3] {
    let bytes = Arc::new(image.0.clone());
    [Way::Pipe, Way::Announced, Way::Ranged].map(|way| (way, pass(source(way, &bytes))))
}

/// Every way of reading `image` ends in `code` with a message that contains `text`.
pub(crate) fn assert_fails(image: &Patched, code: &str, text: &str) {
    for (way, result) in results(image) {
        let error = result.map(|_| ()).expect_err(text);
        assert_eq!(error.code(), code, "{way:?}, `{text}`: {error}");
        assert!(
            error.to_string().contains(text),
            "{way:?}, `{text}`: {error}"
        );
    }
}

/// Every way of reading `image` gives `disk`.
pub(crate) fn assert_reads(image: &Patched, disk: &[u8], what: &str) {
    for (way, result) in results(image) {
        let reading = result.unwrap_or_else(|e| panic!("{what}, {way:?}: {e}"));
        assert_eq!(disk_digests(&reading), digests_of(disk), "{what}, {way:?}");
    }
}
