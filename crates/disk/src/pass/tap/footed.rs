//! The end of a raw layer, which may be the footer of a fixed VHD: then the disk is what comes before.

use crate::Error;
use crate::run::{Run, Stop};
use crate::sink;
use crate::source::ReadAt;
use crate::vhd::fixed::{self, FOOTER, Held};

use super::Tap;

/// What has been said of the disk's size before its end was seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Foretold {
    /// Nothing was asked.
    Nothing,
    /// So many bytes, by the file's end, which could be looked at beforehand.
    Disk(u64),
    /// That only the end tells.
    Unknown,
}

impl Tap {
    /// Holds the newest bytes back until it is known whether they are a footer.
    pub(in crate::pass) fn hold_back(&mut self) {
        self.held = Some(Held::default());
    }

    /// Looks at the end of the file, of `len` bytes, beforehand, so that the size of the disk can be announced; what
    /// passes later must agree.
    pub(in crate::pass) fn foretell(
        &mut self,
        len: Option<u64>,
        again: Option<&dyn ReadAt>,
    ) -> Result<(), Error> {
        self.foretold = match (len, again) {
            (Some(len), Some(again)) => {
                let start = len.saturating_sub(FOOTER);
                let mut last = vec![0; usize::try_from(len - start).unwrap_or_default()];
                let failed = |source| Error::Io {
                    offset: start,
                    source,
                };
                let got = again.read_at(&mut last, start).map_err(failed)?;
                last.truncate(got);
                Foretold::Disk(fixed::disk(&last, len)?.unwrap_or(len))
            }
            _ => Foretold::Unknown,
        };
        Ok(())
    }

    /// The layer has ended: hands on what was held back, the footer only to those who want the layer as it is.
    pub(super) fn let_go(&mut self, held: Held) -> Result<(), Stop> {
        let found = match fixed::disk(&held.last(), self.size) {
            // Nobody asked for the disk.
            Err(_) if !self.raw_disk => None,
            found => found?,
        };
        let disk = found.unwrap_or(self.size);
        if let Foretold::Disk(foretold) = self.foretold
            && foretold != disk
        {
            let offset = self.size.saturating_sub(FOOTER);
            let end = self.size;
            return Err(Error::Changed { offset, end }.into());
        }
        let passed = self.size - held.len();
        let (disk, footer) = held.split(disk.saturating_sub(passed));
        disk.iter().try_for_each(|run| self.hand_on(run))?;
        if found.is_some() {
            self.footed = Some(self.fan.so_far()?);
        }
        self.hand_on_footer(&footer)
    }

    fn hand_on_footer(&mut self, footer: &[Run]) -> Result<(), Stop> {
        for run in footer {
            self.fan.send(run)?;
        }
        if let Some(comparer) = &mut self.comparer {
            match self.compares_disk {
                true => comparer.feed_rest(footer)?,
                false => footer.iter().try_for_each(|run| comparer.feed(run))?,
            }
        }
        match &mut self.sink {
            Some(sink) if !self.sinks_disk => footer
                .iter()
                .try_for_each(|run| sink::feed(&mut **sink, run)),
            _ => Ok(()),
        }
    }
}
