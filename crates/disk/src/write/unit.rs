//! Units of a disk (clusters, grains) compressed one by one.

use std::io;
use std::ops::RangeInclusive;

use libdeflater::{CompressionError, CompressionLvl, Compressor};
use zstd::bulk;

use super::out::is_zero;

/// How hard a compressor tries: from fast and large to slow and small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(i32);

/// How units are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// Deflate (RFC 1951).
    Zlib(Level),
    /// Zstandard (RFC 8878).
    Zstd(Level),
}

impl Level {
    /// What libdeflate takes; its levels are not zlib's, and above 9 it becomes slow.
    pub const ZLIB: RangeInclusive<i32> = 1..=12;
    /// What libzstd takes, without its negative levels.
    pub const ZSTD: RangeInclusive<i32> = 1..=22;
    /// Smaller than QEMU's own writer makes, in less than half of its time.
    pub const ZLIB_DEFAULT: Self = Self(6);
    /// The level of QEMU's own writer.
    pub const ZSTD_DEFAULT: Self = Self(3);

    /// The number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl Compression {
    /// Deflate; `None` for a level that there is not.
    #[must_use]
    pub fn zlib(level: i32) -> Option<Self> {
        Level::ZLIB
            .contains(&level)
            .then_some(Self::Zlib(Level(level)))
    }

    /// Zstandard; `None` for a level that there is not.
    #[must_use]
    pub fn zstd(level: i32) -> Option<Self> {
        Level::ZSTD
            .contains(&level)
            .then_some(Self::Zstd(Level(level)))
    }
}

/// What a unit has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing but zeros.
    Hole,
    /// Its own bytes: compression does not make it smaller, or is not wanted.
    Plain,
    /// So many compressed bytes.
    Packed(usize),
}

/// Compresses units, one at a time.
pub(super) enum Packer {
    /// Does not.
    Plain,
    /// Raw deflate; a unit that does not become smaller stays plain.
    Deflate(Compressor),
    /// Deflate with zlib's header (RFC 1950), for every unit, whatever its size becomes.
    Wrapped(Compressor),
    /// Zstandard; a unit that does not become smaller stays plain.
    Zstd(bulk::Compressor<'static>),
}

/// A packer's kind, from which each thread makes its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// As the format allows: plain where that is smaller.
    Free(Compression),
    /// zlib's format for every unit.
    Wrapped(Level),
}

impl Packer {
    pub(super) fn new(kind: Kind) -> io::Result<Self> {
        let deflater = |level: Level| {
            let level = CompressionLvl::new(level.get());
            let level = level.map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
            Ok::<_, io::Error>(Compressor::new(level))
        };
        Ok(match kind {
            Kind::Free(Compression::None) => Self::Plain,
            Kind::Free(Compression::Zlib(level)) => Self::Deflate(deflater(level)?),
            Kind::Free(Compression::Zstd(level)) => Self::Zstd(bulk::Compressor::new(level.get())?),
            Kind::Wrapped(level) => Self::Wrapped(deflater(level)?),
        })
    }

    /// The space that a unit of `unit` bytes needs when it is packed.
    pub(super) fn room(&mut self, unit: usize) -> usize {
        match self {
            Self::Plain => 0,
            Self::Deflate(_) | Self::Zstd(_) => unit - 1,
            Self::Wrapped(deflater) => deflater.zlib_compress_bound(unit),
        }
    }

    /// Packs `unit` into `space`, which is [`room`](Self::room) bytes long.
    pub(super) fn pack(&mut self, unit: &[u8], space: &mut [u8]) -> io::Result<Shape> {
        if is_zero(unit) {
            return Ok(Shape::Hole);
        }
        let packed = match self {
            Self::Plain => return Ok(Shape::Plain),
            Self::Deflate(deflater) => deflater.deflate_compress(unit, space),
            Self::Wrapped(deflater) => deflater.zlib_compress(unit, space),
            // Of its failures only that of a full space can happen here.
            Self::Zstd(encoder) => encoder
                .compress_to_buffer(unit, space)
                .map_err(|_| CompressionError::InsufficientSpace),
        };
        Ok(packed.map_or(Shape::Plain, Shape::Packed))
    }
}
