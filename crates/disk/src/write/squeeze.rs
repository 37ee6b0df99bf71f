//! A disk cut into units, compressed on several threads and laid down in order by one, in bounded memory.

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::io;
use std::thread::{self, JoinHandle};

use super::Workers;
use super::unit::{Kind, Packer, Shape};
use crate::limits::{BATCH, WRITE_BATCHES, WRITE_MEMORY};
use crate::run::joined;
use crate::{Contents, Sink};

/// A unit as it goes into the file.
#[derive(Clone, Copy)]
pub(super) enum Cell<'a> {
    /// Its own bytes.
    Plain(&'a [u8]),
    /// Compressed.
    Packed(&'a [u8]),
}

/// A format's file, laid down unit by unit.
pub(super) trait Lay: Send + 'static {
    /// Comes first: the size of the disk in bytes, where it is known.
    fn begin(&mut self, size: Option<u64>) -> io::Result<()>;

    /// The next unit that is not all zeros; numbers ascend, and those that are left out are zero.
    fn cell(&mut self, number: u64, cell: Cell<'_>) -> io::Result<()>;

    /// All units have come; the disk has `size` bytes.
    fn end(self, size: u64) -> io::Result<Contents>;
}

/// A sink that compresses.
pub(super) struct Squeezer<L> {
    unit: usize,
    batch: usize,
    kind: Kind,
    workers: usize,
    /// The first unit in `space`, and the bytes of units that are being collected.
    first: u64,
    space: Vec<u8>,
    size: u64,
    stage: Stage<L>,
}

enum Stage<L> {
    Ready(L),
    Running(Running<L>),
    Failed,
}

struct Running<L> {
    jobs: Sender<Job>,
    ordered: Sender<Receiver<io::Result<Done>>>,
    spare: (Sender<Buffers>, Receiver<Buffers>),
    writer: JoinHandle<io::Result<L>>,
}

/// Units in a row.
struct Job {
    first: u64,
    buffers: Buffers,
    done: Sender<io::Result<Done>>,
}

#[derive(Default)]
struct Buffers {
    units: Vec<u8>,
    packed: Vec<u8>,
}

struct Done {
    first: u64,
    buffers: Buffers,
    shapes: Vec<Shape>,
    room: usize,
}

impl<L: Lay> Squeezer<L> {
    /// Cuts into units of `unit` bytes, packed as `kind` says.
    pub(super) fn new(lay: L, unit: u64, kind: Kind, workers: Workers) -> Self {
        let unit = usize::try_from(unit).unwrap_or(usize::MAX);
        Self {
            unit,
            batch: unit.max(BATCH - BATCH % unit.min(BATCH)),
            kind,
            workers: workers.count(),
            first: 0,
            space: Vec::new(),
            size: 0,
            stage: Stage::Ready(lay),
        }
    }

    fn running(&mut self) -> io::Result<&mut Running<L>> {
        match &mut self.stage {
            Stage::Running(running) => Ok(running),
            Stage::Ready(_) | Stage::Failed => Err(stopped()),
        }
    }

    /// Sends off the units that were collected; waits while too much is under way.
    fn flush(&mut self) -> io::Result<()> {
        if self.space.is_empty() {
            return Ok(());
        }
        let units = std::mem::take(&mut self.space);
        let (first, count) = (self.first, units.len() / self.unit);
        self.first += count as u64;
        let running = self.running()?;
        let mut spare = running.spare.1.try_recv().unwrap_or_default();
        let next = std::mem::replace(&mut spare.units, units);
        let (done, result) = bounded(1);
        let job = Job {
            first,
            buffers: spare,
            done,
        };
        let sent = running.ordered.send(result).is_ok() && running.jobs.send(job).is_ok();
        self.space = next;
        self.space.clear();
        if sent { Ok(()) } else { Err(self.failure()) }
    }

    /// Why the writer has stopped.
    fn failure(&mut self) -> io::Error {
        match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Running(running) => {
                let writer = running.ended();
                joined(writer).err().unwrap_or_else(stopped)
            }
            Stage::Ready(_) | Stage::Failed => stopped(),
        }
    }

    /// Fills the unit that is being collected up with zeros, at most `most` of them; how many that were.
    fn fill(&mut self, most: u64) -> u64 {
        let missing = (self.unit - self.space.len() % self.unit) % self.unit;
        let count = usize::try_from(most).unwrap_or(missing).min(missing);
        self.space.resize(self.space.len() + count, 0);
        count as u64
    }
}

