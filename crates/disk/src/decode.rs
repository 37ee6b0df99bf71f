//! Decoding on several threads, released in the order of the disk, in bounded memory.

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::thread;

use crate::Error;
use crate::limits::{BATCH, BATCHES_WAITING, MAX_WORKERS};
use crate::qcow2::{Cluster, Compression, Inflater, Piece};
use crate::run::{Run, Stop};

/// The next run of the disk, or the promise of one.
pub(crate) enum Slot {
    Ready(Run),
    Pending(Receiver<Result<Bytes, Error>>),
}

/// Clusters that are decoded together.
struct Job {
    clusters: Vec<Cluster>,
    space: Vec<u8>,
    done: Sender<Result<Bytes, Error>>,
}

/// Takes the pieces of a disk in order and hands out slots in the same order.
pub(crate) struct Decoder {
    slots: Sender<Slot>,
    jobs: Sender<Job>,
    spare: (Sender<Vec<u8>>, Receiver<Vec<u8>>),
    batch: Vec<Cluster>,
    cluster: usize,
}

impl Decoder {
    /// Starts the workers. The slots come out of the receiver.
    pub(crate) fn start(compression: Compression, cluster: u64) -> (Self, Receiver<Slot>) {
        let (slots, ordered) = bounded(BATCHES_WAITING);
        let (jobs, queue) = unbounded::<Job>();
        let spare = unbounded();
        let cluster = usize::try_from(cluster).unwrap_or(usize::MAX);
        let count = thread::available_parallelism()
            .map_or(1, usize::from)
            .min(MAX_WORKERS);
        // They end when the decoder, and with it the last sender of jobs, is gone.
        for _ in 0..count {
            let (queue, home) = (queue.clone(), spare.0.clone());
            thread::spawn(move || work(&queue, &home, compression, cluster));
        }
        (
            Self {
                slots,
                jobs,
                spare,
                batch: Vec::new(),
                cluster,
            },
            ordered,
        )
    }

    /// Takes the next piece; waits while too much is under way.
    pub(crate) fn push(&mut self, piece: Piece) -> Result<(), Stop> {
        let run = match piece {
            Piece::Compressed(cluster) => {
                self.batch.push(cluster);
                if self.batch.len().saturating_mul(self.cluster) >= BATCH {
                    self.flush()?;
                }
                return Ok(());
            }
            Piece::Zero(len) => Run::Zero(len),
            Piece::Data(bytes) => Run::Data(bytes),
        };
        self.flush()?;
        self.slots.send(Slot::Ready(run)).map_err(|_| Stop::Peer)
    }

    /// Sends off the clusters that were collected.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let clusters = std::mem::take(&mut self.batch);
        let mut space = self.spare.1.try_recv().unwrap_or_default();
        space.resize(clusters.len() * self.cluster, 0);
        let (done, result) = bounded(1);
        self.jobs
            .send(Job {
                clusters,
                space,
                done,
            })
            .map_err(|_| Stop::Peer)?;
        self.slots
            .send(Slot::Pending(result))
            .map_err(|_| Stop::Peer)
    }
}

fn work(queue: &Receiver<Job>, home: &Sender<Vec<u8>>, compression: Compression, cluster: usize) {
    let mut inflater = Inflater::new(compression);
    for Job {
        clusters,
        mut space,
        done,
    } in queue
    {
        let result = clusters
            .iter()
            .zip(space.chunks_mut(cluster))
            .try_for_each(|(cluster, out)| inflater.inflate(cluster, out))
            .map(|()| {
                let visible = clusters.iter().map(|cluster| cluster.visible).sum();
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
