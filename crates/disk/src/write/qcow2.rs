//! qcow2, version 3: to a file in one pass, or to a stream in two.
//!
//! A file is laid out in the order in which it is read again: header, L1 table, then each L2 table directly before the
//! clusters that it maps, compressed ones packed without gaps as QEMU packs them, and the reference counts at the end. The
//! rules are those of QEMU's `docs/interop/qcow2.txt`. A cluster that does not become smaller is stored as it is; one that is
//! all zeros is not stored. Deflate may refer back 32 KiB where QEMU's own writer keeps to 4 KiB: QEMU and other
//! readers that inflate a cluster in one call take both, those that inflate it piece by piece through a window of 4 KiB do not.

mod header;
mod layout;
mod plan;
mod writer;

use std::fs::File;

pub use plan::{Measured, Plan, measure};

use super::squeeze::Squeezer;
use super::unit::Kind;
use super::{Compression, Workers};
use crate::Sink;
use crate::limits::QCOW2_CLUSTER_BITS;
use writer::Writer;

/// How a qcow2 is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    cluster_bits: u32,
    compression: Compression,
}

impl Options {
    /// Clusters of `cluster_size` bytes; `None` unless that is a power of two from 512 B to 2 MiB.
    #[must_use]
    pub fn new(cluster_size: u64, compression: Compression) -> Option<Self> {
        let cluster_bits = cluster_size.checked_ilog2()?;
        let fits = cluster_size.is_power_of_two() && QCOW2_CLUSTER_BITS.contains(&cluster_bits);
        fits.then_some(Self {
            cluster_bits,
            compression,
        })
    }

    /// Bytes of a cluster.
    #[must_use]
    pub const fn cluster_size(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// How clusters are compressed.
    #[must_use]
    pub const fn compression(&self) -> Compression {
        self.compression
    }
}

/// Clusters of 64 KiB, as QEMU has them, without compression.
impl Default for Options {
    fn default() -> Self {
        Self {
            cluster_bits: 16,
            compression: Compression::None,
        }
    }
}

/// A sink into an empty file.
pub(super) fn into_file(file: File, options: Options, workers: Workers) -> impl Sink {
    squeezer(Writer::into_file(file, options), options, workers)
}

fn squeezer(writer: Writer, options: Options, workers: Workers) -> Squeezer<Writer> {
    let kind = Kind::Free(options.compression);
    Squeezer::new(writer, options.cluster_size(), kind, workers)
}
