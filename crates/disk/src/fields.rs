//! Numbers out of a structure's bytes, in either byte order; what is not there is a cut file.

use crate::Error;

/// A structure's bytes.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    /// What the structure is called in messages.
    what: &'static str,
    /// Where it lies in the file.
    at: u64,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8], what: &'static str, at: u64) -> Self {
        Self { bytes, what, at }
    }

    /// The `N` bytes from `at` on.
    pub(crate) fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Error> {
        self.bytes
            .get(at..)
            .and_then(<[u8]>::first_chunk::<N>)
            .copied()
            .ok_or_else(|| Error::Truncated {
                what: self.what.into(),
                needed: self.at.saturating_add((at + N) as u64),
                len: self.at.saturating_add(self.bytes.len() as u64),
            })
    }

    pub(crate) fn be16(&self, at: usize) -> Result<u16, Error> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(crate) fn be32(&self, at: usize) -> Result<u32, Error> {
        self.array(at).map(u32::from_be_bytes)
    }

    pub(crate) fn be64(&self, at: usize) -> Result<u64, Error> {
        self.array(at).map(u64::from_be_bytes)
    }

    pub(crate) fn le16(&self, at: usize) -> Result<u16, Error> {
        self.array(at).map(u16::from_le_bytes)
    }

    pub(crate) fn le32(&self, at: usize) -> Result<u32, Error> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(crate) fn le64(&self, at: usize) -> Result<u64, Error> {
        self.array(at).map(u64::from_le_bytes)
    }

    /// The field at `at` is wrong.
    pub(crate) fn corrupt(&self, at: usize, what: impl Into<String>) -> Error {
        Error::Corrupt {
            what: what.into(),
            offset: self.at.saturating_add(at as u64),
        }
    }
}
