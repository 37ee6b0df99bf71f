//! A fixed VHD: the bytes of the disk, then a footer, which only the end of a pass shows (`docs/decisions/0006`).

use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

use crate::Error;
use crate::fields::Fields;
use crate::limits::VHD_HELD_BACK;
use crate::run::{Run, zeros};

use super::footer::{self, Footer, Kind, MAGIC, SECTOR};

/// Bytes of a footer.
pub(crate) const FOOTER: u64 = footer::LEN as u64;

/// How many bytes of the file, which has `size` bytes and ends in `last`, are the disk of a fixed VHD; `None` when the
/// file is no fixed VHD. `last` are its last [`FOOTER`] bytes, or all of a smaller file.
pub(crate) fn disk(last: &[u8], size: u64) -> Result<Option<u64>, Error> {
    let Some(before) = size.checked_sub(FOOTER) else {
        return Ok(None);
    };
    if !last.starts_with(&MAGIC) {
        return refuse_cut_footer(last, size).map(|()| None);
    }
    let fields = Fields::new(last, "the footer", before);
    let (stated, kind) = (fields.be64(48)?, fields.be32(60)?);
    if kind != 2 {
        return Ok(None);
    }
    if !footer::checksum_is_right(last, 64) {
        // Somebody's text that begins like a footer does not also state the size of what is before it.
        return match stated == before {
            true => Err(fields.corrupt(64, "the footer's checksum is wrong")),
            false => Ok(None),
        };
    }
    let footer = Footer::parse(last, before)?;
    debug_assert_eq!(footer.kind, Kind::Fixed, "by its number");
    if stated > before {
        return Err(Error::Truncated {
            what: "the disk before its footer".into(),
            needed: stated.saturating_add(FOOTER),
            len: size,
        });
    }
    if stated < before || footer.size > stated || stated - footer.size > VHD_HELD_BACK - FOOTER {
        let what = format!(
            "a footer of {stated} bytes ({} by its geometry) behind {before} bytes",
            footer.size
        );
        return Err(fields.corrupt(48, what));
    }
    Ok(Some(footer.size))
}

/// A file that ends inside a footer has been cut. Disks end at the end of a sector.
fn refuse_cut_footer(last: &[u8], size: u64) -> Result<(), Error> {
    let over = usize::try_from(size % SECTOR).unwrap_or_default();
    let begun = last.len().checked_sub(over).and_then(|at| last.get(at..));
    if begun.is_some_and(|begun| begun.starts_with(&MAGIC)) {
        return Err(Error::Truncated {
            what: "the footer".into(),
            needed: size.next_multiple_of(SECTOR),
            len: size,
        });
    }
    Ok(())
}

/// The newest runs of a layer, held back until it is known whether the layer ends in a footer.
#[derive(Default)]
pub(crate) struct Held {
    runs: VecDeque<Run>,
    len: u64,
}

impl Held {
    pub(crate) fn push(&mut self, run: Run) {
        self.len += run.len();
        self.runs.push_back(run);
    }

    /// The oldest run, when enough is held without it.
    pub(crate) fn pop(&mut self) -> Option<Run> {
        let len = self.runs.front()?.len();
        if self.len - len < VHD_HELD_BACK {
            return None;
        }
        self.len -= len;
        self.runs.pop_front()
    }

    /// Bytes that are held.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The last [`FOOTER`] bytes, or all when less is held.
    pub(crate) fn last(&self) -> Bytes {
        let mut skip = self.len.saturating_sub(FOOTER);
        let mut last = BytesMut::new();
        for run in &self.runs {
            let from = skip.min(run.len());
            skip -= from;
            match run {
                Run::Data(bytes) => {
                    let from = usize::try_from(from).unwrap_or(usize::MAX);
                    last.extend_from_slice(bytes.get(from..).unwrap_or_default());
                }
                Run::Zero(len) => zeros(len - from, |piece| last.extend_from_slice(piece)),
            }
        }
        last.freeze()
    }

    /// The first `at` of the held bytes, and the rest.
    pub(crate) fn split(self, at: u64) -> (Vec<Run>, Vec<Run>) {
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        let mut left = at;
        for run in self.runs {
            let here = left.min(run.len());
            left -= here;
            let (first, rest) = run.split(here);
            before.extend(first);
            behind.extend(rest);
        }
        (before, behind)
    }
}
