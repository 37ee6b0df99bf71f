//! The footer at the end of a file: where the directory is.

use crate::limits::VMDK_MAX_LOOK_AHEAD;
use crate::run::Stop;
use crate::window::View;
use crate::{Error, Refusal};

use super::header::{Header, SECTOR};
use super::tables::{Directory, bytes_at, plain_entries};
use super::{corrupt, refused};

/// The place of the directory by the footer `bytes` at `at`, which the marker `end` must follow.
pub(super) fn footer(header: &Header, bytes: &[u8], end: &[u8], at: u64) -> Result<u64, Error> {
    let footer = Header::parse(bytes, at, u64::MAX)?;
    if !header.agrees(&footer) {
        return Err(corrupt(at, "header and footer contradict each other"));
    }
    let place = footer
        .directory
        .ok_or_else(|| corrupt(at + 56, "the footer names no directory"))?;
    if end.iter().take(16).any(|byte| *byte != 0) {
        let what = "no end-of-stream marker follows the footer";
        return Err(corrupt(at + SECTOR, what));
    }
    Ok(place)
}

/// The place of the directory by the footer at the end of a file that can be read again.
pub(super) fn footer_at_end(header: &Header, view: &mut View) -> Result<u64, Stop> {
    let len = view.len().filter(|_| view.can_read_again());
    let Some(len) = len else {
        return Err(Stop::Failed(refused(Refusal::NeedsRandomAccess {
            offset: header.overhead,
            end: header.overhead + SECTOR,
        })));
    };
    let cut = |needed| Error::Truncated {
        what: "the footer".into(),
        needed,
        len,
    };
    let start = len
        .checked_sub(3 * SECTOR)
        .filter(|start| *start >= header.descriptor.end && start % SECTOR == 0)
        .ok_or_else(|| cut(len.next_multiple_of(SECTOR) + SECTOR))?;
    let marker = view.table(start..start + SECTOR, "the footer's marker")?;
    let bytes = view.table(start + SECTOR..start + 2 * SECTOR, "the footer")?;
    let end = view.table(start + 2 * SECTOR..len, "the end-of-stream marker")?;
    if end.iter().take(16).any(|byte| *byte != 0) || bytes_at(&marker, 8) != FOOTER_MARKER {
        return Err(cut(len + SECTOR).into());
    }
    Ok(footer(header, &bytes, &end, start + SECTOR)?)
}

/// The size and the kind in the footer's marker.
const FOOTER_MARKER: [u8; 8] = [0, 0, 0, 0, 3, 0, 0, 0];

/// Whether the tables list the grains in the order in which they lie, as far as a look ahead tells; also where the file
/// cannot be read again, or nothing can be made of it, which the pass will find for itself.
pub(super) fn in_order(header: &Header, view: &View) -> Result<bool, Error> {
    let Some(start) = view.len().and_then(|len| len.checked_sub(2 * SECTOR)) else {
        return Ok(true);
    };
    let Some(bytes) = view.ahead(start..start + 2 * SECTOR)? else {
        return Ok(true);
    };
    let (head, end) = bytes.split_at(bytes.len().min(512));
    let Ok(place) = footer(header, head, end, start) else {
        return Ok(true);
    };
    let Some(bytes) = view.ahead(place..place + header.directory_len())? else {
        return Ok(true);
    };
    let Ok(directory) = Directory::parse(header, &bytes, place, view.len()) else {
        return Ok(true);
    };
    let tables: Vec<u64> = directory
        .tables
        .into_iter()
        .filter(|table| *table != 0)
        .collect();
    if tables.len() > VMDK_MAX_LOOK_AHEAD {
        return Ok(false);
    }
    let mut last = 0;
    for table in tables {
        let Some(bytes) = view.ahead(table..table + header.table_len())? else {
            return Ok(true);
        };
        for entry in plain_entries(header, &bytes) {
            if entry != 0 && entry <= last {
                return Ok(false);
            }
            last = last.max(entry);
        }
    }
    Ok(true)
}
