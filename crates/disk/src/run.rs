//! A run: some bytes of a layer, or a hole in it; and the fan that hands runs to several readers at once.

use bytes::Bytes;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::thread::JoinHandle;

use crate::limits::CHUNKS_WAITING;
use crate::{Algorithms, Digests, Error, Hasher};

/// The next bytes of a layer.
#[derive(Clone, Debug)]
pub(crate) enum Run {
    /// These bytes.
    Data(Bytes),
    /// So many zero bytes.
    Zero(u64),
}

impl Run {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::Data(bytes) => bytes.len() as u64,
            Self::Zero(len) => *len,
        }
    }

    /// The first `at` bytes and the rest, each if it is not empty; `at` is at most the length.
    pub(crate) fn split(self, at: u64) -> (Option<Self>, Option<Self>) {
        let (first, rest) = match self {
            Self::Data(mut bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let rest = bytes.split_off(at);
                (Self::Data(bytes), Self::Data(rest))
            }
            Self::Zero(len) => (Self::Zero(at), Self::Zero(len - at)),
        };
        let there = |run: Self| (run.len() > 0).then_some(run);
        (there(first), there(rest))
    }
}

/// Zero bytes to hash and compare holes with.
pub(crate) static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// Calls `each` with pieces of [`ZEROS`], `len` bytes in all.
pub(crate) fn zeros(mut len: u64, mut each: impl FnMut(&'static [u8])) {
    while len > 0 {
        let piece = usize::try_from(len).unwrap_or(usize::MAX).min(ZEROS.len());
        each(ZEROS.get(..piece).unwrap_or(&ZEROS));
        len -= piece as u64;
    }
}

/// Why a stage stopped early.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It failed by itself.
    Failed(Error),
    /// A stage that it works with has stopped; the reason is there.
    Peer,
}

impl Stop {
    /// The error to report when no other stage has a better one.
    pub(crate) fn reason(self) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Peer => Error::Cancelled,
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What a digest is told.
enum Step {
    Add(Run),
    /// To say what it has come to, and go on.
    Tell(Sender<crate::Digest>),
}

/// Digests of the same bytes, each computed on a thread of its own, with back-pressure.
pub struct Fan {
    readers: Vec<(Sender<Step>, JoinHandle<crate::Digest>)>,
    size: u64,
}

impl Fan {
    /// Digests of nothing yet.
    #[must_use]
    pub fn new(algorithms: Algorithms) -> Self {
        Self::with_room(algorithms, CHUNKS_WAITING)
    }

    /// The same, where each digest is behind by so many hand-overs at most.
    #[must_use]
    pub fn with_room(algorithms: Algorithms, waiting: usize) -> Self {
        let readers = algorithms
            .iter()
            .map(|algorithm| {
                let (sender, runs) = bounded(waiting);
                (
                    sender,
                    std::thread::spawn(move || hash(Hasher::new(algorithm), &runs)),
                )
            })
            .collect();
        Self { readers, size: 0 }
    }

    /// Hands `run` to every digest; waits while one of them is behind.
    pub(crate) fn send(&mut self, run: &Run) -> Result<(), Stop> {
        self.size += run.len();
        self.readers
            .iter()
            .try_for_each(|(sender, _)| sender.send(Step::Add(run.clone())).map_err(|_| Stop::Peer))
    }

    /// The digests of everything sent so far; more may follow.
    pub(crate) fn so_far(&self) -> Result<crate::Contents, Stop> {
        let mut answers = Vec::new();
        for (sender, _) in &self.readers {
            let (tell, answer) = bounded(1);
            sender.send(Step::Tell(tell)).map_err(|_| Stop::Peer)?;
            answers.push(answer);
        }
        let digests: Result<Digests, _> = answers.iter().map(Receiver::recv).collect();
        Ok(crate::Contents {
            size: self.size,
            digests: digests.map_err(|_| Stop::Peer)?,
        })
    }

    /// Adds bytes; waits while one of the digests is behind.
    pub fn data(&mut self, bytes: Bytes) {
        // A digest that has gone has panicked, which `finish` passes on.
        drop(self.send(&Run::Data(bytes)));
    }

    /// Adds so many zeros; as [`Fan::data`].
    pub fn zero(&mut self, len: u64) {
        drop(self.send(&Run::Zero(len)));
    }

    /// How many bytes were added.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The number and the digests of all bytes added.
    #[must_use]
    pub fn finish(self) -> crate::Contents {
        let (senders, threads): (Vec<_>, Vec<_>) = self.readers.into_iter().unzip();
        drop(senders);
        let digests: Digests = threads.into_iter().map(joined).collect();
        crate::Contents {
            size: self.size,
            digests,
        }
    }
}

fn hash(mut hasher: Hasher, steps: &Receiver<Step>) -> crate::Digest {
    for step in steps {
        match step {
            Step::Add(Run::Data(bytes)) => hasher.update(&bytes),
            Step::Add(Run::Zero(len)) => zeros(len, |piece| hasher.update(piece)),
            // Whoever asked may have given up.
            Step::Tell(tell) => drop(tell.send(hasher.clone().finish())),
        }
    }
    hasher.finish()
}

/// The result of a thread of ours; a panic there goes on here.
pub(crate) fn joined<T>(thread: JoinHandle<T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
