//! A tap on one layer of an original: every byte that passes is counted, hashed and compared.

mod footed;

use bytes::{Buf, Bytes, BytesMut};
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::compare::Comparer;
use crate::limits::{CHUNK, EXPANSION_FREE, MAX_EXPANSION};
use crate::run::{Fan, Run, Stop};
use crate::sink::{self, Sink};
use crate::source::{end, sparse};
use crate::vhd::fixed::Held;
use crate::{Algorithms, Cancel, Comparison, Contents, Ends, Error, Layer, Meter};

use footed::Foretold;

pub(super) fn lock(tap: &Arc<Mutex<Tap>>) -> MutexGuard<'_, Tap> {
    tap.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One layer's bytes on their way.
pub(super) struct Tap {
    input: Input,
    /// Read, and not handed on yet.
    peeked: Option<Bytes>,
    /// Handed on to [`Through`], and not taken yet.
    rest: Bytes,
    pub(super) fan: Fan,
    comparer: Option<Comparer>,
    pub(super) sink: Option<Box<dyn Sink>>,
    /// The comparison and the sink are of the disk, not of this layer as it is.
    compares_disk: bool,
    sinks_disk: bool,
    /// What may end in the footer of a fixed VHD, and the size of the disk that has been announced.
    held: Option<Held>,
    foretold: Foretold,
    /// The disk of a fixed VHD.
    pub(super) footed: Option<Contents>,
    size: u64,
    pub(super) limit: u64,
    pub(super) raw_disk: bool,
    /// What ended this layer early, for the layer above, which only sees an I/O error.
    stopped: Option<Stop>,
    meter: Arc<Meter>,
    cancel: Cancel,
}

pub(super) enum Input {
    /// The file as published.
    File {
        stream: Box<dyn Read + Send>,
        len: Option<u64>,
    },
    /// A local raw file, whose holes need not be read.
    Sparse { file: Arc<File>, at: u64, len: u64 },
    /// What comes out of a packing.
    Packed {
        reader: Box<dyn Read + Send>,
        below: Arc<Mutex<Tap>>,
    },
}

impl Tap {
    pub(super) fn new(input: Input, meter: &Arc<Meter>, cancel: &Cancel) -> Self {
        Self {
            input,
            peeked: None,
            rest: Bytes::new(),
            fan: Fan::new(Algorithms::NONE),
            comparer: None,
            sink: None,
            compares_disk: false,
            sinks_disk: false,
            held: None,
            foretold: Foretold::Nothing,
            footed: None,
            size: 0,
            limit: u64::MAX,
            raw_disk: false,
            stopped: None,
            meter: meter.clone(),
            cancel: cancel.clone(),
        }
    }

    /// Goes over to reading `file` with its holes; nothing has been handed on yet.
    pub(super) fn sparse(&mut self, file: Arc<File>, len: u64) {
        self.peeked = None;
        self.input = Input::Sparse { file, at: 0, len };
    }

    /// What passes from now on goes to these ends.
    pub(super) fn meets(&mut self, ends: Ends) -> Result<(), Stop> {
        if let Some(stored) = ends.stored {
            self.compares_disk = stored.layer == Layer::Disk;
            self.comparer = Some(Comparer::new(stored, &self.cancel));
        }
        if let Some(output) = ends.output {
            let len = match &self.input {
                Input::File { len, .. } => *len,
                Input::Sparse { len, .. } => Some(*len),
                Input::Packed { .. } => None,
            };
            self.sinks_disk = output.layer == Layer::Disk;
            let len = match self.foretold {
                Foretold::Disk(len) if self.sinks_disk => Some(len),
                Foretold::Unknown if self.sinks_disk => None,
                _ => len,
            };
            sink::begin(&mut **self.sink.insert(output.sink), len)?;
        }
        Ok(())
    }

    pub(super) fn peek(&mut self) -> Result<Bytes, Stop> {
        let head = self.read()?.unwrap_or_default();
        self.peeked = Some(head.clone());
        Ok(head)
    }

