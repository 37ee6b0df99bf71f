//! OpenStack's inspector of VHDX, the one whose verdict depends on places that the file names.

use super::super::fields::{guid, le16, le32, le64};
use super::{Matched, PIECE, Size};

/// Where the region table lies.
const REGIONS: u64 = 192 << 10;
const METADATA_REGION: &str = "8B7CA206-4790-4B9A-B8FE-575F050F886E";
const VIRTUAL_DISK_SIZE: &str = "2FA54224-CD1B-4876-B211-5DBED83BF4B8";
const ENTRIES: u32 = 2048;
const TABLE: u64 = 64 << 10;

/// Sees the file in whole pieces, as oslo.utils does.
#[derive(Clone, Debug)]
pub(crate) struct Vhdx {
    piece: Vec<u8>,
    position: u64,
    state: State,
    regions: Region,
    metadata: Option<Region>,
    size: Option<Region>,
    /// The last piece has brought something that the next one makes use of.
    news: bool,
    stopped_at: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Too few bytes to tell.
    Open,
    /// Not a VHDX.
    Other,
    Reading,
    /// A structure was wrong: nothing more is read, but what was read still counts.
    Stopped,
}

/// Bytes that are to be captured.
#[derive(Clone, Debug)]
struct Region {
    start: u64,
    len: u64,
    bytes: Vec<u8>,
}

impl Region {
    fn new(start: u64, len: u64) -> Self {
        let bytes = Vec::new();
        Self { start, len, bytes }
    }

    fn complete(&self) -> bool {
        self.bytes.len() as u64 == self.len
    }

    /// Takes what it wants of a piece that lies at `at`. A region that begins before the piece takes it from its start,
    /// though those are not its bytes: so does the original.
    fn capture(&mut self, piece: &[u8], at: u64) {
        let end = at.saturating_add(piece.len() as u64);
        let begins = at <= self.start && self.start <= end;
        let goes_on = self.start <= at && at <= self.start.saturating_add(self.len);
        if self.complete() || !(begins || goes_on) {
            return;
        }
        let skip = usize::try_from(self.start.saturating_sub(at)).unwrap_or(usize::MAX);
        let left = self.len.saturating_sub(self.bytes.len() as u64);
        let rest = piece.get(skip..).unwrap_or_default();
        let take = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.bytes
            .extend_from_slice(rest.get(..take).unwrap_or_default());
    }

    /// The next byte at or behind `at` that it takes.
    fn next(&self, at: u64) -> Option<u64> {
        let reaches = at <= self.start.saturating_add(self.len);
        (!self.complete() && reaches).then_some(self.start.max(at))
    }
}

/// A structure is not what it must be.
struct Wrong;

impl Default for Vhdx {
    fn default() -> Self {
        Self {
            piece: Vec::new(),
            position: 0,
            state: State::Open,
            regions: Region::new(REGIONS, TABLE),
            metadata: None,
            size: None,
            news: false,
            stopped_at: None,
        }
    }
}

