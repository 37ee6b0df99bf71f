//! L2 tables: what each part of the disk is made of.

use crate::Error;

use super::header::Header;
use super::tables::OFFSET_MASK;

const COMPRESSED: u64 = 1 << 62;
const ZERO: u64 = 1;
/// Compressed data is counted in sectors of this size.
pub(crate) const SECTOR: u64 = 512;

/// A part of the disk, in guest order: where one ends the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// So many zero bytes.
    Zero(u64),
    /// Bytes that lie in the file as they are.
    Data {
        /// Where, in bytes.
        offset: u64,
        /// How many.
        len: u64,
    },
    /// One compressed cluster.
    Compressed {
        /// Where its first byte lies.
        offset: u64,
        /// Bytes up to the end of its last sector; the next cluster's may begin inside that sector.
        len: u64,
        /// How many of the decoded bytes belong to the disk; less than a cluster only at the disk's end.
        visible: u64,
    },
}

/// Calls `each` with the extents of the L2 table `table` (which lies at `at` and maps the disk from `guest` on).
pub(crate) fn extents<E: From<Error>>(
    header: &Header,
    table: &[u8],
    at: u64,
    mut guest: u64,
    mut each: impl FnMut(Extent) -> Result<(), E>,
) -> Result<(), E> {
    let mut at = at;
    let step = header.l2_entry();
    let words = table.as_chunks::<8>().0;
    let mut entries = words.chunks(if header.subclusters { 2 } else { 1 });
    while guest < header.size
        && let Some(entry) = entries.next()
    {
        let visible = header.cluster().min(header.size - guest);
        let word = |n: usize| entry.get(n).map_or(0, |bytes| u64::from_be_bytes(*bytes));
        let bitmap = header.subclusters.then(|| word(1));
        cluster(header, word(0), bitmap, visible, &mut each).map_err(|failed| failed.at(at))?;
        guest += visible;
        at += step;
    }
    Ok(())
}

/// Why a cluster could not be told: its entry is wrong, or the caller had enough.
enum Failed<E> {
    Entry(&'static str),
    Caller(E),
}

impl<E: From<Error>> Failed<E> {
    fn at(self, offset: u64) -> E {
        match self {
            Self::Entry(what) => Error::Corrupt {
                what: what.into(),
                offset,
            }
            .into(),
            Self::Caller(error) => error,
        }
    }
}

fn cluster<E>(
    header: &Header,
    entry: u64,
    bitmap: Option<u64>,
    visible: u64,
    each: &mut impl FnMut(Extent) -> Result<(), E>,
) -> Result<(), Failed<E>> {
    if entry & COMPRESSED != 0 {
        return each(compressed(header.cluster_bits, entry, visible)).map_err(Failed::Caller);
    }
    let offset = entry & OFFSET_MASK;
    if offset & (header.cluster() - 1) != 0 {
        return Err(Failed::Entry(
            "a cluster's data is not aligned to a cluster",
        ));
    }
    if let Some(bitmap) = bitmap {
        return subclusters(header, offset, bitmap, visible, each);
    }
    if entry & ZERO != 0 {
        if header.version < 3 {
            return Err(Failed::Entry("a zero cluster in a version 2 image"));
        }
        return each(Extent::Zero(visible)).map_err(Failed::Caller);
    }
    let extent = if offset == 0 {
        Extent::Zero(visible)
    } else {
        Extent::Data {
            offset,
            len: visible,
        }
    };
    each(extent).map_err(Failed::Caller)
}

/// The offset takes `62 - (cluster_bits - 8)` bits, the number of further sectors the rest.
fn compressed(cluster_bits: u32, entry: u64, visible: u64) -> Extent {
    let shift = 62 - (cluster_bits - 8);
    let offset = entry & ((1 << shift) - 1);
    let sectors = ((entry & (COMPRESSED - 1)) >> shift) + 1;
    Extent::Compressed {
        offset,
        len: sectors * SECTOR - offset % SECTOR,
        visible,
    }
}

/// Bits 0 to 31 of the bitmap say which subclusters are allocated, bits 32 to 63 which read as zeros.
fn subclusters<E>(
    header: &Header,
    offset: u64,
    bitmap: u64,
    visible: u64,
    each: &mut impl FnMut(Extent) -> Result<(), E>,
) -> Result<(), Failed<E>> {
    let (allocated, zero) = (bitmap & 0xffff_ffff, bitmap >> 32);
    if offset != 0 && allocated & zero != 0 {
        return Err(Failed::Entry("a subcluster is both allocated and zero"));
    }
    if offset == 0 && allocated != 0 {
        return Err(Failed::Entry(
            "a subcluster is allocated, but its cluster is not",
        ));
    }
    let size = header.cluster() / 32;
    for number in 0..32 {
        let start = number * size;
        if start >= visible {
            break;
        }
        let len = size.min(visible - start);
        let data = allocated & (1 << number) != 0;
        let extent = if data {
            Extent::Data {
                offset: offset + start,
                len,
            }
        } else {
            Extent::Zero(len)
        };
        each(extent).map_err(Failed::Caller)?;
    }
    Ok(())
}

/// Joins neighbouring zeros, and data that also adjoins in the file, up to `limit` bytes of data at once.
pub(crate) struct Joined {
    open: Option<Extent>,
    limit: u64,
}

impl Joined {
    pub(crate) fn new(limit: u64) -> Self {
        Self { open: None, limit }
    }

    /// Takes the next extent; gives the one before when they do not join.
    pub(crate) fn push(&mut self, next: Extent) -> Option<Extent> {
        match (&mut self.open, &next) {
            (Some(Extent::Zero(len)), Extent::Zero(more)) => {
                *len += more;
                None
            }
            (
                Some(Extent::Data { offset, len }),
                Extent::Data {
                    offset: start,
                    len: more,
                },
            ) if *offset + *len == *start && *len + more <= self.limit => {
                *len += more;
                None
            }
            _ => self.open.replace(next),
        }
    }

    /// The last one.
    pub(crate) fn finish(&mut self) -> Option<Extent> {
        self.open.take()
    }
}
