//! A whole look at a file: its headers, what is packed in it, the partitions of its disk, and where data is in it.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::format::{Found, sniff};
use crate::limits::{CHUNK, EXPANSION_FREE, MAX_EXPANSION, MAX_PACKINGS};
use crate::unpack::unpack;
use crate::{Cancel, Ends, Error, Layer, Meter, Output, Packing, Source, Wanted, read};

use super::map::{Map, Survey};
use super::{Inspection, Inspector, at};

/// What is to be found out.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Where data is in the disk, which takes a pass over all of it. Without it, no more is read than partitions need.
    pub map: bool,
    /// A stream is read to its end in any case: it gives its bytes only once, and its end counts too.
    pub to_the_end: bool,
    /// The largest disk that is decoded, in bytes.
    pub max_virtual_size: u64,
}

/// What was found.
#[derive(Debug)]
pub struct Look {
    /// The file as it is.
    pub file: Inspection,
    /// What was taken off to get at the image, outermost first.
    pub packings: Vec<Packing>,
    /// The image in the packings; none when nothing is packed, or when it could not be unpacked.
    pub packed: Option<Inspection>,
    /// Where data is in the disk.
    pub map: Option<Map>,
}

impl Look {
    /// The image: the file, or what is packed in it.
    #[must_use]
    pub fn image(&self) -> &Inspection {
        self.packed.as_ref().unwrap_or(&self.file)
    }
}

