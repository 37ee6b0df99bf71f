//! The grain directory and its tables: where each grain of the disk lies.

use bytes::Bytes;

use crate::Error;
use crate::taken::Taken;

use super::corrupt;
use super::header::{Header, SECTOR};

/// The entry of a grain of zeros, where the header allows it.
const ZEROED: u32 = 1;

/// Where the grain tables lie.
pub(super) struct Directory {
    /// The place of each table in the file, in bytes; 0 for none.
    pub(super) tables: Vec<u64>,
    /// The header, the descriptor, the directory and all tables.
    pub(super) taken: Taken,
}

impl Directory {
    /// Reads the directory, which lies at `at`. `len` is the length of the file, where it is known.
    pub(super) fn parse(
        header: &Header,
        bytes: &[u8],
        at: u64,
        len: Option<u64>,
    ) -> Result<Self, Error> {
        let tables: Vec<u64> = words(bytes).map(|word| u64::from(word) * SECTOR).collect();
        let mut taken = vec![
            0..SECTOR,
            header.descriptor.clone(),
            at..at + header.directory_len(),
        ];
        let used = tables.iter().filter(|place| **place != 0);
        taken.extend(used.map(|place| *place..*place + header.table_len()));
        Ok(Self {
            tables,
            taken: Taken::new(taken, len)?,
        })
    }
}

/// The entries of the table `number`, which lies at `at`: 0 where the grain is all zeros.
pub(super) fn entries(
    header: &Header,
    number: u64,
    bytes: &[u8],
    at: u64,
) -> Result<Vec<u32>, Error> {
    let entries = plain_entries(header, bytes);
    let first = number * header.table_entries;
    let behind = usize::try_from(header.grains() - first).unwrap_or(usize::MAX);
    if entries.iter().skip(behind).any(|entry| *entry != 0) {
        return Err(corrupt(at, "a grain lies behind the end of the disk"));
    }
    Ok(entries)
}

/// The entries of any table.
pub(super) fn plain_entries(header: &Header, bytes: &[u8]) -> Vec<u32> {
    words(bytes)
        .map(|entry| match entry {
            ZEROED if header.zeroed => 0,
            entry => entry,
        })
        .collect()
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|word| u32::from_le_bytes(*word))
}

/// A digest of a table's entries.
pub(super) fn digest(entries: &[u32]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for entry in entries {
        hasher.update(&entry.to_le_bytes());
    }
    hasher.finalize()
}

/// `N` bytes at `place`; zeros behind the end, which nobody asks for.
pub(super) fn bytes_at<const N: usize>(bytes: &Bytes, place: usize) -> [u8; N] {
    bytes
        .get(place..)
        .and_then(|rest| rest.first_chunk::<N>())
        .copied()
        .unwrap_or([0; N])
}