impl<L: Lay> Sink for Squeezer<L> {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        let Stage::Ready(mut lay) = std::mem::replace(&mut self.stage, Stage::Failed) else {
            return Err(stopped());
        };
        lay.begin(size)?;
        // One batch is as much again when it is packed.
        let most = (WRITE_MEMORY / (2 * self.batch)).max(WRITE_BATCHES);
        let workers = self.workers.min(most / 2);
        let (ordered, results) = bounded(workers * 2);
        let (jobs, queue) = unbounded();
        let spare = unbounded();
        for _ in 0..workers {
            let (queue, unit, kind) = (queue.clone(), self.unit, self.kind);
            thread::spawn(move || work(&queue, unit, kind));
        }
        let (home, unit) = (spare.0.clone(), self.unit);
        let writer = thread::spawn(move || write(lay, &results, &home, unit));
        self.stage = Stage::Running(Running {
            jobs,
            ordered,
            spare,
            writer,
        });
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.size += bytes.len() as u64;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(self.batch - self.space.len()));
            self.space.extend_from_slice(piece);
            rest = after;
            if self.space.len() == self.batch {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.size += len;
        let left = len - self.fill(len);
        let unit = self.unit as u64;
        if self.space.len() == self.batch || left >= unit {
            self.flush()?;
        }
        self.first += left / unit;
        // What is left is less than a unit.
        let rest = usize::try_from(left % unit).unwrap_or(0);
        self.space.resize(self.space.len() + rest, 0);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<Contents> {
        self.fill(u64::MAX);
        self.flush()?;
        let Stage::Running(running) = self.stage else {
            return Err(stopped());
        };
        joined(running.ended())?.end(self.size)
    }
}

impl<L> Running<L> {
    /// Nothing more will come: the writer's thread goes to its end.
    fn ended(self) -> JoinHandle<io::Result<L>> {
        self.writer
    }
}

fn stopped() -> io::Error {
    io::Error::other("the writer has stopped")
}

fn work(queue: &Receiver<Job>, unit: usize, kind: Kind) {
    let mut packer = Packer::new(kind);
    for job in queue {
        let Job {
            first,
            mut buffers,
            done,
        } = job;
        let packed = match &mut packer {
            Ok(packer) => pack(packer, &mut buffers, unit),
            Err(error) => Err(error.kind().into()),
        };
        let result = packed.map(|(shapes, room)| Done {
            first,
            buffers,
            shapes,
            room,
        });
        // Nobody waits any more when the writing has been given up.
        let _ = done.send(result);
    }
}

fn pack(
    packer: &mut Packer,
    buffers: &mut Buffers,
    unit: usize,
) -> io::Result<(Vec<Shape>, usize)> {
    let room = packer.room(unit);
    let count = buffers.units.len() / unit;
    if buffers.packed.len() < count * room {
        buffers.packed.resize(count * room, 0);
    }
    let mut spaces = buffers.packed.chunks_mut(room.max(1));
    let units = buffers.units.chunks(unit);
    let shapes = units.map(|unit| packer.pack(unit, spaces.next().unwrap_or_default()));
    Ok((shapes.collect::<io::Result<_>>()?, room))
}

/// Lays everything down in the order of the disk.
fn write<L: Lay>(
    mut lay: L,
    results: &Receiver<Receiver<io::Result<Done>>>,
    home: &Sender<Buffers>,
    unit: usize,
) -> io::Result<L> {
    for result in results {
        // A worker that is gone has panicked; its thread has said why.
        let done = result.recv().map_err(|_| stopped())??;
        let units = done.buffers.units.chunks(unit);
        let mut spaces = done.buffers.packed.chunks(done.room.max(1));
        for ((number, bytes), shape) in (done.first..).zip(units).zip(&done.shapes) {
            let space = spaces.next().unwrap_or_default();
            match shape {
                Shape::Hole => {}
                Shape::Plain => lay.cell(number, Cell::Plain(bytes))?,
                Shape::Packed(len) => {
                    lay.cell(number, Cell::Packed(space.get(..*len).unwrap_or(space)))?;
                }
            }
        }
        // Kept for the next batch, as long as anyone makes one.
        let _ = home.send(done.buffers);
    }
    Ok(lay)
}
