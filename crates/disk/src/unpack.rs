//! Compression around an image: recognised by content, taken off as the bytes pass.

use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;
use liblzma::read::XzDecoder;
use liblzma::stream::Stream;

use crate::limits::{MAX_XZ_MEMORY, MAX_ZSTD_WINDOW_LOG};
use crate::{Error, Format, Packing, Refusal};

/// What a layer turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Packed(Packing),
    Image(Format),
}

const PACKINGS: [(&[u8], Packing); 4] = [
    (b"\x1f\x8b\x08", Packing::Gzip),
    (b"\xfd7zXZ\0", Packing::Xz),
    (b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (b"BZh", Packing::Bzip2),
];

/// Signatures of formats that are recognised and not decoded: offset, bytes, QEMU's name.
const UNSUPPORTED: [(usize, &[u8], &str); 12] = [
    (0, b"KDMV", "vmdk"),
    (0, b"COWD", "vmdk"),
    (0, b"# Disk DescriptorFile", "vmdk"),
    (0, b"vhdxfile", "vhdx"),
    (0, b"conectix", "vpc"),
    (64, b"\x7f\x10\xda\xbe", "vdi"),
    (0, b"QED\0", "qed"),
    (0, b"LUKS\xba\xbe", "luks"),
    (0, b"WithoutFreeSpace", "parallels"),
    (0, b"WithouFreSpacExt", "parallels"),
    (257, b"ustar", "tar"),
    (0, b"PK\x03\x04", "zip"),
];

/// Looks at the first bytes of a layer.
pub(crate) fn sniff(head: &[u8]) -> Result<Found, Error> {
    if let Some((_, packing)) = PACKINGS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Ok(Found::Packed(*packing));
    }
    if head.starts_with(&crate::qcow2::MAGIC) {
        return Ok(Found::Image(Format::Qcow2));
    }
    let known = UNSUPPORTED
        .iter()
        .find(|(at, magic, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    match known {
        Some((_, _, format)) => Err(Error::Refused {
            refusal: Refusal::Format { format },
        }),
        None => Ok(Found::Image(Format::Raw)),
    }
}

/// A reader of what is inside `packed`. Several members or frames in a row are one content, as for the packing's
/// own program; an error of kind `UnexpectedEof` means that it was cut.
pub(crate) fn unpack(
    packing: Packing,
    packed: impl Read + Send + 'static,
) -> io::Result<Box<dyn Read + Send>> {
    Ok(match packing {
        Packing::Gzip => Box::new(MultiGzDecoder::new(packed)),
        Packing::Xz => {
            let stream = Stream::new_stream_decoder(MAX_XZ_MEMORY, liblzma::stream::CONCATENATED)?;
            Box::new(XzDecoder::new_stream(packed, stream))
        }
        Packing::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::new(packed)?;
            decoder.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::new(packed))),
    })
}
