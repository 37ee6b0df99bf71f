//! Formats of disk images and packings around them: their names, and how they are recognised by content.

use crate::{Error, Refusal, qcow2, vdi, vhd, vhdx, vmdk};

/// A format of disk image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The disk's bytes as they are.
    Raw,
    /// QEMU copy-on-write, version 2 or 3.
    Qcow2,
    /// VMware's format, in one file.
    Vmdk,
    /// A file system of a compact disc (ISO 9660, UDF); also one that is a disk with partitions as well. The disk's bytes
    /// as they are.
    Iso,
    /// Virtual PC, Hyper-V and Azure, fixed or dynamic.
    Vhd,
    /// Hyper-V's newer format, fixed or dynamic.
    Vhdx,
    /// VirtualBox, dynamic or static.
    Vdi,
}

impl Format {
    /// The name as QEMU spells it. QEMU knows no `iso` and takes it for raw; that is Glance's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
            Self::Vmdk => "vmdk",
            Self::Vhd => "vpc",
            Self::Vhdx => "vhdx",
            Self::Vdi => "vdi",
            Self::Iso => "iso",
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
            _ => self.name(),
        }
    }

    /// Whether the file's bytes are the disk's.
    #[must_use]
    pub const fn is_plain(self) -> bool {
        matches!(self, Self::Raw | Self::Iso)
    }
}

/// How many bytes of a file's start show its format.
pub const HEAD: usize = DISC.0 + 5;

/// A compression or a package around the image.
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
    /// A virtual machine's package: a tar of its descriptor, its disk and more (DMTF DSP0243, OVF).
    Ova,
}

impl Packing {
    /// The usual ending of a file's name: `gz`, `xz`, `zst`, `bz2`, `ova`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Xz => "xz",
            Self::Zstd => "zst",
            Self::Bzip2 => "bz2",
            Self::Ova => "ova",
        }
    }
}

/// What a layer turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Packed(Packing),
    Image(Format),
}

/// Signatures of packings: offset, bytes.
const PACKINGS: [(usize, &[u8], Packing); 5] = [
    (0, b"\x1f\x8b\x08", Packing::Gzip),
    (0, b"\xfd7zXZ\0", Packing::Xz),
    (0, b"\x28\xb5\x2f\xfd", Packing::Zstd),
    (0, b"BZh", Packing::Bzip2),
    (257, b"ustar", Packing::Ova),
];

/// Signatures of formats that are decoded: offset, bytes.
const DECODED: [(usize, &[u8], Format); 6] = [
    (0, &qcow2::MAGIC, Format::Qcow2),
    (0, &vmdk::MAGIC, Format::Vmdk),
    (0, vmdk::COWD, Format::Vmdk),
    (0, &vhd::MAGIC, Format::Vhd),
    (0, &vhdx::MAGIC, Format::Vhdx),
    (64, &vdi::MAGIC, Format::Vdi),
];

/// The standard identifiers of the first volume descriptor of ISO 9660 and UDF, behind 16 sectors of 2048 bytes
/// (ECMA-119 8.1, ECMA-167 2/9.1).
const DISC: (usize, [&[u8]; 3]) = (16 * 2048 + 1, [b"CD001", b"NSR02", b"NSR03"]);

/// Signatures of formats that are recognised and not decoded: offset, bytes, QEMU's name.
const UNSUPPORTED: [(usize, &[u8], &str); 5] = [
    (0, b"QED\0", "qed"),
    (0, b"LUKS\xba\xbe", "luks"),
    (0, b"WithoutFreeSpace", "parallels"),
    (0, b"WithouFreSpacExt", "parallels"),
    (0, b"PK\x03\x04", "zip"),
];

/// Looks at the first bytes of a layer.
pub(crate) fn sniff(head: &[u8]) -> Result<Found, Error> {
    let at = |offset: usize, magic: &[u8]| {
        head.get(offset..)
            .is_some_and(|rest| rest.starts_with(magic))
    };
    if let Some((_, _, format)) = DECODED.iter().find(|(offset, magic, _)| at(*offset, magic)) {
        return Ok(Found::Image(*format));
    }
    if vmdk::is_text(head) {
        return Ok(Found::Image(Format::Vmdk));
    }
    if let Some((_, _, packing)) = PACKINGS
        .iter()
        .find(|(offset, magic, _)| at(*offset, magic))
    {
        return Ok(Found::Packed(*packing));
    }
    match UNSUPPORTED
        .iter()
        .find(|(offset, magic, _)| at(*offset, magic))
    {
        Some((_, _, format)) => Err(Error::Refused {
            refusal: Refusal::Format { format },
        }),
        None if DISC.1.iter().any(|magic| at(DISC.0, magic)) => Ok(Found::Image(Format::Iso)),
        None => Ok(Found::Image(Format::Raw)),
    }
}
