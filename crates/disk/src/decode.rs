//! Decoding on several threads, released in the order of the disk, in bounded memory.

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::thread;

use crate::Error;
use crate::limits::{BATCH, BATCHES_WAITING, MAX_HOLE, MAX_WORKERS};
use crate::run::{Run, Stop};
use crate::unit::{Codec, Inflater, Unit};
use crate::walk::Out;

/// What comes next of the disk: its size before anything else, then a run or the promise of one.
pub(crate) enum Slot {
    Size(u64),
    Ready(Run),
    Pending(Receiver<Result<Bytes, Error>>),
}

/// Units that are decoded together.
struct Job {
    units: Vec<Unit>,
    space: Vec<u8>,
    done: Sender<Result<Bytes, Error>>,
}

/// Takes the pieces of a disk in order and hands out slots in the same order.
pub(crate) struct Decoder {
    slots: Sender<Slot>,
    jobs: Sender<Job>,
    spare: (Sender<Vec<u8>>, Receiver<Vec<u8>>),
    batch: Vec<Unit>,
    unit: usize,
    max_size: u64,
}

impl Decoder {
    /// Starts the workers, if there is a `codec` that they are needed for. The slots come out of the receiver. `unit` is
    /// the size of a decoded unit, `max_size` the largest disk that is decoded, in bytes.
    pub(crate) fn start(codec: Option<Codec>, unit: u64, max_size: u64) -> (Self, Receiver<Slot>) {
        let (slots, ordered) = bounded(BATCHES_WAITING);
        let (jobs, queue) = unbounded::<Job>();
        let spare = unbounded();
        let unit = usize::try_from(unit).unwrap_or(usize::MAX);
        let count = thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MAX_WORKERS);
        // They end when the decoder, and with it the last sender of jobs, is gone.
        for codec in codec.into_iter().cycle().take(count) {
            let (queue, home) = (queue.clone(), spare.0.clone());
            thread::spawn(move || work(&queue, &home, codec, unit));
        }
        (
            Self {
                slots,
                jobs,
                spare,
                batch: Vec::new(),
                unit,
                max_size,
            },
            ordered,
        )
    }

    /// Sends off the units that were collected.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let units = std::mem::take(&mut self.batch);
        let mut space = self.spare.1.try_recv().unwrap_or_default();
        space.resize(units.len() * self.unit, 0);
        let (done, result) = bounded(1);
        self.jobs
            .send(Job { units, space, done })
            .map_err(|_| Stop::Peer)?;
        self.send(Slot::Pending(result))
    }

    fn send(&self, slot: Slot) -> Result<(), Stop> {
        self.slots.send(slot).map_err(|_| Stop::Peer)
    }
}

/// Each waits while too much is under way.
impl Out for Decoder {
    fn size(&mut self, bytes: u64) -> Result<(), Stop> {
        if bytes > self.max_size {
            return Err(Error::Limit {
                what: "the virtual size",
                value: bytes,
                limit: self.max_size,
            }
            .into());
        }
        self.send(Slot::Size(bytes))
    }

    fn zero(&mut self, mut len: u64) -> Result<(), Stop> {
        self.flush()?;
        while len > 0 {
            let piece = len.min(MAX_HOLE);
            self.send(Slot::Ready(Run::Zero(piece)))?;
            len -= piece;
        }
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> Result<(), Stop> {
        self.flush()?;
        self.send(Slot::Ready(Run::Data(bytes)))
    }

    fn unit(&mut self, unit: Unit) -> Result<(), Stop> {
        self.batch.push(unit);
        if self.batch.len().saturating_mul(self.unit) >= BATCH {
            self.flush()?;
        }
        Ok(())
    }
}

fn work(queue: &Receiver<Job>, home: &Sender<Vec<u8>>, codec: Codec, size: usize) {
    let mut inflater = Inflater::new(codec);
    for Job {
        units,
        mut space,
        done,
    } in queue
    {
        let result = units
            .iter()
            .zip(space.chunks_mut(size))
            .try_for_each(|(unit, out)| inflater.inflate(unit, out))
            .map(|()| {
                let visible = units.iter().map(|unit| unit.visible).sum();
                space.truncate(visible);
                Bytes::from_owner(Lent {
                    space,
                    home: home.clone(),
                })
            });
        // Nobody waits any more when the pass has been given up.
        let _ = done.send(result);
    }
}

/// A buffer that goes back to where it came from.
struct Lent {
    space: Vec<u8>,
    home: Sender<Vec<u8>>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.space
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // The pass may have ended before the last reader let go.
        let _ = self.home.send(std::mem::take(&mut self.space));
    }
}
