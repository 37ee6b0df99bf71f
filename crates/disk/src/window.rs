//! A window over a file that passes once: a decoder asks for any range, and gets it when it has come.
//!
//! The producer pushes chunks in file order. The consumer asks for ranges in the order of the disk. What it asks
//! for is normally in the window or just coming; then nothing is read twice and nothing is stored. Where the orders
//! differ by more than the window, what has left it comes from [`Past`].

mod intervals;
mod past;
#[cfg(test)]
mod tests;
mod view;

use bytes::{Bytes, BytesMut};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::limits::{MAX_KEPT_TABLES, WINDOW, WINDOW_BEHIND};
use crate::run::Stop;

use past::Past;
pub(crate) use view::View;

/// The shared state of producer and consumer.
pub(crate) struct Window {
    state: Mutex<State>,
    /// Something came, or nothing more will.
    arrived: Condvar,
    /// The consumer went on, waits, or has ended.
    moved: Condvar,
    /// The length of the file, where it is known beforehand.
    len: Option<u64>,
}

struct State {
    held: VecDeque<Bytes>,
    /// Where the first held chunk begins, and where the last one ends.
    start: u64,
    end: u64,
    /// No more chunks: the file ends at `end`.
    whole: bool,
    /// The producer has failed.
    lost: bool,
    consumer: Consumer,
    /// The end of the farthest range that was used.
    newest: u64,
    past: Past,
    /// Tables that will be asked for, and those of them that are kept because their chunk has left.
    tables: BTreeSet<u64>,
    table_len: u64,
    kept: BTreeMap<u64, Bytes>,
    kept_len: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Consumer {
    Running,
    /// It waits until the file has come up to here.
    Waiting(u64),
    /// It has everything it needs.
    Done,
    Failed,
}

impl Window {
    /// A window over a file of `len` bytes, where that is known, that can be read `again` or not.
    pub(crate) fn new(len: Option<u64>, again: bool) -> Self {
        let state = State {
            held: VecDeque::new(),
            start: 0,
            end: 0,
            whole: false,
            lost: false,
            consumer: Consumer::Running,
            newest: 0,
            past: Past::new(again),
            tables: BTreeSet::new(),
            table_len: 0,
            kept: BTreeMap::new(),
            kept_len: 0,
        };
        Self {
            state: Mutex::new(state),
            arrived: Condvar::new(),
            moved: Condvar::new(),
            len,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the next chunk of the file; waits while the window is full of what is still to be used.
    /// Every chunk but the last one is [`CHUNK`](crate::limits::CHUNK) bytes.
    pub(crate) fn push(&self, chunk: Bytes) -> Result<(), Stop> {
        let mut state = self.lock();
        loop {
            match state.consumer {
                Consumer::Failed => return Err(Stop::Peer),
                Consumer::Done => return Ok(()),
                Consumer::Running | Consumer::Waiting(_) => {}
            }
            if state.end - state.start + chunk.len() as u64 <= WINDOW as u64 {
                break;
            }
            let waits = matches!(state.consumer, Consumer::Waiting(end) if end > state.end);
            if waits || state.front_end() + WINDOW_BEHIND as u64 <= state.newest {
                state.drop_front()?;
            } else {
                state = self
                    .moved
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        state.end += chunk.len() as u64;
        state.held.push_back(chunk);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// The file has ended (`whole`), or its producer has failed.
    pub(crate) fn close(&self, whole: bool) {
        let mut state = self.lock();
        state.whole = whole;
        state.lost = !whole;
        drop(state);
        self.arrived.notify_one();
    }
}

impl State {
    fn front_end(&self) -> u64 {
        self.start + self.held.front().map_or(0, |chunk| chunk.len() as u64)
    }

    /// Lets the oldest chunk go, keeping what [`Past`] wants of it and the tables that begin in it.
    fn drop_front(&mut self) -> Result<(), Stop> {
        let range = self.start..self.front_end();
        let begun: Vec<u64> = self.tables.range(range.clone()).copied().collect();
        for table in begun {
            let whole = table..table + self.table_len;
            if whole.end <= self.end && self.kept_len < MAX_KEPT_TABLES {
                let bytes = self.assemble(&whole);
                self.past.used(whole);
                self.kept_len += bytes.len();
                self.kept.insert(table, bytes);
            }
        }
        if let Some(chunk) = self.held.pop_front() {
            self.start = range.end;
            self.past.take(range.start, &chunk)?;
        }
        Ok(())
    }

    /// The bytes of `range`, which is held, in one piece; without a copy when one chunk has them all.
    fn assemble(&self, range: &Range<u64>) -> Bytes {
        let mut joined = BytesMut::new();
        let mut at = self.start;
        for chunk in &self.held {
            let chunk_end = at + chunk.len() as u64;
            let (from, to) = (range.start.max(at), range.end.min(chunk_end));
            if from < to {
                let part = index(from - at)..index(to - at);
                if to - from == range.end - range.start {
                    return chunk.slice(part);
                }
                joined.extend_from_slice(chunk.get(part).unwrap_or_default());
            }
            at = chunk_end;
        }
        joined.freeze()
    }
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}
