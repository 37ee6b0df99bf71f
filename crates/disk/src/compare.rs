//! Stored bytes beside the bytes that they ought to equal, while both pass.

use bytes::{Bytes, BytesMut};
use std::io::Read;
use std::ops::Range;

use crate::limits::{CHUNK, DIFFERENCE_GAP, MAX_DIFFERENCES};
use crate::run::{Fan, Run, Stop, ZEROS};
use crate::{Cancel, Comparison, Differences, Error, Stored};

/// A running comparison.
pub(crate) struct Comparer {
    stored: Box<dyn Read + Send>,
    prefix: bool,
    fan: Fan,
    at: u64,
    ended: bool,
    /// Read, and not compared yet.
    peeked: Bytes,
    found: Finder,
    cancel: Cancel,
}

impl Comparer {
    pub(crate) fn new(stored: Stored, cancel: &Cancel) -> Self {
        let Stored {
            bytes,
            digests,
            prefix,
            ..
        } = stored;
        Self {
            stored: bytes,
            prefix,
            fan: Fan::new(digests),
            at: 0,
            ended: false,
            peeked: Bytes::new(),
            found: Finder::default(),
            cancel: cancel.clone(),
        }
    }

    /// Compares the next run of the original.
    pub(crate) fn feed(&mut self, run: &Run) -> Result<(), Stop> {
        let end = self.at + run.len();
        let mut skip = 0;
        while self.at < end {
            let want = usize::try_from(end - self.at)
                .unwrap_or(usize::MAX)
                .min(CHUNK);
            let stored = self.read(want)?;
            let Some(stored) = stored else {
                self.found.add(self.at..end);
                self.at = end;
                break;
            };
            match run {
                Run::Data(bytes) => {
                    let original = bytes.get(skip..).unwrap_or_default();
                    self.found.compare(self.at, original, &stored);
                }
                Run::Zero(_) => {
                    for (piece, at) in stored
                        .chunks(ZEROS.len())
                        .zip((self.at..).step_by(ZEROS.len()))
                    {
                        self.found.compare(at, &ZEROS, piece);
                    }
                }
            }
            skip += stored.len();
            self.at += stored.len() as u64;
        }
        Ok(())
    }

    /// Compares what follows the disk in the original's file, if more is stored than the disk.
    pub(crate) fn feed_rest(&mut self, rest: &[Run]) -> Result<(), Stop> {
        if self.prefix || self.at_end()? {
            return Ok(());
        }
        rest.iter().try_for_each(|run| self.feed(run))
    }

    /// The original has ended: what is still stored differs, unless only a prefix was to be compared.
    pub(crate) fn finish(mut self) -> Result<Comparison, Stop> {
        while !self.prefix
            && let Some(more) = self.read(CHUNK)?
        {
            self.found.add(self.at..self.at + more.len() as u64);
            self.at += more.len() as u64;
        }
        Ok(Comparison {
            stored: self.fan.finish(),
            differences: self.found.finish(),
        })
    }

    /// Whether nothing more is stored.
    fn at_end(&mut self) -> Result<bool, Stop> {
        if self.peeked.is_empty() {
            self.peeked = self.read(CHUNK)?.unwrap_or_default();
        }
        Ok(self.peeked.is_empty())
    }

    /// Up to `want` stored bytes; `None` at their end.
    fn read(&mut self, want: usize) -> Result<Option<Bytes>, Stop> {
        if !self.peeked.is_empty() {
            let want = want.min(self.peeked.len());
            return Ok(Some(self.peeked.split_to(want)));
        }
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled.into());
        }
        if self.ended {
            return Ok(None);
        }
        let mut bytes = BytesMut::zeroed(want);
        let got =
            crate::pass::fill(&mut *self.stored, &mut bytes).map_err(|source| Error::StoredIo {
                offset: self.at,
                source,
            })?;
        self.ended = got < want;
        bytes.truncate(got);
        if bytes.is_empty() {
            return Ok(None);
        }
        let bytes = bytes.freeze();
        self.fan.send(&Run::Data(bytes.clone()))?;
        Ok(Some(bytes))
    }
}

/// Collects differing ranges; those nearer than [`DIFFERENCE_GAP`] become one.
#[derive(Default)]
struct Finder {
    open: Option<Range<u64>>,
    differences: Differences,
}

impl Finder {
    /// Compares as many bytes as both have, from `at` on.
    fn compare(&mut self, at: u64, original: &[u8], stored: &[u8]) {
        let len = original.len().min(stored.len());
        let (original, stored) = (
            original.get(..len).unwrap_or(original),
            stored.get(..len).unwrap_or(stored),
        );
        if original == stored {
            return;
        }
        let mut start = None;
        for ((a, b), position) in original.iter().zip(stored).zip(at..) {
            match (a == b, start) {
                (false, None) => start = Some(position),
                (true, Some(from)) => {
                    self.add(from..position);
                    start = None;
                }
                _ => {}
            }
        }
        if let Some(from) = start {
            self.add(from..at + len as u64);
        }
    }

    fn add(&mut self, range: Range<u64>) {
        self.differences.bytes += range.end - range.start;
        match &mut self.open {
            Some(open) if range.start <= open.end + DIFFERENCE_GAP => open.end = range.end,
            _ => {
                if let Some(done) = self.open.replace(range) {
                    self.list(done);
                }
            }
        }
    }

    fn list(&mut self, range: Range<u64>) {
        if self.differences.ranges.len() < MAX_DIFFERENCES {
            self.differences.ranges.push(range);
        } else {
            self.differences.more += 1;
        }
    }

    fn finish(mut self) -> Differences {
        if let Some(open) = self.open.take() {
            self.list(open);
        }
        self.differences
    }
}
