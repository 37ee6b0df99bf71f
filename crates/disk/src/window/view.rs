//! The consumer's side of a window: it asks for ranges, waits for them, and says what it has used.

use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::{Arc, PoisonError};

use super::past::{Past, Reread};
use super::{Consumer, Window, index};
use crate::Error;
use crate::limits::CHUNK;
use crate::run::Stop;
use crate::source::ReadAt;

/// The consumer's side of a window.
pub(crate) struct View {
    window: Arc<Window>,
    reread: Option<Reread>,
    /// Sectors that have been used in part.
    shared: BTreeMap<u64, Sides>,
}

/// From where a sector has been used.
#[derive(PartialEq, Eq)]
enum Sides {
    /// From one side.
    One,
    /// Something lies wholly inside it, so that nobody can say when all of it has been used.
    Many,
}

/// How many sectors used in part are remembered before those are forgotten that have left the window.
const SHARED_SECTORS: usize = 4096;

impl View {
    pub(crate) fn new(window: Arc<Window>, again: Option<Arc<dyn ReadAt>>) -> Self {
        Self {
            window,
            reread: again.map(Reread::new),
            shared: BTreeMap::new(),
        }
    }

    /// The length of the file, where it is known.
    pub(crate) fn len(&self) -> Option<u64> {
        self.window.len
    }

    /// Whether the file can be read again.
    pub(crate) fn can_read_again(&self) -> bool {
        self.reread.is_some()
    }

    /// A look at `range` before it has come, where the file can be read again and is that long. Nothing proves that these
    /// bytes are those that will pass.
    pub(crate) fn ahead(&self, range: Range<u64>) -> Result<Option<Bytes>, Error> {
        match &self.reread {
            Some(reread) if self.len().is_none_or(|len| range.end <= len) => reread.ahead(range),
            _ => Ok(None),
        }
    }

    /// Says that `range` will not be asked for.
    pub(crate) fn unused(&self, range: Range<u64>) {
        self.window.lock().past.used(range);
    }

    /// Says where tables of `len` bytes lie that will be asked for, so that they are not lost.
    pub(crate) fn expect_tables(&self, offsets: impl Iterator<Item = u64>, len: u64) {
        let mut state = self.window.lock();
        state.tables = offsets.collect();
        state.table_len = len;
    }

    /// A table, in one piece.
    pub(crate) fn table(&mut self, range: Range<u64>, what: &str) -> Result<Bytes, Stop> {
        let kept = {
            let mut state = self.window.lock();
            state.tables.remove(&range.start);
            let kept = state.kept.remove(&range.start);
            state.kept_len -= kept.as_ref().map_or(0, Bytes::len);
            kept
        };
        match kept {
            Some(bytes) => Ok(bytes),
            None => {
                let bytes = self.joined(range.clone(), what)?;
                self.mark(range);
                Ok(bytes)
            }
        }
    }

    /// Bytes as they lie in the file, in pieces.
    pub(crate) fn data(
        &mut self,
        range: Range<u64>,
        what: &str,
        mut each: impl FnMut(Bytes) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut at = range.start;
        while at < range.end {
            let end = range.end.min((at / CHUNK as u64 + 1) * CHUNK as u64);
            each(self.piece(at..end, what)?)?;
            self.mark(at..end);
            at = end;
        }
        Ok(())
    }

    /// Bytes up to the end of a sector that the file may cut short; whether it does. The last sector may be shared
    /// with what follows, so it does not count as used.
    pub(crate) fn sectors(
        &mut self,
        start: u64,
        len: u64,
        sector: u64,
        what: &str,
    ) -> Result<(Bytes, bool), Stop> {
        let end = start + len;
        let there = self.wait_for(end)?;
        let missing = end.saturating_sub(there);
        if missing >= sector {
            return Err(truncated(what, end, there));
        }
        let bytes = self.joined(start..end - missing, what)?;
        self.mark_sectors(start, end, sector);
        Ok((bytes, missing > 0))
    }

    /// Bytes up to `len` of them, fewer where the file ends before; whether it does. Where they end is not known, so only the
    /// first `sure` count as used.
    pub(crate) fn up_to(
        &mut self,
        start: u64,
        len: u64,
        sure: u64,
        what: &str,
    ) -> Result<(Bytes, bool), Stop> {
        let end = start + len;
        let there = self.wait_for(end)?;
        if there <= start {
            return Err(truncated(what, end, there));
        }
        let bytes = self.joined(start..there, what)?;
        self.mark(start..there.min(start + sure));
        Ok((bytes, there < end))
    }

