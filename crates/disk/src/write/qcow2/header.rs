//! The header of a qcow2 that is written, and the sizes that follow from the disk's.

use std::io;

use super::Options;
use crate::limits::{QCOW2_MAX_L1, QCOW2_MAX_REFCOUNT_TABLE};
use crate::qcow2::MAGIC;
use crate::write::{Compression, SECTOR};

/// Bytes of the header with the field for the kind of compression.
const LEN: u32 = 112;
/// Incompatible feature: the kind of compression is not zlib.
const COMPRESSION: u64 = 1 << 3;
/// Reference counts have `1 << 4` bits.
const REFCOUNT_ORDER: u32 = 4;

/// An L2 table and an L1 entry map so many clusters.
pub(super) const fn per_table(options: &Options) -> u64 {
    options.cluster_size() / 8
}

/// Bytes of the disk as the header has it, and entries of the L1 table.
///
/// # Errors
/// The disk is too large for clusters of this size.
pub(super) fn sizes(options: &Options, size: u64) -> io::Result<(u64, u64)> {
    let size = size.div_ceil(SECTOR).saturating_mul(SECTOR);
    let entries = size
        .div_ceil(options.cluster_size())
        .div_ceil(per_table(options))
        .max(1);
    if entries * 8 > QCOW2_MAX_L1 {
        return Err(too_large(options));
    }
    Ok((size, entries))
}

fn too_large(options: &Options) -> io::Error {
    let cluster = options.cluster_size();
    let text = format!("the disk is too large for a qcow2 with clusters of {cluster} bytes");
    io::Error::new(io::ErrorKind::FileTooLarge, text)
}

/// Where the tables are.
pub(super) struct Tables {
    /// Bytes of the disk.
    pub(super) size: u64,
    /// Entries of the L1 table, and where it is.
    pub(super) l1: (u64, u64),
    /// Clusters of the refcount table, and where it is.
    pub(super) refcounts: (u64, u64),
}

/// The header's bytes.
///
/// # Errors
/// The file has become too large for clusters of this size.
pub(super) fn bytes(options: &Options, tables: &Tables) -> io::Result<Vec<u8>> {
    let ((entries, l1), (clusters, refcounts)) = (tables.l1, tables.refcounts);
    if clusters << options.cluster_bits > QCOW2_MAX_REFCOUNT_TABLE {
        return Err(too_large(options));
    }
    let narrow = |value: u64| u32::try_from(value).map_err(io::Error::other);
    let zstd = matches!(options.compression, Compression::Zstd(_));
    let mut bytes = Vec::new();
    bytes.extend(MAGIC);
    bytes.extend(3_u32.to_be_bytes());
    // No backing file.
    bytes.extend([0; 12]);
    bytes.extend(options.cluster_bits.to_be_bytes());
    bytes.extend(tables.size.to_be_bytes());
    // Not encrypted.
    bytes.extend([0; 4]);
    bytes.extend(narrow(entries)?.to_be_bytes());
    bytes.extend(l1.to_be_bytes());
    bytes.extend(refcounts.to_be_bytes());
    bytes.extend(narrow(clusters)?.to_be_bytes());
    // No snapshots.
    bytes.extend([0; 12]);
    bytes.extend(if zstd { COMPRESSION } else { 0 }.to_be_bytes());
    // No compatible and no auto-clear features.
    bytes.extend([0; 16]);
    bytes.extend(REFCOUNT_ORDER.to_be_bytes());
    bytes.extend(LEN.to_be_bytes());
    bytes.extend([u8::from(zstd), 0, 0, 0, 0, 0, 0, 0]);
    // The end of the header's extensions, of which there are none.
    bytes.extend([0; 8]);
    Ok(bytes)
}
