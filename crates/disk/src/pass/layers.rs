//! The layers of an original, file outermost: each is read through a tap that counts, hashes and compares.

use bytes::Bytes;
use std::fs::File;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use crate::format::{Found, sniff};
use crate::limits::MAX_PACKINGS;
use crate::ova::{Part, Place};
use crate::run::{Fan, Run, Stop};
use crate::source::ReadAt;
use crate::unpack::{Inside, unpack};
use crate::window::Window;

use super::tap::{Input, Tap, Through, lock};
use crate::{
    Algorithms, Cancel, Comparison, Contents, Ends, Error, Format, Layer, Meter, Packing, Reading,
    Refusal, Sink, Source, Wanted,
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
    format: Format,
    comparison: Option<Comparison>,
    sink: Option<Box<dyn Sink>>,
    /// The disk of a fixed VHD, which is a part of the innermost layer.
    footed: Option<Contents>,
}

impl Layers {
    /// Opens all layers down to the image. Where the file is packed, looking into it lets its first bytes pass, so that
    /// what is `wanted` of the file, and the `ends` of the file, are taken up before.
    pub(crate) fn open(
        source: Source,
        wanted: &Wanted,
        ends: &mut Ends,
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
        let (mut taps, mut packings) = (Vec::new(), Vec::new());
        let mut place = None;
        loop {
            let head = tap.peek().map_err(Stop::reason)?;
            let found = sniff(&head)?;
            let here = Arc::new(Mutex::new(tap));
            taps.push(here.clone());
            match found {
                Found::Packed(packing) => {
                    if packings.is_empty() {
                        // The next layer's first bytes already make this one's pass.
                        arm_file(&here, wanted, ends).map_err(Stop::reason)?;
                    }
                    let (inside, at) = unpacked(packing, packings.len(), here, meter, cancel)?;
                    tap = inside;
                    place = at.filter(|_| packings.is_empty());
                    packings.push(packing);
                }
                Found::Image(format) => {
                    // What is inside a compression has no length beforehand and passes once.
                    let place = place.as_ref().and_then(|place| place.get().cloned());
                    let (len, again, file) = match place {
                        _ if packings.is_empty() => (len, again, file),
                        Some(place) => (Some(place.end - place.start), part(place, again), None),
                        None => (None, None, None),
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
    /// is the unpacked file as it is (`raw_disk`), and what the bytes meet at their end.
    pub(crate) fn arm(
        &mut self,
        wanted: &Wanted,
        raw_disk: bool,
        mut ends: Ends,
    ) -> Result<(), Stop> {
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
            last.limit = wanted.max_size();
        }
        if let (Format::Raw, Some(mut last)) = (self.format, self.taps.last().map(lock)) {
            last.hold_back();
            if ends
                .output
                .as_ref()
                .is_some_and(|output| output.layer == Layer::Disk)
            {
                last.foretell(self.len, self.again.as_deref())?;
            }
        }
        let of_file = ends.take(Layer::File);
        for (tap, ends) in [(self.taps.first(), of_file), (self.taps.last(), ends)] {
            if let Some(tap) = tap {
                lock(tap).meets(ends)?;
            }
        }
        Ok(())
    }

    /// Lets everything pass, to the last byte of every layer; the innermost layer also goes into the `window`.
    pub(crate) fn run(self, window: Option<&Window>) -> Result<Passed, Stop> {
        let whole = self.pass(window);
        if let Some(window) = window {
            window.close(whole.is_ok());
        }
        whole?;
        let mut contents = Vec::new();
        let (mut comparison, mut sink, mut footed) = (None, None, None);
        for tap in &self.taps {
            let mut tap = lock(tap);
            contents.push(tap.finish());
            comparison = tap.compared()?.or(comparison);
            sink = tap.sink.take().or(sink);
            footed = tap.footed.take().or(footed);
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
            format: footed.as_ref().map_or(self.format, |_| Format::Vhd),
            comparison,
            sink,
            footed,
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
    /// The disk of an image that is not decoded: the innermost layer, without the footer of a fixed VHD.
    pub(crate) fn disk(&self) -> &Contents {
        let inner = self.unpacked.as_ref().unwrap_or(&self.file);
        self.footed.as_ref().unwrap_or(inner)
    }

    pub(crate) fn reading(self, disk: Option<Contents>) -> Reading {
        let Self {
            file,
            unpacked,
            packings,
            format,
            comparison,
            sink,
            footed,
        } = self;
        Reading {
            format,
            footed: footed.is_some(),
            packings,
            file,
            unpacked,
            disk,
            comparison,
            sink,
        }
    }
}

fn arm_file(tap: &Arc<Mutex<Tap>>, wanted: &Wanted, ends: &mut Ends) -> Result<(), Stop> {
    let mut tap = lock(tap);
    tap.fan = Fan::new(wanted.file);
    tap.meets(ends.take(Layer::File))
}

/// An image that lies at `place` in a file that can be read `again`.
fn part(place: Range<u64>, again: Option<Arc<dyn ReadAt>>) -> Option<Arc<dyn ReadAt>> {
    again.map(|whole| Arc::new(Part { whole, place }) as Arc<dyn ReadAt>)
}

/// A tap on what is inside the packing below, which is the `number`th, and where it lies there.
fn unpacked(
    packing: Packing,
    number: usize,
    below: Arc<Mutex<Tap>>,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<(Tap, Option<Place>), Error> {
    if number == MAX_PACKINGS {
        let limit = MAX_PACKINGS;
        return Err(Error::Refused {
            refusal: Refusal::TooManyLayers { limit },
        });
    }
    let Inside { reader, place } = unpack(packing, Through(below.clone()))
        .map_err(|source| Error::Io { offset: 0, source })?;
    let tap = Tap::new(Input::Packed { reader, below }, meter, cancel);
    Ok((tap, place))
}
