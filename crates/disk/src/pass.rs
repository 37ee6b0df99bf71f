//! One pass over an original: what is asked, and what is answered.

mod image;
mod layers;
mod tap;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crate::limits::MAX_VIRTUAL_SIZE;
use crate::run::{Stop, joined};
use layers::Layers;

use crate::sink::{Output, Sink};
use crate::{Algorithms, Cancel, Digests, Error, Format, Packing, Source, walk};

/// The three levels at which an original can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The bytes as published.
    File,
    /// The bytes without packing (`x.qcow2` out of `x.qcow2.xz`); the same as `File` when nothing is packed.
    Unpacked,
    /// The disk that a virtual machine sees, as `qemu-img convert -O raw` would write it.
    Disk,
}

/// Which digests a pass computes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Over the bytes as published.
    pub file: Algorithms,
    /// Over the unpacked file; where nothing is packed they are added to `file`.
    pub unpacked: Algorithms,
    /// Over the disk. Empty, no comparison and no sink of the disk, and not `whole`: the image is not decoded.
    pub disk: Algorithms,
    /// Decode the image even if nothing of its disk is wanted, to know that all of it is there and can be decoded.
    pub whole: bool,
    /// The largest virtual disk to decode, in bytes; `None` means [`crate::limits::MAX_VIRTUAL_SIZE`].
    pub max_virtual_size: Option<u64>,
}

impl Wanted {
    /// The largest virtual disk to decode, in bytes.
    fn max_size(&self) -> u64 {
        self.max_virtual_size.unwrap_or(MAX_VIRTUAL_SIZE)
    }
}

/// Stored bytes to compare with one layer of the original while it passes.
pub struct Stored {
    /// The stored bytes, from their start.
    pub bytes: Box<dyn Read + Send>,
    /// What they ought to be a copy of.
    pub layer: Layer,
    /// Which digests of the stored bytes are wanted.
    pub digests: Algorithms,
    /// Stop at the end of the layer: a block device may be larger than the image that was written to it. Otherwise
    /// stored bytes after that end are a difference.
    pub prefix: bool,
}

/// What the bytes of a pass meet at their end, beside the digests.
#[derive(Default)]
pub struct Ends {
    /// Bytes to compare one layer with.
    pub stored: Option<Stored>,
    /// Where the bytes of one layer go.
    pub output: Option<Output>,
}

impl Ends {
    /// The stored bytes and the sink of `layer`, each if it belongs there.
    pub(crate) fn take(&mut self, layer: Layer) -> Self {
        Self {
            stored: self.stored.take_if(|stored| stored.layer == layer),
            output: self.output.take_if(|output| output.layer == layer),
        }
    }

    fn want(&self, layer: Layer) -> bool {
        self.stored
            .as_ref()
            .is_some_and(|stored| stored.layer == layer)
            || self
                .output
                .as_ref()
                .is_some_and(|output| output.layer == layer)
    }
}

/// How far a pass has come. Shared with whoever draws the progress; all values in bytes, 0 while unknown.
#[derive(Debug, Default)]
pub struct Meter {
    /// Bytes of the file read so far.
    pub file_read: AtomicU64,
    /// Bytes of the file in all.
    pub file_len: AtomicU64,
    /// Bytes of the disk done so far.
    pub disk_done: AtomicU64,
    /// Bytes of the disk in all.
    pub disk_len: AtomicU64,
}

/// Bytes of one layer, as they were seen whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many bytes.
    pub size: u64,
    /// Their digests.
    pub digests: Digests,
}

