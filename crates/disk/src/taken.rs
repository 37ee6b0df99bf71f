//! The parts of a file that its tables and headers take up: none may overlap another, and no data may lie in them.

use std::ops::Range;

use crate::Error;

/// Ranges of a file, ascending, adjoining ones merged.
pub(crate) struct Taken(Vec<Range<u64>>);

impl Taken {
    /// The ranges of an image's headers and tables. `len` is the length of the file, where it is known.
    pub(crate) fn new(mut ranges: Vec<Range<u64>>, len: Option<u64>) -> Result<Self, Error> {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_unstable_by_key(|range| range.start);
        for (low, high) in ranges.iter().zip(ranges.iter().skip(1)) {
            if low.end > high.start {
                let what = format!(
                    "two tables overlap (at {:#x} and {:#x})",
                    low.start, high.start
                );
                return Err(Error::Corrupt {
                    what,
                    offset: high.start,
                });
            }
        }
        if let (Some(len), Some(last)) = (len, ranges.last())
            && last.end > len
        {
            return Err(Error::Truncated {
                what: "a table".into(),
                needed: last.end,
                len,
            });
        }
        ranges.dedup_by(|next, before| {
            let adjoins = before.end == next.start;
            if adjoins {
                before.end = next.end;
            }
            adjoins
        });
        Ok(Self(ranges))
    }

    /// Where the last of them ends.
    pub(crate) fn end(&self) -> u64 {
        self.0.last().map_or(0, |range| range.end)
    }

    /// Data may not lie where a table lies.
    pub(crate) fn check_data(&self, data: &Range<u64>) -> Result<(), Error> {
        let after = self.0.partition_point(|range| range.end <= data.start);
        match self.0.get(after) {
            Some(table) if table.start < data.end => Err(Error::Corrupt {
                what: format!("data overlaps a table (at {:#x})", table.start),
                offset: data.start,
            }),
            _ => Ok(()),
        }
    }
}
