//! The GUID partition table. UEFI 2.10, chapter 5.

use super::super::fields::{guid, le32, le64, utf16};
use super::super::finding::{Code, Finding};
use super::super::seen::{Place, Seen};
use super::types;
use super::{Partition, Scheme, Table, is_iso};
use crate::limits::{INSPECTED_SPOT, MAX_GPT_ENTRIES};

const SIGNATURE: &[u8] = b"EFI PART";
/// Nobody uses this partition.
const UNUSED: &str = "00000000-0000-0000-0000-000000000000";

/// The size of the sectors in which the table counts: its header is in the second one.
pub(super) fn sector(head: &[u8]) -> Option<u32> {
    let at = |sector: &u32| {
        usize::try_from(*sector).is_ok_and(|at| head.get(at..at + 8) == Some(SIGNATURE))
    };
    [512, 4096].into_iter().find(at)
}

/// A header's fields.
struct Header<'a> {
    sector: u32,
    bytes: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(head: &'a [u8]) -> Option<Self> {
        let sector = sector(head)?;
        let at = usize::try_from(sector).ok()?;
        let bytes = head.get(at..at.checked_add(at)?)?;
        Some(Self { sector, bytes })
    }

    /// The size of an entry and how many there are, within what is read.
    fn entries(&self) -> Option<(usize, usize)> {
        let size = usize::try_from(le32(self.bytes, 84)?).ok()?;
        let count = le32(self.bytes, 80)?.min(MAX_GPT_ENTRIES);
        let count = usize::try_from(count).ok()?;
        let fits = (128..=4096).contains(&size) && count > 0 && size.is_multiple_of(8);
        fits.then(|| (size, count.min(INSPECTED_SPOT / size)))
    }

    fn place(&self) -> Option<Place> {
        let (size, count) = self.entries()?;
        let start = le64(self.bytes, 72)?.checked_mul(u64::from(self.sector))?;
        Some((start, size * count))
    }

    /// Its checksum is over itself with the checksum's own field empty.
    fn is_whole(&self) -> bool {
        let len = le32(self.bytes, 12).and_then(|len| usize::try_from(len).ok());
        let Some(own) = len.and_then(|len| self.bytes.get(..len)) else {
            return false;
        };
        let mut own = own.to_vec();
        if let Some(field) = own.get_mut(16..20) {
            field.fill(0);
        }
        le32(self.bytes, 16) == Some(libdeflater::crc32(&own))
    }

    fn are_whole(&self, entries: &[u8]) -> bool {
        let full = self
            .entries()
            .and_then(|(size, count)| Some((size * count, le32(self.bytes, 80)?, count)));
        // A table larger than what is read cannot be judged.
        full.is_none_or(|(len, all, count)| {
            usize::try_from(all) != Ok(count)
                || len != entries.len()
                || le32(self.bytes, 88) == Some(libdeflater::crc32(entries))
        })
    }
}

/// Where the entries are.
pub(super) fn entries(head: &[u8]) -> Option<Place> {
    Header::read(head)?.place()
}

pub(super) fn table(seen: &Seen, scheme: Scheme, findings: &mut Vec<Finding>) -> Option<Table> {
    let header = Header::read(seen.head())?;
    let entries = header
        .place()
        .and_then(|(start, len)| seen.bytes(start, len));
    let partitions = match (entries, header.entries()) {
        (Some(entries), Some((size, _))) => {
            if !header.is_whole() || !header.are_whole(entries) {
                findings.push(Finding::warning(Code::GptChecksum));
            }
            let numbered = (1..).zip(entries.chunks_exact(size));
            numbered
                .filter_map(|(number, entry)| partition(number, entry, header.sector))
                .collect()
        }
        _ if seen.len().is_some() => {
            findings.push(Finding::warning(Code::TableUnread).with("the entries of the GPT"));
            Vec::new()
        }
        _ => Vec::new(),
    };
    check_backup(seen, &header, findings);
    Some(Table {
        scheme,
        sector: header.sector,
        id: guid(header.bytes, 56).map(|id| id.to_ascii_lowercase()),
        partitions,
    })
}

fn partition(number: u32, entry: &[u8], sector: u32) -> Option<Partition> {
    let kind = guid(entry, 0).filter(|kind| kind != UNUSED)?;
    let (first, last) = (le64(entry, 32)?, le64(entry, 40)?);
    let sectors = last.saturating_sub(first).saturating_add(1);
    let name = utf16(entry.get(56..128)?);
    Some(Partition {
        number,
        start: first.saturating_mul(sector.into()),
        size: sectors.saturating_mul(sector.into()),
        kind_name: types::gpt(&kind),
        kind: kind.to_ascii_lowercase(),
        name: (!name.is_empty()).then_some(name),
        // "Legacy BIOS bootable" (UEFI 2.10, table 5.8).
        active: le64(entry, 48)? & 4 != 0,
    })
}

/// The backup is in the last sector. On an ISO it is where the table ends, often with padding behind it.
fn check_backup(seen: &Seen, header: &Header<'_>, findings: &mut Vec<Finding>) {
    let size = usize::try_from(header.sector).unwrap_or(512);
    if seen.len().is_none() || is_iso(seen) {
        return;
    }
    let found = seen
        .last(size)
        .is_some_and(|last| last.starts_with(SIGNATURE));
    if !found {
        findings.push(Finding::warning(Code::GptBackup));
    }
}
