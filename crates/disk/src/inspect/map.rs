//! Where data is in a disk, and what its partitions are: a sink that only looks.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::Inspection;
use super::table::Eye;
use crate::limits::MAP_CELLS;
use crate::{Contents, Sink};

/// Where data is in a disk. Data is what takes room in the file; holes and zeros that the format tells of do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// Bytes of data.
    pub data: u64,
    /// Bytes of zeros that take no room.
    pub zero: u64,
    /// Bytes of data in each of equal slices of the disk; empty when the size was not known beforehand.
    pub cells: Vec<u64>,
    /// How many bytes of the disk a slice is.
    pub cell: u64,
}

/// A look at a disk, shared with the sink that takes it.
#[derive(Clone)]
pub(super) struct Survey {
    notes: Arc<Mutex<Notes>>,
}

struct Notes {
    /// The whole disk is wanted, not only its tables.
    whole: bool,
    begun: bool,
    ended: bool,
    position: u64,
    map: Map,
    eye: Eye,
}

impl Survey {
    pub(super) fn new(whole: bool) -> Self {
        let map = Map {
            data: 0,
            zero: 0,
            cells: Vec::new(),
            cell: 0,
        };
        let notes = Notes {
            whole,
            begun: false,
            ended: false,
            position: 0,
            map,
            eye: Eye::default(),
        };
        let notes = Arc::new(Mutex::new(notes));
        Self { notes }
    }

    pub(super) fn sink(&self) -> Box<dyn Sink> {
        Box::new(self.clone())
    }

    /// Whether everything is to be seen.
    pub(super) fn is_whole(&self) -> bool {
        self.notes().whole
    }

    /// The disk has been seen to its end.
    pub(super) fn end(&self) {
        self.notes().ended = true;
    }

    /// Adds what was seen of a decoded disk to the inspection of its file. The map, if all was seen.
    pub(super) fn tell(&self, image: &mut Inspection) -> Option<Map> {
        let notes = self.notes();
        if notes.begun && !image.kind.is_plain() {
            let layout = match notes.ended {
                true => notes.eye.clone().finish(),
                false => notes.eye.so_far(),
            };
            image.add(layout);
        }
        notes.ended.then(|| notes.map.clone())
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes {
    /// `len` bytes of data are next.
    fn count(&mut self, len: u64) {
        self.map.data = self.map.data.saturating_add(len);
        let (mut at, end) = (self.position, self.position.saturating_add(len));
        while at < end && self.map.cell > 0 {
            let index = at / self.map.cell;
            let edge = (index + 1).saturating_mul(self.map.cell).min(end);
            let cell = usize::try_from(index).ok();
            if let Some(cell) = cell.and_then(|index| self.map.cells.get_mut(index)) {
                *cell += edge - at;
            }
            at = edge;
        }
    }

    /// Whether more is wanted.
    fn enough(&self) -> io::Result<()> {
        if self.whole || !self.eye.is_satisfied() {
            return Ok(());
        }
        Err(io::Error::other("enough has been seen"))
    }
}

impl Sink for Survey {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        let mut notes = self.notes();
        notes.begun = true;
        if let Some(size) = size.filter(|size| *size > 0) {
            notes.map.cell = size.div_ceil(MAP_CELLS);
            let cells = usize::try_from(size.div_ceil(notes.map.cell)).unwrap_or(0);
            notes.map.cells = vec![0; cells];
        }
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        let mut notes = self.notes();
        notes.eye.push(&bytes);
        let len = bytes.len() as u64;
        notes.count(len);
        notes.position = notes.position.saturating_add(len);
        notes.enough()
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        let mut notes = self.notes();
        notes.eye.zeros(len);
        notes.map.zero = notes.map.zero.saturating_add(len);
        notes.position = notes.position.saturating_add(len);
        notes.enough()
    }

    fn finish(self: Box<Self>) -> io::Result<Contents> {
        self.end();
        Ok(Contents {
            size: self.notes().position,
            ..Contents::default()
        })
    }
}
