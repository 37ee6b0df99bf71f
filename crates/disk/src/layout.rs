//! Where the parts of a file lie: tables and blocks, none of which may overlap another.

use std::ops::Range;

use crate::Error;
use crate::run::Stop;
use crate::window::View;

/// The tables of a file and the blocks of data, as they are found.
#[derive(Default)]
pub(crate) struct Layout {
    tables: Vec<(Range<u64>, &'static str)>,
}

impl Layout {
    /// Adds the table `what`, of `len` bytes from `start` on.
    pub(crate) fn table(
        &mut self,
        start: u64,
        len: u64,
        what: &'static str,
    ) -> Result<Range<u64>, Error> {
        let range = start..start.checked_add(len).ok_or_else(|| Error::Corrupt {
            what: format!("{what} ends beyond all files"),
            offset: start,
        })?;
        for (other, name) in &self.tables {
            if range.start < other.end && other.start < range.end {
                return Err(Error::Corrupt {
                    what: format!("{what} overlaps {name}"),
                    offset: range.start.max(other.start),
                });
            }
        }
        self.tables.push((range.clone(), what));
        Ok(range)
    }

    /// Holds the blocks that begin at `starts`, each of `len` bytes, against each other and the tables.
    pub(crate) fn blocks(&self, mut starts: Vec<u64>, len: u64) -> Result<(), Error> {
        starts.sort_unstable();
        for (low, high) in starts.iter().zip(starts.iter().skip(1)) {
            if high - low < len {
                return Err(Error::Corrupt {
                    what: format!("two blocks of data overlap (at {low:#x} and {high:#x})"),
                    offset: *high,
                });
            }
        }
        for (table, name) in &self.tables {
            let after = starts.partition_point(|start| start.saturating_add(len) <= table.start);
            if let Some(start) = starts.get(after)
                && *start < table.end
                && !table.is_empty()
            {
                return Err(Error::Corrupt {
                    what: format!("a block of data overlaps {name}"),
                    offset: *start,
                });
            }
        }
        Ok(())
    }

    /// Waits until all tables have come.
    pub(crate) fn reached(&self, view: &View) -> Result<(), Stop> {
        self.tables
            .iter()
            .try_for_each(|(range, what)| view.reaches(range.end, what))
    }

    /// Where the last table ends.
    pub(crate) fn end(&self) -> u64 {
        self.tables.iter().map(|(r, _)| r.end).max().unwrap_or(0)
    }
}
