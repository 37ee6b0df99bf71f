//! A look at the first bytes of an original: what it is, before it is decided what to do with it.

use bytes::Bytes;
use std::io::{self, Cursor, Read};

use crate::format::{Found, sniff};
use crate::inspect::{self, Inspection, Inspector};
use crate::limits::{LOOK, MAX_PACKINGS};
use crate::pass::fill;
use crate::unpack::unpack;
use crate::{Error, Format, Packing, Refusal, Source, walk};

/// What the first bytes of an original tell. The pass over the whole finds out by itself: this is only what to expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The packings around the image, outermost first.
    pub packings: Vec<Packing>,
    /// The format of the image.
    pub format: Format,
    /// The bytes of the disk, where the first bytes or the file's length tell.
    pub disk: Option<u64>,
    /// What speaks against the image: all of it where the file can be read at any offset and is not packed, otherwise what
    /// its first bytes make certain.
    pub inspection: Inspection,
}

/// Looks at the first bytes of `source` and puts them back.
///
/// # Errors
/// [`Error::Io`], and [`Error::Refused`], [`Error::Corrupt`] and [`Error::Limit`] for an image that cannot be read, as far as
/// its header tells; `max_size` bytes is the largest disk.
pub fn look(source: &mut Source, max_size: u64) -> Result<Look, Error> {
    let mut head = vec![0; LOOK];
    let got =
        fill(&mut source.stream, &mut head).map_err(|source| Error::Io { offset: 0, source })?;
    head.truncate(got);
    let head = Bytes::from(head);
    let rest = std::mem::replace(&mut source.stream, Box::new(std::io::empty()));
    source.stream = Box::new(Cursor::new(head.clone()).chain(rest));
    let (mut inner, mut packings) = (head, Vec::new());
    let format = loop {
        match sniff(&inner)? {
            Found::Image(format) => break format,
            Found::Packed(_) if packings.len() == MAX_PACKINGS => {
                let limit = MAX_PACKINGS;
                let refusal = Refusal::TooManyLayers { limit };
                return Err(Error::Refused { refusal });
            }
            Found::Packed(packing) => {
                inner = begin(packing, inner)?;
                packings.push(packing);
            }
        }
    };
    let walk = walk::open(format, &inner, max_size)?;
    let inspection = inspection(source, &inner, packings.is_empty())
        .map_err(|source| Error::Io { offset: 0, source })?
        .with_limit(max_size);
    let plain = packings.is_empty() && format.is_plain();
    Ok(Look {
        disk: match walk {
            Some(walk) => walk.size(),
            None => source.len.filter(|_| plain),
        },
        packings,
        format,
        inspection,
    })
}

/// Inspects as much of an image as can be had before it passes.
fn inspection(source: &Source, inner: &[u8], plain: bool) -> io::Result<Inspection> {
    if let (true, Some(again), Some(len)) = (plain, &source.again, source.len) {
        return inspect::at(&**again, len);
    }
    let mut inspector = Inspector::new();
    inspector.push(inner);
    Ok(match plain && inner.len() < LOOK {
        true => inspector.finish(),
        false => inspector.so_far(),
    })
}

/// The first bytes inside a packing of which only the first bytes are there.
fn begin(packing: Packing, head: Bytes) -> Result<Bytes, Error> {
    let inside =
        unpack(packing, Cursor::new(head)).map_err(|source| Error::Io { offset: 0, source })?;
    let mut reader = inside.reader;
    let (mut inner, mut got) = (vec![0; LOOK], 0);
    while let Some(space) = inner.get_mut(got..).filter(|space| !space.is_empty()) {
        match reader.read(space) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Where the head ends the packing breaks off; a damaged one is for the pass to find.
            Err(_) => break,
        }
    }
    inner.truncate(got);
    Ok(inner.into())
}