    /// Marks the sectors from `start` to `end`. The first and the last one may be shared with neighbours whose turn
    /// may come much later: such a sector counts as used when it has been used from both sides, and never when
    /// something lies wholly inside it.
    fn mark_sectors(&mut self, start: u64, end: u64, sector: u64) {
        let (first, last) = (start - start % sector, end - sector);
        if first == last {
            self.shared.insert(first, Sides::Many);
            return;
        }
        let from = if start == first {
            first
        } else {
            first + sector
        };
        self.mark(from..last.max(from));
        for edge in [first, last] {
            if edge == from {
                continue;
            }
            match self.shared.entry(edge) {
                Entry::Vacant(place) => {
                    place.insert(Sides::One);
                }
                Entry::Occupied(place) if *place.get() == Sides::One => {
                    place.remove();
                    self.mark(edge..edge + sector);
                }
                Entry::Occupied(_) => {}
            }
        }
        if self.shared.len() > SHARED_SECTORS {
            let start = self.window.lock().start;
            self.shared = self.shared.split_off(&start);
        }
    }

    fn joined(&mut self, range: Range<u64>, what: &str) -> Result<Bytes, Stop> {
        let mut joined = Bytes::new();
        let mut more = BytesMut::new();
        let mut at = range.start;
        while at < range.end {
            let end = range.end.min((at / CHUNK as u64 + 1) * CHUNK as u64);
            let piece = self.piece(at..end, what)?;
            if at == range.start {
                joined = piece;
            } else {
                if more.is_empty() {
                    more.reserve(index(range.end - range.start));
                    more.extend_from_slice(&joined);
                }
                more.extend_from_slice(&piece);
            }
            at = end;
        }
        Ok(if more.is_empty() {
            joined
        } else {
            more.freeze()
        })
    }

    /// Bytes of one chunk: out of the window, or out of the past.
    fn piece(&mut self, range: Range<u64>, what: &str) -> Result<Bytes, Stop> {
        let there = self.wait_for(range.end)?;
        if there < range.end {
            return Err(truncated(what, range.end, there));
        }
        let state = self.window.lock();
        if range.start >= state.start {
            return Ok(state.assemble(&range));
        }
        match &state.past {
            Past::Again(sums) => {
                let number = range.start / CHUNK as u64;
                let sum = usize::try_from(number)
                    .ok()
                    .and_then(|n| sums.get(n))
                    .copied();
                let end = state.end.min((number + 1) * CHUNK as u64);
                drop(state);
                let reread = self.reread.as_mut().ok_or(Stop::Peer)?;
                Ok(reread.piece(number * CHUNK as u64..end, range, sum)?)
            }
            Past::Spill(spill) => Ok(spill.piece(range)?),
        }
    }

    fn mark(&self, range: Range<u64>) {
        let mut state = self.window.lock();
        state.newest = state.newest.max(range.end);
        let held = range.start.max(state.start)..range.end;
        state.past.used(held);
        drop(state);
        self.window.moved.notify_one();
    }

    /// Says that the file must not end before `end`.
    pub(crate) fn reaches(&self, end: u64, what: &str) -> Result<(), Stop> {
        let there = self.wait_for(end)?;
        if there < end {
            return Err(truncated(what, end, there));
        }
        Ok(())
    }

    /// Waits for the file's end; where that is.
    pub(crate) fn end(&self) -> Result<u64, Stop> {
        self.wait_for(u64::MAX)
    }

    /// Whether the file ends at `end`, up to which it has come.
    pub(crate) fn ends_at(&self, end: u64) -> Result<bool, Stop> {
        Ok(self.wait_for(end + 1)? == end)
    }

    /// Waits until the file has come up to `end`, or has ended; says how far it has come.
    fn wait_for(&self, end: u64) -> Result<u64, Stop> {
        let mut state = self.window.lock();
        while state.end < end && !state.whole {
            if state.lost {
                return Err(Stop::Peer);
            }
            if self.window.len.is_some_and(|len| len < end) {
                return Ok(self.window.len.unwrap_or(end));
            }
            state.consumer = Consumer::Waiting(end);
            self.window.moved.notify_one();
            state = self
                .window
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.consumer = Consumer::Running;
        Ok(state.end.min(end))
    }

    /// The walk has ended; the producer need not keep anything any more.
    pub(crate) fn close(self, done: bool) {
        let mut state = self.window.lock();
        state.consumer = if done {
            Consumer::Done
        } else {
            Consumer::Failed
        };
        state.held.clear();
        state.start = state.end;
        drop(state);
        self.window.moved.notify_one();
    }
}

fn truncated(what: &str, needed: u64, len: u64) -> Stop {
    Stop::Failed(Error::Truncated {
        what: what.into(),
        needed,
        len,
    })
}
