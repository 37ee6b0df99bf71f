//! Disks written as image files: sinks for raw, qcow2 and VMDK, on all cores, in bounded memory, the same bytes each time.
//!
//! What is written depends on the disk and the options alone: not on the number of cores, the pieces in which the disk
//! comes, or the clock. A file appears under its name only when it is complete ([`Sink::finish`]).

mod out;
mod part;
pub mod qcow2;
pub mod raw;
mod settle;
mod squeeze;
mod unit;
pub mod vmdk;

use std::io;
use std::path::Path;

pub use part::{Existing, Part, Unfinished};
pub use unit::{Compression, Level};

use crate::{Algorithms, Format, Sink};
use part::Held;

/// A format to write, with its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Image {
    /// The disk's bytes as they are; zeros become holes.
    Raw,
    /// qcow2, version 3.
    Qcow2(qcow2::Options),
    /// VMDK, `streamOptimized`.
    Vmdk(vmdk::Options),
}

impl Image {
    /// The name as QEMU spells it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Raw => Format::Raw.name(),
            Self::Qcow2(_) => Format::Qcow2.name(),
            Self::Vmdk(_) => "vmdk",
        }
    }

    /// The bytes of the disk in a file of this format, for a disk of `size` bytes: qcow2 and VMDK hold whole sectors, so
    /// that up to 511 zeros are added, as `qemu-img` does.
    #[must_use]
    pub const fn disk_size(&self, size: u64) -> u64 {
        match self {
            Self::Raw => size,
            Self::Qcow2(_) | Self::Vmdk(_) => size.div_ceil(SECTOR).saturating_mul(SECTOR),
        }
    }
}

/// Bytes of a sector.
pub(crate) const SECTOR: u64 = 512;

/// A sink that writes a file. It is written beside `goal` under a hidden name; [`Sink::finish`] syncs
/// it, computes `digests` over it by reading it again, and gives it its name. The second value takes away what was begun,
/// if it is dropped before that, also while a thread still holds the sink.
///
/// # Errors
/// The folder cannot be written; or `goal` is there and is to be kept.
pub fn file(
    goal: &Path,
    image: Image,
    existing: Existing,
    digests: Algorithms,
    workers: Workers,
) -> io::Result<(Box<dyn Sink>, Unfinished)> {
    let part = Part::begin(goal, existing)?;
    let unfinished = part.unfinished();
    let to = part.file()?;
    let inner: Box<dyn Sink> = match image {
        Image::Raw => Box::new(raw::Sparse::new(to)),
        Image::Qcow2(options) => Box::new(qcow2::into_file(to, options, workers)),
        Image::Vmdk(options) => Box::new(vmdk::into_file(to, options, workers)),
    };
    Ok((Box::new(Held::new(inner, part, digests)), unfinished))
}

/// On how many threads to compress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Workers {
    /// As many as there are cores.
    #[default]
    Cores,
    /// So many; 0 counts as 1.
    Exactly(usize),
}

impl Workers {
    fn count(self) -> usize {
        match self {
            Self::Cores => std::thread::available_parallelism().map_or(1, usize::from),
            Self::Exactly(count) => count.max(1),
        }
    }
}