    /// The next run; `None` at the end of the layer, when it is known to be whole.
    pub(super) fn next(&mut self) -> Result<Option<Run>, Stop> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled.into());
        }
        let run = match self.peeked.take() {
            Some(bytes) => Some(bytes).filter(|b| !b.is_empty()).map(Run::Data),
            None if matches!(self.input, Input::Sparse { .. }) => self.read_sparse()?,
            None => self.read()?.map(Run::Data),
        };
        let Some(run) = run else {
            self.check_end()?;
            if let Some(held) = self.held.take() {
                self.let_go(held)?;
            }
            return Ok(None);
        };
        self.size += run.len();
        self.check_expansion()?;
        let ready = match &mut self.held {
            Some(held) => {
                held.push(run.clone());
                std::iter::from_fn(|| held.pop()).collect()
            }
            None => vec![run.clone()],
        };
        ready.iter().try_for_each(|run| self.hand_on(run))?;
        let count = |counter: &AtomicU64| counter.fetch_add(run.len(), Ordering::Relaxed);
        if !matches!(self.input, Input::Packed { .. }) {
            count(&self.meter.file_read);
        }
        if self.raw_disk {
            count(&self.meter.disk_done);
        }
        Ok(Some(run))
    }

    fn hand_on(&mut self, run: &Run) -> Result<(), Stop> {
        self.fan.send(run)?;
        if let Some(comparer) = &mut self.comparer {
            comparer.feed(run)?;
        }
        match &mut self.sink {
            Some(sink) => sink::feed(&mut **sink, run),
            None => Ok(()),
        }
    }

    /// The next [`CHUNK`] bytes, fewer only at the end.
    fn read(&mut self) -> Result<Option<Bytes>, Stop> {
        let mut space = BytesMut::zeroed(CHUNK);
        let got = match &mut self.input {
            Input::File { stream, .. } => {
                super::fill(stream, &mut space).map_err(|source| Error::Io {
                    offset: self.size,
                    source,
                })?
            }
            Input::Packed { reader, below } => match super::fill(reader, &mut space) {
                Ok(got) => got,
                Err(error) => return Err(unpack_failed(below, error)),
            },
            Input::Sparse { .. } => 0,
        };
        space.truncate(got);
        Ok((got > 0).then(|| space.freeze()))
    }

    fn read_sparse(&mut self) -> Result<Option<Run>, Stop> {
        let Input::Sparse { file, at, len } = &mut self.input else {
            return Ok(None);
        };
        let run = sparse(file, *at, *len, CHUNK).map_err(|source| Error::Io {
            offset: *at,
            source,
        })?;
        *at += run.as_ref().map_or(0, Run::len);
        Ok(run)
    }

    /// A file that is shorter or longer than was announced is not the one that was asked for.
    fn check_end(&self) -> Result<(), Stop> {
        let (expected, size) = match &self.input {
            Input::File { len, .. } => (*len, self.size),
            // Beyond the end of a file that has become shorter everything looks like a hole.
            Input::Sparse { file, len, .. } => {
                let there = end(file).unwrap_or(self.size);
                (Some(*len), if self.size < *len { self.size } else { there })
            }
            Input::Packed { .. } => (None, self.size),
        };
        match expected {
            Some(needed) if size < needed => Err(Error::Truncated {
                what: "the file".into(),
                needed,
                len: size,
            }
            .into()),
            Some(offset) if size > offset => Err(Error::Changed { offset, end: size }.into()),
            _ => Ok(()),
        }
    }

    fn check_expansion(&self) -> Result<(), Stop> {
        if !matches!(self.input, Input::Packed { .. }) || self.size <= EXPANSION_FREE {
            return Ok(());
        }
        let by_ratio = self
            .meter
            .file_read
            .load(Ordering::Relaxed)
            .saturating_mul(MAX_EXPANSION)
            .max(EXPANSION_FREE);
        let limit = self.limit.min(by_ratio);
        if self.size > limit {
            return Err(Error::Limit {
                what: "the size of the unpacked file",
                value: self.size,
                limit,
            }
            .into());
        }
        Ok(())
    }

    /// What has passed.
    pub(super) fn finish(&mut self) -> Contents {
        let fan = std::mem::replace(&mut self.fan, Fan::new(Algorithms::NONE));
        Contents {
            size: self.size,
            ..fan.finish()
        }
    }

    /// How it compares, if it was to be compared.
    pub(super) fn compared(&mut self) -> Result<Option<Comparison>, Stop> {
        self.comparer.take().map(Comparer::finish).transpose()
    }
}

/// Why an unpacker failed: the layer below says whether it was its input, and a package knows it itself.
fn unpack_failed(below: &Arc<Mutex<Tap>>, error: io::Error) -> Stop {
    let mut below = lock(below);
    if let Some(stop) = below.stopped.take() {
        return stop;
    }
    let error = match error.downcast::<Error>() {
        Ok(error) => return error.into(),
        Err(error) => error,
    };
    let offset = below.size;
    Stop::Failed(if error.kind() == io::ErrorKind::UnexpectedEof {
        Error::Truncated {
            what: "the packed file".into(),
            needed: offset + 1,
            len: offset,
        }
    } else {
        Error::Corrupt {
            what: format!("the packed file cannot be unpacked: {error}"),
            offset,
        }
    })
}

/// A layer as the reader that an unpacker wants.
pub(super) struct Through(pub(super) Arc<Mutex<Tap>>);

impl Read for Through {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let mut tap = lock(&self.0);
        if !tap.rest.has_remaining() {
            match tap.next() {
                Ok(Some(Run::Data(bytes))) => tap.rest = bytes,
                Ok(_) => return Ok(0),
                Err(stop) => {
                    tap.stopped = Some(stop);
                    return Err(io::Error::other("the layer below has stopped"));
                }
            }
        }
        let len = space.len().min(tap.rest.remaining());
        let part = tap.rest.split_to(len);
        if let Some(space) = space.get_mut(..len) {
            space.copy_from_slice(&part);
        }
        Ok(len)
    }
}
