//! What has left the window: read again and proved to be the same, or, on a forward-only stream, set aside.

use bytes::{Bytes, BytesMut};
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::intervals::Intervals;
use crate::limits::{MAX_LEFTOVER, MAX_SPILL};
use crate::source::ReadAt;
use crate::{Error, Refusal};

/// How many chunks that were read again are held.
const REREAD_CHUNKS: usize = 8;

/// What becomes of bytes that leave the window.
pub(crate) enum Past {
    /// They can be had again: only a digest of each chunk is kept, so that what is read again is proved to be the
    /// bytes that passed.
    Again(Vec<blake3::Hash>),
    /// They cannot: those that were not used are set aside.
    Spill(Spill),
}

impl Past {
    /// The past of a file that can (`again`) or cannot be read again.
    pub(crate) fn new(again: bool) -> Self {
        if again {
            Self::Again(Vec::new())
        } else {
            Self::Spill(Spill::default())
        }
    }

    /// Says that `range` has been used.
    pub(crate) fn used(&mut self, range: Range<u64>) {
        if let Self::Spill(spill) = self {
            spill.used.insert(range);
        }
    }

    /// Takes the next chunk that leaves the window.
    pub(crate) fn take(&mut self, start: u64, chunk: &Bytes) -> Result<(), Error> {
        match self {
            Self::Again(sums) => sums.push(blake3::hash(chunk)),
            Self::Spill(spill) => spill.take(start, chunk)?,
        }
        Ok(())
    }
}

/// Reads chunks again and proves that they are what passed before.
pub(crate) struct Reread {
    source: Arc<dyn ReadAt>,
    chunks: VecDeque<(u64, Bytes)>,
}

impl Reread {
    pub(crate) fn new(source: Arc<dyn ReadAt>) -> Self {
        Self {
            source,
            chunks: VecDeque::new(),
        }
    }

    /// The bytes of `part`, which lies in the chunk `chunk` whose digest was `sum`.
    pub(crate) fn piece(
        &mut self,
        chunk: Range<u64>,
        part: Range<u64>,
        sum: Option<blake3::Hash>,
    ) -> Result<Bytes, Error> {
        let held = self
            .chunks
            .iter()
            .find(|(start, _)| *start == chunk.start)
            .map(|(_, bytes)| bytes.clone());
        let bytes = match held {
            Some(bytes) => bytes,
            None => self.fetch(chunk.clone(), sum)?,
        };
        Ok(bytes
            .slice(super::index(part.start - chunk.start)..super::index(part.end - chunk.start)))
    }

    /// The bytes of `range` as they are now, if there are so many.
    pub(crate) fn ahead(&self, range: Range<u64>) -> Result<Option<Bytes>, Error> {
        let mut bytes = BytesMut::zeroed(super::index(range.end - range.start));
        let got = self
            .source
            .read_at(&mut bytes, range.start)
            .map_err(|source| Error::Io {
                offset: range.start,
                source,
            })?;
        Ok((got == bytes.len()).then(|| bytes.freeze()))
    }

    fn fetch(&mut self, chunk: Range<u64>, sum: Option<blake3::Hash>) -> Result<Bytes, Error> {
        let mut bytes = BytesMut::zeroed(super::index(chunk.end - chunk.start));
        let got = self
            .source
            .read_at(&mut bytes, chunk.start)
            .map_err(|source| Error::Io {
                offset: chunk.start,
                source,
            })?;
        if got != bytes.len() || sum != Some(blake3::hash(&bytes)) {
            return Err(Error::Changed {
                offset: chunk.start,
                end: chunk.end,
            });
        }
        let bytes = bytes.freeze();
        if self.chunks.len() == REREAD_CHUNKS {
            self.chunks.pop_front();
        }
        self.chunks.push_back((chunk.start, bytes.clone()));
        Ok(bytes)
    }
}

/// Unused bytes of a forward-only stream: a little in memory, more in a temporary file.
#[derive(Default)]
pub(crate) struct Spill {
    used: Intervals,
    small: BTreeMap<u64, Bytes>,
    small_len: usize,
    file: Option<File>,
    written: Intervals,
    written_len: u64,
}

impl Spill {
    fn take(&mut self, start: u64, chunk: &Bytes) -> Result<(), Error> {
        let end = start + chunk.len() as u64;
        for gap in self.used.gaps(start..end) {
            let bytes = chunk
                .get(super::index(gap.start - start)..super::index(gap.end - start))
                .unwrap_or_default();
            if self.small_len + bytes.len() <= MAX_LEFTOVER {
                self.small_len += bytes.len();
                self.small.insert(gap.start, Bytes::copy_from_slice(bytes));
            } else {
                self.write(gap, bytes)?;
            }
        }
        self.used.forget_before(end);
        Ok(())
    }

    /// The temporary file has no name, and holds the bytes where they lie in the stream.
    fn write(&mut self, gap: Range<u64>, bytes: &[u8]) -> Result<(), Error> {
        let failed = |source| Error::Spill { source };
        let value = self.written_len + bytes.len() as u64;
        if value > MAX_SPILL {
            return Err(Error::Limit {
                what: "what must be set aside of a forward-only stream",
                value,
                limit: MAX_SPILL,
            });
        }
        let file = match self.file.take() {
            Some(file) => file,
            None => tempfile::tempfile().map_err(failed)?,
        };
        file.write_all_at(bytes, gap.start).map_err(failed)?;
        self.file = Some(file);
        self.written.insert(gap);
        self.written_len = value;
        Ok(())
    }

    /// The bytes of `range`, if all of them were set aside.
    pub(crate) fn piece(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let gone = || Error::Refused {
            refusal: Refusal::NeedsRandomAccess {
                offset: range.start,
                end: range.end,
            },
        };
        let mut joined = BytesMut::with_capacity(super::index(range.end - range.start));
        let mut at = range.start;
        while at < range.end {
            let small = self
                .small
                .range(..=at)
                .next_back()
                .map(|(start, bytes)| (at - start, bytes));
            if let Some(part) = small
                .and_then(|(skip, bytes)| bytes.get(super::index(skip)..))
                .filter(|p| !p.is_empty())
            {
                let part = part.get(..super::index(range.end - at)).unwrap_or(part);
                joined.extend_from_slice(part);
                at += part.len() as u64;
            } else {
                let end = self.written.around(at).ok_or_else(gone)?.end.min(range.end);
                let file = self.file.as_ref().ok_or_else(gone)?;
                let filled = joined.len();
                joined.resize(filled + super::index(end - at), 0);
                let space = joined.get_mut(filled..).unwrap_or_default();
                file.read_exact_at(space, at)
                    .map_err(|source| Error::Spill { source })?;
                at = end;
            }
        }
        Ok(joined.freeze())
    }
}
