//! What the inspector keeps of a file: its beginning, its end, and the places between that its headers point to.

use std::collections::VecDeque;

use crate::limits::{INSPECTED_HEAD, INSPECTED_SPOT, INSPECTED_SPOTS, INSPECTED_TAIL};

/// A place in a file.
pub(crate) type Place = (u64, usize);

/// What has been seen so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    spots: Vec<Spot>,
    position: u64,
    ended: bool,
}

#[derive(Clone, Debug)]
struct Spot {
    start: u64,
    len: usize,
    bytes: Vec<u8>,
}

impl Spot {
    fn next(&self) -> u64 {
        self.start.saturating_add(self.bytes.len() as u64)
    }

    fn left(&self) -> usize {
        self.len.saturating_sub(self.bytes.len())
    }

    /// Takes what it wants of `bytes`, which lie at `at` in the file.
    fn take(&mut self, at: u64, bytes: &[u8]) {
        if self.left() == 0 {
            return;
        }
        let Some(skip) = self
            .next()
            .checked_sub(at)
            .and_then(|n| usize::try_from(n).ok())
        else {
            return;
        };
        let rest = bytes.get(skip..).unwrap_or_default();
        let taken = rest.get(..self.left().min(rest.len())).unwrap_or_default();
        self.bytes.extend_from_slice(taken);
    }
}

impl Seen {
    /// The first bytes of the file, up to [`INSPECTED_HEAD`].
    pub(crate) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The last `len` bytes, once the file has ended and where it has so many.
    pub(crate) fn last(&self, len: usize) -> Option<Vec<u8>> {
        let skip = self.tail.len().checked_sub(len).filter(|_| self.ended)?;
        Some(self.tail.iter().skip(skip).copied().collect())
    }

    /// The length of the file, once it has ended.
    pub(crate) fn len(&self) -> Option<u64> {
        self.ended.then_some(self.position)
    }

    /// How far the file has been seen.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// `len` bytes at `start`, if they are among what was kept.
    pub(crate) fn bytes(&self, start: u64, len: usize) -> Option<&[u8]> {
        let within = |base: u64, bytes: &'_ [u8]| -> Option<std::ops::Range<usize>> {
            let from = usize::try_from(start.checked_sub(base)?).ok()?;
            let range = from..from.checked_add(len)?;
            (range.end <= bytes.len()).then_some(range)
        };
        if let Some(range) = within(0, &self.head) {
            return self.head.get(range);
        }
        self.spots
            .iter()
            .find_map(|spot| spot.bytes.get(within(spot.start, &spot.bytes)?))
    }

    /// Takes the next bytes. `wanted` names places to keep, from what has been seen; it is asked again whenever one is
    /// complete, at the same point of the file however the bytes are cut.
    pub(crate) fn push(&mut self, mut bytes: &[u8], wanted: &dyn Fn(&Self) -> Vec<Place>) {
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(self.until_event().min(bytes.len()));
            let at = self.position;
            let room = INSPECTED_HEAD.saturating_sub(self.head.len());
            let grows = room > 0;
            if grows {
                self.head
                    .extend_from_slice(piece.get(..room.min(piece.len())).unwrap_or(piece));
            }
            for spot in &mut self.spots {
                spot.take(at, piece);
            }
            self.keep_tail(piece);
            self.position = at.saturating_add(piece.len() as u64);
            let full = grows && self.head.len() == INSPECTED_HEAD;
            let complete = self
                .spots
                .iter()
                .any(|spot| spot.left() == 0 && spot.next() == self.position);
            if full || complete {
                self.want(wanted(self));
            }
            bytes = rest;
        }
    }

    /// Zeros of a decoded disk that need not be written out.
    pub(crate) fn zeros(&mut self, mut len: u64, wanted: &dyn Fn(&Self) -> Vec<Place>) {
        static ZEROS: [u8; 4096] = [0; 4096];
        while len > 0 {
            let skipped = match self.next() {
                None => len.saturating_sub(INSPECTED_TAIL as u64),
                Some(next) => next
                    .saturating_sub(self.position)
                    .min(len.saturating_sub(INSPECTED_TAIL as u64)),
            };
            if skipped > 0 {
                self.skip(skipped);
                len -= skipped;
            }
            let piece = ZEROS
                .get(..usize::try_from(len).unwrap_or(ZEROS.len()))
                .unwrap_or(&ZEROS);
            self.push(piece, wanted);
            len -= piece.len() as u64;
        }
    }

    /// `len` bytes pass unseen; none of them is wanted.
    pub(crate) fn skip(&mut self, len: u64) {
        self.position = self.position.saturating_add(len);
        self.tail.clear();
    }

    /// The file ends here. What stands in it may still point to places in its beginning.
    pub(crate) fn finish(&mut self, wanted: &dyn Fn(&Self) -> Vec<Place>) {
        self.ended = true;
        self.want(wanted(self));
    }

    /// The next byte that is wanted, if any is before the end.
    pub(crate) fn next(&self) -> Option<u64> {
        if self.head.len() < INSPECTED_HEAD {
            return Some(self.position);
        }
        let open = self.spots.iter().filter(|spot| spot.left() > 0);
        open.map(Spot::next)
            .filter(|next| *next >= self.position)
            .min()
    }

    /// Bytes until the next point at which places may be added.
    fn until_event(&self) -> usize {
        let head = INSPECTED_HEAD.saturating_sub(self.head.len());
        let spots = self.spots.iter().filter(|spot| spot.left() > 0);
        let ends = spots.filter_map(|spot| {
            let end = spot.start.checked_add(spot.len as u64)?;
            usize::try_from(end.checked_sub(self.position)?).ok()
        });
        ends.chain(Some(head))
            .filter(|n| *n > 0)
            .min()
            .unwrap_or(usize::MAX)
    }

    /// Adds places that are not there yet. What of them has passed already is taken from the beginning, or is lost.
    fn want(&mut self, places: Vec<Place>) {
        for (start, len) in places {
            let len = len.min(INSPECTED_SPOT);
            let known = self
                .spots
                .iter()
                .any(|spot| spot.start == start && spot.len == len);
            if known || self.spots.len() >= INSPECTED_SPOTS || self.bytes(start, len).is_some() {
                continue;
            }
            let mut spot = Spot {
                start,
                len,
                bytes: Vec::new(),
            };
            spot.take(0, &self.head);
            if spot.next() >= self.position {
                self.spots.push(spot);
            }
        }
    }

    fn keep_tail(&mut self, piece: &[u8]) {
        let kept = piece
            .get(piece.len().saturating_sub(INSPECTED_TAIL)..)
            .unwrap_or(piece);
        let over = (self.tail.len() + kept.len()).saturating_sub(INSPECTED_TAIL);
        self.tail.drain(..over.min(self.tail.len()));
        self.tail.extend(kept);
    }
}