impl Vhdx {
    /// The next bytes of the file.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && matches!(self.state, State::Open | State::Reading) {
            let room = match self.state {
                State::Open => 32usize.saturating_sub(self.piece.len()),
                _ => PIECE.saturating_sub(self.piece.len()),
            };
            let (taken, rest) = bytes.split_at(room.min(bytes.len()));
            self.piece.extend_from_slice(taken);
            bytes = rest;
            self.recognise();
            if self.piece.len() == PIECE {
                self.eat();
            }
        }
    }

    fn recognise(&mut self) {
        if self.state == State::Open && self.piece.len() >= 32 {
            self.state = if self.piece.starts_with(b"vhdxfile") {
                State::Reading
            } else {
                State::Other
            };
        }
    }

    /// The file ends. At its end the original is shown an empty piece.
    pub(crate) fn finish(&mut self) {
        if self.state == State::Open && self.piece.starts_with(b"vhdxfile") {
            self.state = State::Stopped;
        }
        if !self.piece.is_empty() {
            self.eat();
        }
        self.eat();
    }

    /// `bytes` pass unseen: whole pieces that it does not want.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.position = self.position.saturating_add(bytes);
    }

    /// The next byte that it wants.
    pub(crate) fn next(&self) -> Option<u64> {
        if self.state != State::Reading {
            return None;
        }
        if self.news || !self.piece.is_empty() {
            return Some(self.position);
        }
        let regions = [
            Some(&self.regions),
            self.metadata.as_ref(),
            self.size.as_ref(),
        ];
        regions
            .into_iter()
            .flatten()
            .filter_map(|region| region.next(self.position))
            .min()
    }

    fn eat(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        let at = self.position;
        self.position = at.saturating_add(piece.len() as u64);
        if self.state != State::Reading {
            return;
        }
        let before = self.captured();
        let all = [
            Some(&mut self.regions),
            self.metadata.as_mut(),
            self.size.as_mut(),
        ];
        for region in all.into_iter().flatten() {
            region.capture(&piece, at);
        }
        if self.look(&piece, at).is_err() {
            self.state = State::Stopped;
            self.stopped_at = Some(self.position);
        }
        self.news = self.captured() != before;
        // The buffer is used again.
        self.piece = piece;
        self.piece.clear();
    }

    fn captured(&self) -> (usize, Option<usize>, Option<usize>) {
        let len = |region: &Option<Region>| region.as_ref().map(|region| region.bytes.len());
        (
            self.regions.bytes.len(),
            len(&self.metadata),
            len(&self.size),
        )
    }

    /// Looks for the next place to go to, once the last one is there.
    fn look(&mut self, piece: &[u8], at: u64) -> Result<(), Wrong> {
        let new = if self.metadata.is_none() {
            if !self.regions.complete() {
                return Ok(());
            }
            self.metadata = metadata_region(&self.regions.bytes)?;
            &mut self.metadata
        } else if let (Some(metadata), None) = (&mut self.metadata, &self.size) {
            self.size = size_item(metadata)?;
            &mut self.size
        } else {
            return Ok(());
        };
        if let Some(region) = new {
            region.capture(piece, at);
        }
        Ok(())
    }

    /// What it says of the file.
    pub(crate) fn matched(&self, ended: bool) -> Option<Matched> {
        let recognised = matches!(self.state, State::Reading | State::Stopped);
        if !recognised {
            return None;
        }
        let has_identity = self.position >= 32;
        let done = |region: &Option<Region>| region.as_ref().is_none_or(Region::complete);
        let complete =
            has_identity && self.regions.complete() && done(&self.metadata) && done(&self.size);
        let size = match &self.size {
            Some(region) if region.complete() => match region.bytes.as_slice() {
                bytes if bytes.len() == 8 => le64(bytes, 0).map_or(Size::Unknown, Size::Bytes),
                _ => Size::Fails,
            },
            _ => Size::Bytes(0),
        };
        Some(Matched {
            name: "vhdx",
            complete: complete || !ended,
            violations: Vec::new(),
            size,
            stopped_at: self.stopped_at,
        })
    }
}

/// The metadata region, out of the region table. MS-VHDX 2.2.3.
fn metadata_region(table: &[u8]) -> Result<Option<Region>, Wrong> {
    let count = le32(table, 8).ok_or(Wrong)?;
    if !table.starts_with(b"regi") || count >= ENTRIES {
        return Err(Wrong);
    }
    let entries = table.get(16..).unwrap_or_default().chunks_exact(32);
    let mut entries = entries.take(usize::try_from(count).unwrap_or(0));
    let entry = entries.find(|entry| guid(entry, 0).as_deref() == Some(METADATA_REGION));
    let start = entry.and_then(|entry| le64(entry, 16));
    Ok(start.map(|start| Region::new(start, TABLE)))
}

/// The item that holds the size of the disk, out of the metadata table. MS-VHDX 2.2.5. Once found, no more of the table
/// is waited for.
fn size_item(metadata: &mut Region) -> Result<Option<Region>, Wrong> {
    let table = metadata.bytes.as_slice();
    if table.len() < 32 {
        return Ok(None);
    }
    let count = le16(table, 10).map_or(0, usize::from);
    if !table.starts_with(b"metadata") {
        return Err(Wrong);
    }
    if table.len() < 32 + count * 32 {
        return Ok(None);
    }
    if count >= 2048 {
        return Err(Wrong);
    }
    let mut entries = table
        .get(32..)
        .unwrap_or_default()
        .chunks_exact(32)
        .take(count);
    let entry = entries.find(|entry| guid(entry, 0).as_deref() == Some(VIRTUAL_DISK_SIZE));
    let Some(entry) = entry else {
        return Ok(None);
    };
    let (offset, len) = (le32(entry, 16).unwrap_or(0), le32(entry, 20).unwrap_or(0));
    let start = metadata.start.saturating_add(u64::from(offset));
    metadata.len = table.len() as u64;
    Ok(Some(Region::new(start, u64::from(len).min(TABLE))))
}
