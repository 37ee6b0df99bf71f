//! The sink of an upload: the bytes go to the network, and their digests are those of exactly what went there.

use std::io;

use bytes::Bytes;
use disk::inspect::{Declared, Inspector, gate};
use disk::{Algorithm, Algorithms, Contents, Fan, Sink};
use net::{Body, Feed, body};
use tokio::sync::oneshot;

/// The number of bytes that will come, where it is known, and the body that they come out of.
pub(super) type Begun = (Option<u64>, Body);

/// What clouds record, and what openstacksdk compares by.
pub(super) const DIGESTS: Algorithms = Algorithms::NONE
    .with(Algorithm::Md5)
    .with(Algorithm::Sha256)
    .with(Algorithm::Sha512);

/// Bytes on their way into a request.
pub(super) struct Upload {
    begun: Option<oneshot::Sender<Begun>>,
    feed: Option<Feed>,
    fan: Fan,
    inspector: Inspector,
    declared: Declared,
    largest: u64,
}

impl Upload {
    /// A sink, and what comes out when its first byte is near. What goes through it must pass the gate as what is
    /// `declared`, with a disk of at most `largest` bytes.
    pub(super) fn new(declared: Declared, largest: u64) -> (Self, oneshot::Receiver<Begun>) {
        let (begun, body) = oneshot::channel();
        let sink = Self {
            begun: Some(begun),
            feed: None,
            fan: Fan::new(DIGESTS),
            inspector: Inspector::new(),
            declared,
            largest,
        };
        (sink, body)
    }

    fn feed(&self) -> io::Result<&Feed> {
        self.feed
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Sink for Upload {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        let (feed, body) = body(size);
        self.feed = Some(feed);
        // Nobody is there any more after an interruption; the first byte tells.
        drop(self.begun.take().map(|begun| begun.send((size, body))));
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.inspector.push(&bytes);
        self.fan.data(bytes.clone());
        self.feed()?.data(bytes).map_err(io::Error::other)
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.inspector.push_zeros(len);
        self.fan.zero(len);
        self.feed()?.zeros(len).map_err(io::Error::other)
    }

    /// The final word: only with it does the server get the end of the body, so the gate comes before.
    fn finish(mut self: Box<Self>) -> io::Result<Contents> {
        let inspection = self.inspector.finish().with_limit(self.largest);
        gate(&inspection, &self.declared)
            .map_err(|refused| io::Error::new(io::ErrorKind::InvalidData, refused))?;
        let feed = self.feed.take().ok_or(io::ErrorKind::NotConnected)?;
        feed.complete().map_err(io::Error::other)?;
        Ok(self.fan.finish())
    }
}
