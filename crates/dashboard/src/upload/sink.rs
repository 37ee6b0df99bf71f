//! The sink of an upload: bytes go on to the image service, hashed and inspected as they pass; the last ones only when
//! nothing speaks against the file.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use disk::inspect::{self, Declared, Inspector, gate};
use disk::{Algorithm, Algorithms, Contents, Fan, Sink};
use net::{Body, Feed, body};
use tokio::sync::oneshot;

/// What clouds record.
const DIGESTS: Algorithms = Algorithms::NONE
    .with(Algorithm::Md5)
    .with(Algorithm::Sha256)
    .with(Algorithm::Sha512);

/// The number of bytes that will come, where it is known, and the body that they come out of.
pub(super) type Begun = (Option<u64>, Body);

/// What was found in the bytes that went through, once all have.
pub(super) type Findings = Arc<Mutex<Vec<inspect::Finding>>>;

/// Bytes on their way into a request.
pub(super) struct Onward {
    begun: Option<oneshot::Sender<Begun>>,
    feed: Option<Feed>,
    fan: Fan,
    inspector: Inspector,
    declared: Declared,
    findings: Findings,
}

impl Onward {
    /// A sink for what is `declared` so, and what comes out when its first byte is near.
    pub(super) fn new(declared: Declared) -> (Self, oneshot::Receiver<Begun>, Findings) {
        let (begun, body) = oneshot::channel();
        let findings = Findings::default();
        let sink = Self {
            begun: Some(begun),
            feed: None,
            fan: Fan::new(DIGESTS),
            inspector: Inspector::new(),
            declared,
            findings: Arc::clone(&findings),
        };
        (sink, body, findings)
    }

    fn feed(&self) -> io::Result<&Feed> {
        self.feed
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Sink for Onward {
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

    /// The server has the whole body only after this, so the gate comes before.
    fn finish(mut self: Box<Self>) -> io::Result<Contents> {
        let inspection = self.inspector.finish();
        let passed = gate(&inspection, &self.declared);
        let passed =
            passed.map_err(|refused| io::Error::new(io::ErrorKind::InvalidData, refused))?;
        *self.findings.lock().unwrap_or_else(PoisonError::into_inner) = passed.warnings().to_vec();
        let feed = self.feed.take().ok_or(io::ErrorKind::NotConnected)?;
        feed.complete().map_err(io::Error::other)?;
        Ok(self.fan.finish())
    }
}
