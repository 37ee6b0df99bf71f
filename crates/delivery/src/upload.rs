//! The sink of an upload: the bytes go to the network, and their digests are those of exactly what went there.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use disk::inspect::{Declared, Finding, Inspector, gate};
use disk::{Algorithm, Algorithms, Contents, Fan, Sink};
use net::{Body, Ended, Feed, body};
use tokio::sync::oneshot;

/// The number of bytes that will come, where it is known, and the body that they come out of.
pub(crate) type Begun = (Option<u64>, Body);

/// What is odd about the bytes that went through, once all have.
pub(crate) type Odd = Arc<Mutex<Vec<Finding>>>;

/// What clouds record, and what openstacksdk compares by.
pub(crate) const DIGESTS: Algorithms = Algorithms::NONE
    .with(Algorithm::Md5)
    .with(Algorithm::Sha256)
    .with(Algorithm::Sha512);

/// Bytes on their way into one request or several. The slowest decides how fast they come; one that has ended early is left
/// out, and the others go on.
pub(crate) struct Upload {
    begun: Vec<oneshot::Sender<Begun>>,
    feeds: Vec<Feed>,
    fan: Fan,
    inspector: Inspector,
    declared: Declared,
    largest: u64,
    odd: Odd,
}

impl Upload {
    /// A sink for so many requests, and for each of them what comes out when the first byte is near. What goes through it
    /// must pass the gate as what is `declared`, with a disk of at most `largest` bytes.
    pub(crate) fn new(
        declared: Declared,
        largest: u64,
        requests: usize,
    ) -> (Self, Vec<oneshot::Receiver<Begun>>) {
        let (begun, bodies) = (0..requests).map(|_| oneshot::channel()).unzip();
        let sink = Self {
            begun,
            feeds: Vec::new(),
            fan: Fan::new(DIGESTS),
            inspector: Inspector::new(),
            declared,
            largest,
            odd: Odd::default(),
        };
        (sink, bodies)
    }

    /// Where it is found, once it is finished, what is odd about the bytes that passed the gate.
    pub(crate) fn odd(&self) -> Odd {
        Arc::clone(&self.odd)
    }

    /// Hands something to every request that still listens.
    fn each(&mut self, put: impl Fn(&Feed) -> Result<(), Ended>) -> io::Result<()> {
        self.feeds.retain(|feed| put(feed).is_ok());
        match self.feeds.is_empty() {
            true => Err(io::Error::other(Ended)),
            false => Ok(()),
        }
    }
}

impl Sink for Upload {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        for begun in self.begun.drain(..) {
            let (feed, body) = body(size);
            self.feeds.push(feed);
            // Nobody is there any more after an interruption; the first byte tells.
            drop(begun.send((size, body)));
        }
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.inspector.push(&bytes);
        self.fan.data(bytes.clone());
        self.each(|feed| feed.data(bytes.clone()))
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.inspector.push_zeros(len);
        self.fan.zero(len);
        self.each(|feed| feed.zeros(len))
    }

    /// The final word: only with it do the servers get the end of the body, so the gate comes before.
    fn finish(self: Box<Self>) -> io::Result<Contents> {
        let inspection = self.inspector.finish().with_limit(self.largest);
        let passed = gate(&inspection, &self.declared)
            .map_err(|refused| io::Error::new(io::ErrorKind::InvalidData, refused))?;
        *self.odd.lock().unwrap_or_else(PoisonError::into_inner) = passed.warnings().to_vec();
        let all = self.feeds.into_iter().map(Feed::complete);
        // Whether each of them got its end, its own answer says.
        if all.filter(Result::is_ok).count() == 0 {
            return Err(io::Error::other(Ended));
        }
        Ok(self.fan.finish())
    }
}
