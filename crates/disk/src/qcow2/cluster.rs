//! Compressed clusters: taken apart as QEMU does it.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::Error;
use crate::limits::MAX_CLUSTER_ZSTD_WINDOW_LOG;

use super::header::Compression;

/// One compressed cluster as it lies in the file.
pub(crate) struct Cluster {
    /// From its first byte to the end of its last sector, or of the file.
    pub(crate) bytes: Bytes,
    /// Where it lies in the file.
    pub(crate) offset: u64,
    /// How many decoded bytes belong to the disk.
    pub(crate) visible: usize,
    /// The file ends inside its last sector.
    pub(crate) cut: bool,
}

/// Decodes clusters of one image, one at a time.
pub(crate) enum Inflater {
    Zlib {
        fast: libdeflater::Decompressor,
        lenient: Box<Decompress>,
    },
    Zstd,
}

impl Inflater {
    pub(crate) fn new(compression: Compression) -> Self {
        match compression {
            Compression::Zlib => Self::Zlib {
                fast: libdeflater::Decompressor::new(),
                lenient: Box::new(Decompress::new(false)),
            },
            Compression::Zstd => Self::Zstd,
        }
    }

    /// Fills `out`, which is one cluster.
    pub(crate) fn inflate(&mut self, cluster: &Cluster, out: &mut [u8]) -> Result<(), Error> {
        let done = match self {
            Self::Zlib { fast, lenient } => {
                // A stream that ends properly and fills the cluster: what every writer makes.
                matches!(fast.deflate_decompress(&cluster.bytes, out), Ok(n) if n == out.len())
                    || (!cluster.cut && inflate_leniently(lenient, &cluster.bytes, out))
            }
            Self::Zstd => unpack_zstd(&cluster.bytes, out),
        };
        if done {
            return Ok(());
        }
        let end = cluster.offset + cluster.bytes.len() as u64;
        Err(if cluster.cut {
            Error::Truncated {
                what: "a compressed cluster".into(),
                needed: end + 1,
                len: end,
            }
        } else {
            Error::Corrupt {
                what: "a compressed cluster cannot be decoded".into(),
                offset: cluster.offset,
            }
        })
    }
}

/// QEMU is content when a whole cluster came out, whether or not the stream ends there.
fn inflate_leniently(state: &mut Decompress, bytes: &[u8], out: &mut [u8]) -> bool {
    state.reset(false);
    let result = state.decompress(bytes, out, FlushDecompress::Finish);
    matches!(
        result,
        Ok(Status::StreamEnd | Status::BufError | Status::Ok)
    ) && state.total_out() == out.len() as u64
}

/// Frames may follow each other; what comes after the cluster is full is padding. The last frame must have ended.
fn unpack_zstd(bytes: &[u8], out: &mut [u8]) -> bool {
    let Ok(mut decoder) = Decoder::new() else {
        return false;
    };
    if decoder
        .set_parameter(DParameter::WindowLogMax(MAX_CLUSTER_ZSTD_WINDOW_LOG))
        .is_err()
    {
        return false;
    }
    let len = out.len();
    let mut input = InBuffer::around(bytes);
    let mut output = OutBuffer::around(out);
    let mut missing = 1;
    while output.pos() < len {
        let before = (input.pos(), output.pos());
        let Ok(hint) = decoder.run(&mut input, &mut output) else {
            return false;
        };
        missing = hint;
        if (input.pos(), output.pos()) == before {
            return false;
        }
    }
    missing == 0
}