/// Looks at all of `source` that the `wish` needs. An image that is damaged or refused is an answer, not an error.
///
/// # Errors
/// When the bytes cannot be had, or the caller cancels.
pub fn look(
    source: Source,
    wish: Wish,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<Look, Error> {
    let Some((again, len)) = source.again.clone().zip(source.len) else {
        return stream(source.stream, source.len, wish, meter, cancel);
    };
    let io = |source| Error::Io { offset: 0, source };
    let mut file = at(&*again, len)
        .map_err(io)?
        .with_limit(wish.max_virtual_size);
    if file.kind.is_packing() {
        return stream(source.stream, source.len, wish, meter, cancel);
    }
    let survey = Survey::new(wish.map);
    // The tables of a plain disk have been seen already.
    if wish.map || !file.kind.is_plain() {
        let passed = pass(source, &survey, wish, meter, cancel);
        judge(passed, &mut file)?;
    }
    let map = survey.tell(&mut file);
    Ok(Look {
        file,
        packings: Vec::new(),
        packed: None,
        map,
    })
}

/// Decodes the disk into the `survey`.
fn pass(
    source: Source,
    survey: &Survey,
    wish: Wish,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<(), Error> {
    let wanted = Wanted {
        max_virtual_size: Some(wish.max_virtual_size),
        ..Wanted::default()
    };
    let output = Output {
        sink: survey.sink(),
        layer: Layer::Disk,
    };
    let ends = Ends {
        output: Some(output),
        ..Ends::default()
    };
    match read(source, &wanted, ends, meter, cancel) {
        Ok(_) => survey.end(),
        Err(Error::Output { .. }) => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What a pass that failed says of the image; only what is no fault of the image goes on as an error.
fn judge(passed: Result<(), Error>, image: &mut Inspection) -> Result<(), Error> {
    match passed {
        Ok(()) | Err(Error::Refused { .. } | Error::Limit { .. }) => Ok(()),
        Err(error @ (Error::Truncated { .. } | Error::Corrupt { .. })) => {
            image.add_damage(&error);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// One way through a file that comes once: every layer is inspected while it passes.
fn stream(
    bytes: Box<dyn Read + Send>,
    len: Option<u64>,
    wish: Wish,
    meter: &Arc<Meter>,
    cancel: &Cancel,
) -> Result<Look, Error> {
    let Layers {
        outer,
        inner,
        packings,
    } = Layers::peel(bytes)?;
    let survey = Survey::new(wish.map || wish.to_the_end);
    let len = len.filter(|_| inner.is_empty());
    let innermost = inner.last().unwrap_or(&outer).clone();
    let passed = pass(Source::stream(innermost, len), &survey, wish, meter, cancel);
    if survey.is_whole() && !matches!(passed, Err(Error::Cancelled)) {
        drain(&outer, &inner, cancel)?;
    }
    let mut look = Look {
        file: outer.inspection(wish),
        packed: inner.last().map(|layer| layer.inspection(wish)),
        packings,
        map: None,
    };
    let failed = lock(&outer.inner).failed;
    let image = look.packed.as_mut().unwrap_or(&mut look.file);
    match passed {
        // The packing is damaged, not the network.
        Err(error @ Error::Io { .. }) if !failed => image.add_damage(&error),
        passed => judge(passed, image)?,
    }
    look.map = survey.tell(image);
    Ok(look)
}

/// The layers of a file: itself, and what is packed in it, in turn.
struct Layers {
    outer: Layered,
    inner: Vec<Layered>,
    packings: Vec<Packing>,
}

impl Layers {
    /// Takes off packing by packing, as far as their signatures go.
    fn peel(mut bytes: Box<dyn Read + Send>) -> Result<Self, Error> {
        let (head, failed) = peek(&mut bytes);
        if let Some(source) = failed {
            return Err(Error::Io { offset: 0, source });
        }
        let mut found = packing(&head);
        let outer = Layered::new(io::Cursor::new(head).chain(bytes), None);
        let (mut inner, mut packings) = (Vec::new(), Vec::new());
        let mut layer = outer.clone();
        while let Some(packing) = found.filter(|_| packings.len() < MAX_PACKINGS) {
            let Ok(inside) = unpack(packing, layer.clone()) else {
                break;
            };
            let mut bytes = inside.reader;
            packings.push(packing);
            // A packing that breaks at once has nothing in it, and that shows when it is read on.
            let (head, _) = peek(&mut bytes);
            found = self::packing(&head);
            layer = Layered::new(io::Cursor::new(head).chain(bytes), Some(&layer));
            inner.push(layer.clone());
        }
        Ok(Self {
            outer,
            inner,
            packings,
        })
    }
}

/// The first sector, in which every packing has its signature, and what kept the rest from coming.
fn peek(bytes: &mut dyn Read) -> (Vec<u8>, Option<io::Error>) {
    let mut head = Vec::new();
    let failed = bytes.take(512).read_to_end(&mut head).err();
    (head, failed)
}

/// Reads what a pass has left, from the innermost layer outwards, so that all inspectors see the end.
fn drain(outer: &Layered, inner: &[Layered], cancel: &Cancel) -> Result<(), Error> {
    let mut space = vec![0; CHUNK];
    let from_inside = inner.iter().rev().chain(Some(outer));
    for (index, layer) in (1..).zip(from_inside) {
        let is_file = index > inner.len();
        let mut layer = layer.clone();
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            match layer.read(&mut space) {
                Ok(0) => break,
                Ok(_) => {}
                Err(source) if is_file => return Err(Error::Io { offset: 0, source }),
                // What cannot be unpacked ends there.
                Err(_) => break,
            }
        }
    }
    Ok(())
}

fn packing(head: &[u8]) -> Option<Packing> {
    match sniff(head) {
        Ok(Found::Packed(packing)) => Some(packing),
        Ok(Found::Image(_)) | Err(_) => None,
    }
}

/// A layer of a file, inspected while somebody reads it. Clones read on where another has stopped.
#[derive(Clone)]
struct Layered {
    inner: Arc<Mutex<Passing>>,
}

struct Passing {
    bytes: Box<dyn Read + Send>,
    inspector: Inspector,
    passed: u64,
    ended: bool,
    failed: bool,
    /// The layer that this one comes out of: it may grow only so much from it.
    outer: Option<Layered>,
}

impl Layered {
    fn new(bytes: impl Read + Send + 'static, outer: Option<&Self>) -> Self {
        let passing = Passing {
            bytes: Box::new(bytes),
            inspector: Inspector::new(),
            passed: 0,
            ended: false,
            failed: false,
            outer: outer.cloned(),
        };
        let inner = Arc::new(Mutex::new(passing));
        Self { inner }
    }

    fn passed(&self) -> u64 {
        lock(&self.inner).passed
    }

    fn inspection(&self, wish: Wish) -> Inspection {
        let passing = lock(&self.inner);
        let inspection = match passing.ended {
            true => passing.inspector.clone().finish(),
            false => passing.inspector.so_far(),
        };
        inspection.with_limit(wish.max_virtual_size)
    }
}

impl Read for Layered {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut passing = lock(&self.inner);
        let result = passing.bytes.read(buf);
        match &result {
            Ok(0) if !buf.is_empty() => passing.ended = true,
            Ok(n) => {
                let n = *n;
                passing.inspector.push(buf.get(..n).unwrap_or_default());
                passing.passed = passing.passed.saturating_add(n as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => passing.failed = true,
        }
        if let Some(outer) = &passing.outer {
            let limit = outer
                .passed()
                .saturating_mul(MAX_EXPANSION)
                .max(EXPANSION_FREE);
            if passing.passed > limit {
                return Err(io::Error::other("it grows too much when it is unpacked"));
            }
        }
        result
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
