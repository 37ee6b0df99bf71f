//! Compressed units of an image (clusters, grains): taken apart as QEMU does it.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use crate::Error;
use crate::limits::MAX_CLUSTER_ZSTD_WINDOW_LOG;

/// How the units of an image are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Raw deflate (RFC 1951): qcow2's `zlib`.
    Deflate,
    /// zlib (RFC 1950): VMDK's grains.
    Zlib,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// One compressed unit as it lies in the file.
pub(crate) struct Unit {
    /// Its bytes; padding may follow, to the end of its last sector or of the file.
    pub(crate) bytes: Bytes,
    /// Where it lies in the file.
    pub(crate) offset: u64,
    /// How many decoded bytes belong to the disk.
    pub(crate) visible: usize,
    /// The file ends inside its last sector.
    pub(crate) cut: bool,
}

/// Decodes units of one image, one at a time.
pub(crate) enum Inflater {
    Deflate {
        fast: libdeflater::Decompressor,
        lenient: Box<Decompress>,
    },
    Zlib {
        fast: libdeflater::Decompressor,
        lenient: Box<Decompress>,
    },
    Zstd,
}

impl Inflater {
    pub(crate) fn new(codec: Codec) -> Self {
        match codec {
            Codec::Deflate => Self::Deflate {
                fast: libdeflater::Decompressor::new(),
                lenient: Box::new(Decompress::new(false)),
            },
            Codec::Zlib => Self::Zlib {
                fast: libdeflater::Decompressor::new(),
                lenient: Box::new(Decompress::new(true)),
            },
            Codec::Zstd => Self::Zstd,
        }
    }

    /// Fills `out`, which is one unit.
    pub(crate) fn inflate(&mut self, unit: &Unit, out: &mut [u8]) -> Result<(), Error> {
        let done = match self {
            Self::Deflate { fast, lenient } => {
                // A stream that ends properly and fills the cluster: what every writer makes.
                matches!(fast.deflate_decompress(&unit.bytes, out), Ok(n) if n == out.len())
                    || (!unit.cut && inflate_leniently(lenient, &unit.bytes, out))
            }
            Self::Zlib { fast, lenient } => {
                // The last one may decode to no more than what belongs to the disk.
                matches!(fast.zlib_decompress(&unit.bytes, out), Ok(n) if n >= unit.visible)
                    || inflate_to_the_end(lenient, &unit.bytes, out, unit.visible)
            }
            Self::Zstd => unpack_zstd(&unit.bytes, out),
        };
        if done {
            return Ok(());
        }
        let end = unit.offset + unit.bytes.len() as u64;
        Err(if unit.cut {
            Error::Truncated {
                what: "a compressed cluster".into(),
                needed: end + 1,
                len: end,
            }
        } else {
            Error::Corrupt {
                what: "a compressed cluster cannot be decoded".into(),
                offset: unit.offset,
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

/// For streams that are whole and that the fast decoder does not take. The checksum at the end must have come.
fn inflate_to_the_end(state: &mut Decompress, bytes: &[u8], out: &mut [u8], least: usize) -> bool {
    state.reset(true);
    let result = state.decompress(bytes, out, FlushDecompress::Finish);
    matches!(result, Ok(Status::StreamEnd)) && state.total_out() >= least as u64
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
