//! streamOptimized with the directory at the end: grains are taken as their markers come, and the tables that follow must
//! say the same, grain for grain.
//!
//! So a stream that passes once gives its disk at once, as long as the grains are in the order of the disk. Where they are
//! not, only a source that can be read again will do; it is asked beforehand what the tables say. That look ahead decides
//! nothing but the order of work: all that is handed on is what passed, or is proved to be it.

use blake3::Hash;
use bytes::Bytes;
use std::ops::Range;

use crate::limits::VMDK_MAX_UNORDERED;
use crate::run::Stop;
use crate::window::View;
use crate::{Error, Refusal};

use super::footer::{self, footer, footer_at_end};
use super::header::{Header, SECTOR};
use super::tables::{Directory, bytes_at, digest, plain_entries};
use super::walk::{Disk, MARKER, data_of};
use super::{corrupt, refused};

const END_OF_STREAM: u32 = 0;
const GRAIN_TABLE: u32 = 1;
const GRAIN_DIRECTORY: u32 = 2;
const FOOTER: u32 = 3;

/// Hands on the whole disk.
pub(super) fn walk(header: &Header, view: &mut View, disk: &mut Disk<'_>) -> Result<(), Stop> {
    let mut passed = Passed::new(header);
    if footer::in_order(header, view)? {
        let footer = passed.chain(view, &mut Take::AsItComes(disk))?;
        passed.end(view, footer)?;
        return disk.hole_to(header.grains());
    }
    let mut places = Vec::new();
    let footer = passed.chain(view, &mut Take::Places(&mut places))?;
    places.sort_unstable();
    let mut last = None;
    for (number, place) in &places {
        if last.replace(*number) == Some(*number) {
            return Err(disagree(u64::from(*place) * SECTOR).into());
        }
        passed.note(*number, *place);
    }
    passed.end(view, footer)?;
    for (number, place) in places {
        let at = u64::from(place) * SECTOR;
        let marker = view.table(at..at + MARKER, "a marker")?;
        let data = data_of(header, &marker, at)?;
        let bytes = view.table(data.clone(), "a grain")?;
        disk.unit(number, bytes, data.start, false)?;
    }
    disk.hole_to(header.grains())
}

/// What becomes of the grains as their markers come.
enum Take<'a, 'b> {
    /// They are handed on.
    AsItComes(&'a mut Disk<'b>),
    /// The number and the place of each, in sectors, are noted.
    Places(&'a mut Vec<(u64, u32)>),
}

/// What has passed of an image.
struct Passed<'a> {
    header: &'a Header,
    /// Where the next marker is.
    at: u64,
    /// The table that the last grain belongs to, as it has to be, and its number.
    table: Vec<u32>,
    number: u64,
    /// The tables before it that have entries: number and digest, ascending.
    expected: Vec<(u64, Hash)>,
    /// The tables that came: place and digest, ascending.
    came: Vec<(u64, Hash)>,
    /// The last directory that came, and its place.
    directory: Option<(u64, Bytes)>,
    /// The digest of a table without entries.
    empty: Hash,
}

impl<'a> Passed<'a> {
    fn new(header: &'a Header) -> Self {
        let table = vec![0; usize::try_from(header.table_entries).unwrap_or_default()];
        Self {
            header,
            at: header.overhead,
            empty: digest(&table),
            table,
            number: 0,
            expected: Vec::new(),
            came: Vec::new(),
            directory: None,
        }
    }

    /// Everything up to the footer's marker; where the footer is.
    fn chain(&mut self, view: &mut View, take: &mut Take<'_, '_>) -> Result<u64, Stop> {
        loop {
            let at = self.at;
            let marker = view.table(at..at + MARKER, "a marker")?;
            let value = u64::from_le_bytes(bytes_at(&marker, 0));
            if bytes_at(&marker, 8) != [0; 4] {
                self.grain(&marker, value, view, take)?;
                continue;
            }
            let rest = view.table(at + MARKER..at + SECTOR, "a marker")?;
            self.at += SECTOR;
            match u32::from_le_bytes(bytes_at(&rest, 0)) {
                // Sectors of zeros between grains are padding.
                END_OF_STREAM if value == 0 => {}
                GRAIN_TABLE => self.grain_table(value, view)?,
                GRAIN_DIRECTORY => {
                    let range = self.behind_marker(value, self.header.directory_len())?;
                    let bytes = view.table(range.clone(), "the grain directory")?;
                    self.directory = Some((range.start, bytes));
                    self.skip(value, range.end, view);
                }
                FOOTER => return Ok(self.at),
                kind => {
                    let what = format!("there is no marker of the kind {kind}");
                    return Err(corrupt(at + MARKER, what).into());
                }
            }
        }
    }

