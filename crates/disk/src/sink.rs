//! Where the bytes of a layer go while they pass.

use bytes::Bytes;
use std::{fmt, io};

use crate::run::{Run, Stop};
use crate::{Contents, Error, Layer};

/// Takes the bytes of a layer in order. Dropped without [`finish`](Self::finish) when a pass fails: then it must leave
/// nothing behind under a final name.
pub trait Sink: Send {
    /// Comes first: how many bytes will come, where that is known beforehand. It always is for the disk of a format that
    /// is decoded.
    ///
    /// # Errors
    /// Any failure; it ends the pass.
    fn begin(&mut self, size: Option<u64>) -> io::Result<()>;

    /// The next bytes.
    ///
    /// # Errors
    /// Any failure; it ends the pass.
    fn data(&mut self, bytes: Bytes) -> io::Result<()>;

    /// The next bytes are so many zeros.
    ///
    /// # Errors
    /// Any failure; it ends the pass.
    fn zero(&mut self, len: u64) -> io::Result<()>;

    /// Makes what was written complete, and answers its size and digests as far as the sink computes any. Called by the
    /// owner, when the [`Reading`](crate::Reading) is what he wanted; never by [`read`](crate::read).
    ///
    /// # Errors
    /// Any failure; then nothing complete is there.
    fn finish(self: Box<Self>) -> io::Result<Contents>;
}

impl fmt::Debug for dyn Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sink")
    }
}

/// A sink for one layer.
pub struct Output {
    /// Where the bytes go.
    pub sink: Box<dyn Sink>,
    /// Which bytes.
    pub layer: Layer,
}

/// Hands `run` to `sink`.
pub(crate) fn feed(sink: &mut dyn Sink, run: &Run) -> Result<(), Stop> {
    match run {
        Run::Data(bytes) => sink.data(bytes.clone()),
        Run::Zero(len) => sink.zero(*len),
    }
    .map_err(failed)
}

/// Tells `sink` what will come.
pub(crate) fn begin(sink: &mut dyn Sink, size: Option<u64>) -> Result<(), Stop> {
    sink.begin(size).map_err(failed)
}

fn failed(source: io::Error) -> Stop {
    Stop::Failed(Error::Output { source })
}
