//! Formats of disk images and packings around them: their names, and how they are recognised by content.

use crate::{Error, Refusal, qcow2, vdi, vhd, vhdx};

/// A format of disk image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The disk's bytes as they are.
    Raw,
    /// QEMU copy-on-write, version 2 or 3.
    Qcow2,
    /// Virtual PC, Hyper-V and Azure, fixed or dynamic.
    Vhd,
    /// Hyper-V's newer format, fixed or dynamic.
    Vhdx,
    /// VirtualBox, dynamic or static.
    Vdi,
}

impl Format {
    /// The name as QEMU spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
            Self::Vhd => "vpc",
            Self::Vhdx => "vhdx",
            Self::Vdi => "vdi",
        }
    }

    /// The format of a file that begins with `head`, of which [`HEAD`] bytes are enough; `None` for one that is packed or is
    /// not decoded. A fixed VHD, which is known by its end only, begins like a raw disk.
    #[must_use]
    pub fn of_start(head: &[u8]) -> Option<Self> {
        match sniff(head) {
            Ok(Found::Image(format)) => Some(format),
            Ok(Found::Packed(_)) | Err(_) => None,
        }
    }

    /// The name as Glance spells it (`disk_format`), which is also the usual ending of a file's name.
    #[must_use]
    pub const fn glance_name(self) -> &'static str {
        match self {
            Self::Vhd => "vhd",
            Self::Raw | Self::Qcow2 | Self::Vhdx | Self::Vdi => self.name(),
        }
    }
}

/// How many bytes of a file's start show its format.
pub const HEAD: usize = 512;

/// A compression around the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip (RFC 1952).
    Gzip,
    /// xz.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
    /// bzip2.
    Bzip2,
}

impl Packing {
    /// The usual ending of a file's name: `gz`, `xz`, `zst`, `bz2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Xz => "xz",
            Self::Zstd => "zst",
            Self::Bzip2 => "bz2",
        }
    }
}

/// What a layer turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Packed(Packing),
    Image(Format),
}

/// How each packing begins.
const PACKINGS: [(&[u8], Packing); 4] = [
    (b"\x1f\x8b\x08", Packing::Gzip),
    (b"\xfd7zXZ\0", Packing::Xz),
    (b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (b"BZh", Packing::Bzip2),
];

/// Signatures of formats that are decoded: offset, bytes.
const DECODED: [(usize, &[u8], Format); 4] = [
    (0, &qcow2::MAGIC, Format::Qcow2),
    (0, &vhd::MAGIC, Format::Vhd),
    (0, &vhdx::MAGIC, Format::Vhdx),
    (64, &vdi::MAGIC, Format::Vdi),
];

/// Signatures of formats that are recognised and not decoded: offset, bytes, QEMU's name.
const UNSUPPORTED: [(usize, &[u8], &str); 9] = [
    (0, b"KDMV", "vmdk"),
    (0, b"COWD", "vmdk"),
    (0, b"# Disk DescriptorFile", "vmdk"),
    (0, b"QED\0", "qed"),
    (0, b"LUKS\xba\xbe", "luks"),
    (0, b"WithoutFreeSpace", "parallels"),
    (0, b"WithouFreSpacExt", "parallels"),
    (257, b"ustar", "tar"),
    (0, b"PK\x03\x04", "zip"),
];

/// Looks at the first bytes of a layer.
pub(crate) fn sniff(head: &[u8]) -> Result<Found, Error> {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if let Some((_, packing)) = PACKINGS.iter().find(|(magic, _)| at(0, magic)) {
        return Ok(Found::Packed(*packing));
    }
    if let Some((_, _, format)) = DECODED.iter().find(|(offset, magic, _)| at(*offset, magic)) {
        return Ok(Found::Image(*format));
    }
    match UNSUPPORTED
        .iter()
        .find(|(offset, magic, _)| at(*offset, magic))
    {
        Some((_, _, format)) => Err(Error::Refused {
            refusal: Refusal::Format { format },
        }),
        None => Ok(Found::Image(Format::Raw)),
    }
}