    /// Takes a grain.
    fn grain(
        &mut self,
        marker: &Bytes,
        sector: u64,
        view: &mut View,
        take: &mut Take<'_, '_>,
    ) -> Result<(), Stop> {
        let at = self.at;
        let guest = sector
            .checked_mul(SECTOR)
            .filter(|guest| *guest < self.header.size && guest % self.header.grain == 0)
            .ok_or_else(|| corrupt(at, "a grain's marker names no grain of the disk"))?;
        let number = guest / self.header.grain;
        let data = data_of(self.header, marker, at)?;
        let place = u32::try_from(at / SECTOR)
            .map_err(|_| corrupt(at, "a grain lies farther on than a table can say"))?;
        self.at = data.end.next_multiple_of(SECTOR);
        match take {
            Take::AsItComes(disk) => {
                if number < disk.next {
                    return Err(self.out_of_order(view, at..data.end));
                }
                self.note(number, place);
                let bytes = view.table(data.clone(), "a grain")?;
                view.unused(data.end..self.at);
                disk.unit(number, bytes, data.start, false)
            }
            Take::Places(places) if places.len() == VMDK_MAX_UNORDERED => Err(Error::Limit {
                what: "the number of grains that are not in the order of the disk",
                value: VMDK_MAX_UNORDERED as u64 + 1,
                limit: VMDK_MAX_UNORDERED as u64,
            }
            .into()),
            Take::Places(places) => {
                places.push((number, place));
                Ok(())
            }
        }
    }

    /// The grain at `range` belongs before one that has been handed on.
    fn out_of_order(&self, view: &mut View, range: Range<u64>) -> Stop {
        if !view.can_read_again() {
            return Stop::Failed(refused(Refusal::NeedsRandomAccess {
                offset: range.start,
                end: range.end,
            }));
        }
        // The tables were looked at beforehand: there were none, or they spoke of other bytes.
        match footer_at_end(self.header, view) {
            Err(stop) => stop,
            Ok(_) => disagree(range.start).into(),
        }
    }

    /// Notes where the grain `number` is.
    fn note(&mut self, number: u64, place: u32) {
        let table = number / self.header.table_entries;
        if table != self.number {
            self.close();
            self.number = table;
        }
        let index = usize::try_from(number % self.header.table_entries).unwrap_or(usize::MAX);
        if let Some(entry) = self.table.get_mut(index) {
            *entry = place;
        }
    }

    /// The current table has all its entries.
    fn close(&mut self) {
        let sum = digest(&self.table);
        if sum != self.empty {
            self.expected.push((self.number, sum));
        }
        self.table.fill(0);
    }

    fn grain_table(&mut self, sectors: u64, view: &mut View) -> Result<(), Stop> {
        let range = self.behind_marker(sectors, self.header.table_len())?;
        if self.came.len() as u64 == self.header.tables() {
            return Err(
                corrupt(range.start, "there are more grain tables than the disk has").into(),
            );
        }
        let bytes = view.table(range.clone(), "a grain table")?;
        let sum = digest(&plain_entries(self.header, &bytes));
        self.came.push((range.start, sum));
        self.skip(sectors, range.end, view);
        Ok(())
    }

    /// Where `len` bytes are that fit into the `sectors` behind a marker.
    fn behind_marker(&self, sectors: u64, len: u64) -> Result<Range<u64>, Error> {
        let room = sectors
            .checked_mul(SECTOR)
            .filter(|room| *room < 1 << 56 && *room >= len);
        if room.is_none() {
            let what = format!("{sectors} sectors cannot hold what the marker announces");
            return Err(corrupt(self.at - SECTOR, what));
        }
        Ok(self.at..self.at + len)
    }

    /// Goes on behind the `sectors` of a marker, which were read up to `used`.
    fn skip(&mut self, sectors: u64, used: u64, view: &View) {
        self.at += sectors * SECTOR;
        view.unused(used..self.at);
    }

    /// The footer at `at` and all behind it; the directory and the tables that came must say what the markers said.
    fn end(&mut self, view: &mut View, at: u64) -> Result<(), Stop> {
        let bytes = view.table(at..at + SECTOR, "the footer")?;
        let end = view.table(at + SECTOR..at + 2 * SECTOR, "the end-of-stream marker")?;
        let place = footer(self.header, &bytes, &end, at)?;
        if !view.ends_at(at + 2 * SECTOR)? {
            return Err(corrupt(at + 2 * SECTOR, "something follows the end of the stream").into());
        }
        let bytes = match self.directory.take() {
            Some((start, bytes)) if start == place => bytes,
            _ => {
                let what = "the footer names a directory that has not come";
                return Err(corrupt(at, what).into());
            }
        };
        let directory = Directory::parse(self.header, &bytes, place, Some(at))?;
        self.close();
        let mut expected = self.expected.iter().peekable();
        for (number, table) in (0..).zip(directory.tables) {
            let sum = expected
                .next_if(|(expected, _)| *expected == number)
                .map_or(self.empty, |(_, sum)| *sum);
            let came = match table {
                0 => Some(self.empty),
                _ => self
                    .came
                    .binary_search_by_key(&table, |(place, _)| *place)
                    .ok()
                    .and_then(|found| self.came.get(found))
                    .map(|(_, sum)| *sum),
            };
            if came != Some(sum) {
                return Err(disagree(if table == 0 { place } else { table }).into());
            }
        }
        Ok(())
    }
}

fn disagree(offset: u64) -> Error {
    corrupt(offset, "the grain tables and the grains' markers disagree")
}
