//! The layers of an original, file outermost: each is read through a tap that counts, hashes and compares.

use bytes::{Buf, Bytes, BytesMut};
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::compare::Comparer;
use crate::limits::{CHUNK, EXPANSION_FREE, MAX_EXPANSION, MAX_PACKINGS, MAX_VIRTUAL_SIZE};
use crate::run::{Fan, Run, Stop};
use crate::source::{ReadAt, sparse};
use crate::unpack::{Found, sniff, unpack};
use crate::window::Window;
use crate::{
    Algorithms, Cancel, Comparison, Contents, Error, Format, Layer, Meter, Packing, Reading,
    Refusal, Source, Stored, Wanted,
};

/// An opened original: its packings and format are known, nothing has been handed on yet.
pub(crate) struct Layers {
    taps: Vec<Arc<Mutex<Tap>>>,
    packings: Vec<Packing>,
    /// The format of the innermost layer.
    pub(crate) format: Format,
    /// The innermost layer's first bytes.
    pub(crate) head: Bytes,
    /// The innermost layer's length, where it is known.
    pub(crate) len: Option<u64>,
    /// The innermost layer, to be read again, where that is possible.
    pub(crate) again: Option<Arc<dyn ReadAt>>,
    file: Option<Arc<File>>,
}

/// What a pass over all layers has established.
pub(crate) struct Passed {
    file: Contents,
    unpacked: Option<Contents>,
    packings: Vec<Packing>,
    comparison: Option<Comparison>,
}

impl Layers {
    /// Opens all layers down to the image. Where the file is packed, looking into it lets its first bytes pass, so that
    /// what is `wanted` of the file, and bytes `stored` to compare it with, are taken up before.
    pub(crate) fn open(
        source: Source,
        wanted: &Wanted,
        stored: &mut Option<Stored>,
        meter: &Arc<Meter>,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let Source {
            stream,
            len,
            again,
            file,
        } = source;
        meter.file_len.store(len.unwrap_or(0), Ordering::Relaxed);
        let mut tap = Tap::new(Input::File { stream, len }, meter, cancel);
        let mut taps = Vec::new();
        let mut packings = Vec::new();
        loop {
            let head = tap.peek().map_err(Stop::reason)?;
            let found = sniff(&head)?;
            let tap_here = Arc::new(Mutex::new(tap));
            taps.push(tap_here.clone());
            match found {
                Found::Packed(_) if packings.len() == MAX_PACKINGS => {
                    return Err(Error::Refused {
                        refusal: Refusal::TooManyLayers {
                            limit: MAX_PACKINGS,
                        },
                    });
                }
                Found::Packed(packing) => {
                    if packings.is_empty() {
                        let mut file = lock(&tap_here);
                        file.fan = Fan::new(wanted.file);
                        file.comparer = stored
                            .take_if(|stored| stored.layer == Layer::File)
                            .map(Comparer::new);
                    }
                    packings.push(packing);
                    let reader = unpack(packing, Through(tap_here.clone()))
                        .map_err(|source| Error::Io { offset: 0, source })?;
                    tap = Tap::new(
                        Input::Packed {
                            reader,
                            below: tap_here,
                        },
                        meter,
                        cancel,
                    );
                }
                Found::Image(format) => {
                    let plain = packings.is_empty();
                    let (len, again, file) = if plain {
                        (len, again, file)
                    } else {
                        (None, None, None)
                    };
                    return Ok(Self {
                        taps,
                        packings,
                        format,
                        head,
                        len,
                        again,
                        file,
                    });
                }
            }
        }
    }

    /// Says what is to be computed on the way: digests of the file and the unpacked file, of the disk too when it
    /// is the unpacked file as it is (`raw_disk`), and a comparison of one of them.
    pub(crate) fn arm(&mut self, wanted: &Wanted, raw_disk: bool, stored: Option<Stored>) {
        let disk = if raw_disk {
            wanted.disk
        } else {
            Algorithms::NONE
        };
        let inner = wanted.unpacked.union(disk);
        let packed = !self.packings.is_empty();
        if !packed && let Some(mut first) = self.taps.first().map(lock) {
            first.fan = Fan::new(wanted.file.union(inner));
            first.raw_disk = raw_disk;
            if let (true, Some(file), Some(len)) = (raw_disk, self.file.take(), self.len) {
                first.sparse(file, len);
            }
        }
        if packed && let Some(mut last) = self.taps.last().map(lock) {
            last.fan = Fan::new(inner);
            last.raw_disk = raw_disk;
            last.limit = wanted.max_virtual_size.unwrap_or(MAX_VIRTUAL_SIZE);
        }
        if let Some(stored) = stored {
            let tap = if stored.layer == Layer::File {
                self.taps.first()
            } else {
                self.taps.last()
            };
            if let Some(mut tap) = tap.map(lock) {
                tap.comparer = Some(Comparer::new(stored));
            }
        }
    }