/// What a whole pass has established.
#[derive(Debug)]
pub struct Reading {
    /// The format found by content.
    pub format: Format,
    /// The (unpacked) file is the disk as it is with a footer behind it, a fixed VHD: who takes it for raw sees a disk that
    /// is 512 bytes longer (`docs/decisions/0006-fixed-vhd.md`).
    pub footed: bool,
    /// The packings taken off, outermost first.
    pub packings: Vec<Packing>,
    /// The file as published.
    pub file: Contents,
    /// The unpacked file, when the file was packed.
    pub unpacked: Option<Contents>,
    /// The disk. `None` when nothing of it was wanted.
    pub disk: Option<Contents>,
    /// The comparison with stored bytes, when there were any.
    pub comparison: Option<Comparison>,
    /// The sink that was given, with all its bytes; to be finished by whoever trusts them.
    pub sink: Option<Box<dyn Sink>>,
}

/// Stored bytes beside the layer that they ought to equal.
#[derive(Debug)]
pub struct Comparison {
    /// The stored bytes as they were read.
    pub stored: Contents,
    /// Where they differ.
    pub differences: Differences,
}

/// Where two streams of bytes differ. A shorter one differs from its end on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Ranges that differ, ascending; at most [`crate::limits::MAX_DIFFERENCES`] of them.
    pub ranges: Vec<Range<u64>>,
    /// How many further ranges were found and not listed.
    pub more: u64,
    /// How many bytes differ in all.
    pub bytes: u64,
}

impl Differences {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The first byte that differs.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.ranges.first().map(|r| r.start)
    }
}

/// Reads `source` once, whole, and answers what was `wanted`.
///
/// Runs on threads of its own; the calling thread waits. A difference to stored bytes is an answer, not an error; the pass
/// goes on to the end of both. When a pass fails or is cancelled, a thread that waits for `source` or one of the `ends`
/// at that moment ends by itself as soon as they answer; a sink is dropped then.
///
/// # Errors
/// See [`Error`]. After an error nothing is known of the original: there are no partial answers.
pub fn read(
    source: Source,
    wanted: &Wanted,
    ends: Ends,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<Reading, Error> {
    let (done, result) = bounded(1);
    let (wanted, meter, flag) = (*wanted, meter.clone(), cancel.clone());
    let thread = std::thread::spawn(move || {
        // Nobody waits any more after a cancellation.
        let _ = done.send(pass(source, &wanted, ends, &meter, &flag));
    });
    match wait(&result, cancel) {
        Ok(reading) => reading,
        Err(Waited::Cancelled) => Err(Error::Cancelled),
        Err(Waited::Gone) => {
            joined(thread);
            Err(Error::Cancelled)
        }
    }
}

/// [`read`], on its own thread.
fn pass(
    source: Source,
    wanted: &Wanted,
    mut ends: Ends,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<Reading, Error> {
    let mut layers = Layers::open(source, wanted, &mut ends, meter, cancel)?;
    let decode = wanted.whole || !wanted.disk.is_empty() || ends.want(Layer::Disk);
    if decode && let Some(walk) = walk::open(layers.format, &layers.head, wanted.max_size())? {
        return image::read(walk, layers, wanted, ends, meter, cancel);
    }
    layers.arm(wanted, decode, ends).map_err(Stop::reason)?;
    let passed = layers.run(None).map_err(Stop::reason)?;
    let disk = decode.then(|| passed.disk().clone());
    Ok(passed.reading(disk))
}

/// Why waiting for another thread ended without anything from it.
enum Waited {
    Cancelled,
    Gone,
}

/// Waits for the next thing out of `channel`, looking now and then whether to go on.
fn wait<T>(channel: &Receiver<T>, cancel: &Cancel) -> Result<T, Waited> {
    loop {
        if cancel.is_cancelled() {
            return Err(Waited::Cancelled);
        }
        match channel.recv_timeout(LOOK_UP) {
            Ok(thing) => return Ok(thing),
            Err(RecvTimeoutError::Disconnected) => return Err(Waited::Gone),
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// How often a waiting pass looks whether it has been cancelled.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Reads until `space` is full or the stream ends; how many bytes that were.
pub(crate) fn fill(stream: &mut dyn Read, space: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = space.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match stream.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}
