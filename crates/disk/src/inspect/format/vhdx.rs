//! What the headers and the metadata of a VHDX say (MS-VHDX).

use super::super::fields::{guid, le16, le32, le64, utf16};
use super::super::finding::Code;
use super::super::seen::{Place, Seen};
use super::Facts;

const REGIONS: u64 = 192 << 10;
const TABLE: usize = 64 << 10;
const HEADERS: [u64; 2] = [64 << 10, 128 << 10];
const METADATA: &str = "8B7CA206-4790-4B9A-B8FE-575F050F886E";
const FILE_PARAMETERS: &str = "CAA16737-FA36-4D43-B3B6-33F0AA44E76B";
const DISK_SIZE: &str = "2FA54224-CD1B-4876-B211-5DBED83BF4B8";
const SECTOR_SIZE: &str = "8141BF1D-A96F-4709-BA47-F233A8FAAB5F";
/// Metadata items that are looked at are 8 bytes long at most.
const ITEM: usize = 8;

/// The metadata table, then the items in it.
pub(super) fn wanted(seen: &Seen) -> Vec<Place> {
    let Some(metadata) = metadata(seen) else {
        return Vec::new();
    };
    let mut places = vec![(metadata, TABLE)];
    let items = [FILE_PARAMETERS, DISK_SIZE, SECTOR_SIZE];
    places.extend(items.iter().filter_map(|id| item(seen, metadata, id)));
    places
}

pub(super) fn read(seen: &Seen, facts: &mut Facts) {
    facts.feature("creator", utf16(seen.bytes(8, 512).unwrap_or_default()));
    header(seen, facts);
    let metadata = metadata(seen);
    let table = metadata.and_then(|at| seen.bytes(at, TABLE));
    if seen.len().is_none() && table.is_none() {
        return;
    }
    let (Some(metadata), Some(table)) = (metadata, table) else {
        let end = metadata.and_then(|at| at.checked_add(TABLE as u64));
        match end.filter(|end| seen.len().is_some_and(|len| *end > len)) {
            Some(end) => facts.needs("the metadata table", Some(end), seen),
            None => facts.refuse(Code::Corrupt, "there is no metadata region"),
        }
        return;
    };
    if !table.starts_with(b"metadata") {
        facts.refuse(Code::Corrupt, "the metadata table does not begin as one");
        return;
    }
    let bytes = |id: &str| item(seen, metadata, id).and_then(|(at, len)| seen.bytes(at, len));
    facts.virtual_size = bytes(DISK_SIZE).and_then(|item| le64(item, 0));
    if let Some(item) = bytes(FILE_PARAMETERS) {
        facts.feature("block size", le32(item, 0).unwrap_or(0).to_string());
        let flags = le32(item, 4).unwrap_or(0);
        facts.feature(
            "subformat",
            if flags & 1 != 0 { "fixed" } else { "dynamic" },
        );
        if flags & 2 != 0 {
            facts.refuse(Code::Differencing, "it has a parent");
        }
    }
    if let Some(sector) = bytes(SECTOR_SIZE).and_then(|item| le32(item, 0)) {
        facts.feature("sector size", sector.to_string());
    }
    if facts.virtual_size.is_none() && seen.len().is_some() {
        facts.refuse(
            Code::Corrupt,
            "the metadata does not tell the size of the disk",
        );
    }
}

/// The header with the higher sequence number is the one in force. Its log is to be replayed unless its GUID is zero.
fn header(seen: &Seen, facts: &mut Facts) {
    let headers = HEADERS.iter().filter_map(|at| seen.bytes(*at, 80));
    let headers = headers.filter(|header| header.starts_with(b"head"));
    let Some(header) = headers.max_by_key(|header| le64(header, 8)) else {
        if seen.len().is_some() {
            facts.refuse(Code::Corrupt, "neither header begins as one");
        }
        return;
    };
    facts.feature("version", le16(header, 66).unwrap_or(0).to_string());
    let log = header.get(48..64).unwrap_or_default();
    if log.iter().any(|b| *b != 0) {
        facts.refuse(
            Code::DirtyLog,
            format!("log {}", guid(log, 0).unwrap_or_default()),
        );
    }
}

/// Where the metadata region begins. MS-VHDX 2.2.3.
fn metadata(seen: &Seen) -> Option<u64> {
    let table = seen.bytes(REGIONS, TABLE)?;
    let count = usize::try_from(le32(table, 8)?).ok()?;
    if !table.starts_with(b"regi") {
        return None;
    }
    let mut entries = table.get(16..)?.chunks_exact(32).take(count);
    let entry = entries.find(|entry| guid(entry, 0).as_deref() == Some(METADATA))?;
    le64(entry, 16)
}

/// Where an item of the metadata is. MS-VHDX 2.2.5.
fn item(seen: &Seen, metadata: u64, id: &str) -> Option<Place> {
    let table = seen.bytes(metadata, TABLE)?;
    let count = usize::from(le16(table, 10)?);
    let mut entries = table.get(32..)?.chunks_exact(32).take(count);
    let entry = entries.find(|entry| guid(entry, 0).as_deref() == Some(id))?;
    let start = metadata.checked_add(u64::from(le32(entry, 16)?))?;
    let len = usize::try_from(le32(entry, 20)?).ok()?;
    Some((start, len.min(ITEM)))
}