    /// Lets everything pass, to the last byte of every layer; the innermost layer also goes into the `window`.
    pub(crate) fn run(self, window: Option<&Window>) -> Result<Passed, Stop> {
        let whole = self.pass(window);
        if let Some(window) = window {
            window.close(whole.is_ok());
        }
        whole?;
        let mut contents = Vec::new();
        let mut comparison = None;
        for tap in &self.taps {
            let (content, compared) = lock(tap).finish()?;
            contents.push(content);
            comparison = compared.or(comparison);
        }
        let unpacked = if contents.len() > 1 {
            contents.pop()
        } else {
            None
        };
        let file = contents.into_iter().next().unwrap_or_default();
        Ok(Passed {
            file,
            unpacked,
            packings: self.packings,
            comparison,
        })
    }

    fn pass(&self, window: Option<&Window>) -> Result<(), Stop> {
        // A decoder may stop before the end of what it reads: what is left there passes too.
        for (tap, window) in self
            .taps
            .iter()
            .rev()
            .zip(std::iter::once(window).chain(std::iter::repeat(None)))
        {
            while let Some(run) = lock(tap).next()? {
                if let (Some(window), Run::Data(bytes)) = (window, run) {
                    window.push(bytes)?;
                }
            }
        }
        Ok(())
    }
}

impl Passed {
    /// The innermost layer.
    pub(crate) fn inner(&self) -> &Contents {
        self.unpacked.as_ref().unwrap_or(&self.file)
    }

    pub(crate) fn reading(
        self,
        format: Format,
        disk: Option<Contents>,
        comparison: Option<Comparison>,
    ) -> Reading {
        let Self {
            file,
            unpacked,
            packings,
            comparison: outer,
        } = self;
        Reading {
            format,
            packings,
            file,
            unpacked,
            disk,
            comparison: comparison.or(outer),
        }
    }
}

fn lock(tap: &Arc<Mutex<Tap>>) -> MutexGuard<'_, Tap> {
    tap.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One layer's bytes on their way.
struct Tap {
    input: Input,
    /// Read, and not handed on yet.
    peeked: Option<Bytes>,
    /// Handed on to [`Through`], and not taken yet.
    rest: Bytes,
    fan: Fan,
    comparer: Option<Comparer>,
    size: u64,
    limit: u64,
    raw_disk: bool,
    /// What ended this layer early, for the layer above, which only sees an I/O error.
    stopped: Option<Stop>,
    meter: Arc<Meter>,
    cancel: Cancel,
}

enum Input {
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
    fn new(input: Input, meter: &Arc<Meter>, cancel: &Cancel) -> Self {
        Self {
            input,
            peeked: None,
            rest: Bytes::new(),
            fan: Fan::new(Algorithms::NONE),
            comparer: None,
            size: 0,
            limit: u64::MAX,
            raw_disk: false,
            stopped: None,
            meter: meter.clone(),
            cancel: cancel.clone(),
        }
    }

    /// Goes over to reading `file` with its holes; nothing has been handed on yet.
    fn sparse(&mut self, file: Arc<File>, len: u64) {
        self.peeked = None;
        self.input = Input::Sparse { file, at: 0, len };
    }

    fn peek(&mut self) -> Result<Bytes, Stop> {
        let head = self.read()?.unwrap_or_default();
        self.peeked = Some(head.clone());
        Ok(head)
    }

    /// The next run; `None` at the end of the layer, when it is known to be whole.
    fn next(&mut self) -> Result<Option<Run>, Stop> {
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
            return Ok(None);
        };
        self.size += run.len();
        self.check_expansion()?;
        self.fan.send(&run)?;
        if let Some(comparer) = &mut self.comparer {
            comparer.feed(&run)?;
        }
        let count = |counter: &AtomicU64| counter.fetch_add(run.len(), Ordering::Relaxed);
        if !matches!(self.input, Input::Packed { .. }) {
            count(&self.meter.file_read);
        }
        if self.raw_disk {
            count(&self.meter.disk_done);
        }
        Ok(Some(run))
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
                Err(error) => return Err(unpack_failed(below, &error)),
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
        let expected = match &self.input {
            Input::File { len, .. } => *len,
            Input::Sparse { len, .. } => Some(*len),
            Input::Packed { .. } => None,
        };
        match expected {
            Some(needed) if self.size < needed => Err(Error::Truncated {
                what: "the file".into(),
                needed,
                len: self.size,
            }
            .into()),
            Some(offset) if self.size > offset => Err(Error::Changed {
                offset,
                end: self.size,
            }
            .into()),
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

    fn finish(&mut self) -> Result<(Contents, Option<Comparison>), Stop> {
        let fan = std::mem::replace(&mut self.fan, Fan::new(Algorithms::NONE));
        let comparison = self.comparer.take().map(Comparer::finish).transpose()?;
        Ok((
            Contents {
                size: self.size,
                ..fan.finish()
            },
            comparison,
        ))
    }
}

/// Why an unpacker failed: the layer below says whether it was its input.
fn unpack_failed(below: &Arc<Mutex<Tap>>, error: &io::Error) -> Stop {
    let mut below = lock(below);
    if let Some(stop) = below.stopped.take() {
        return stop;
    }
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
struct Through(Arc<Mutex<Tap>>);

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
