//! The formats that a file's bytes can be of, and the signatures by which they are found.

use super::fields::{be32, le32};
use super::glance;
use super::seen::Seen;

/// A format that the inspector knows by its signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// QEMU copy-on-write, version 2 or 3 (or a later one that nobody reads).
    Qcow2,
    /// QEMU copy-on-write, version 1.
    Qcow1,
    /// QEMU enhanced disk.
    Qed,
    /// Virtual hard disk with its footer also at the beginning: dynamic or differencing.
    Vhd,
    /// Virtual hard disk, fixed: the disk, and a footer behind it.
    VhdFixed,
    /// Hyper-V virtual hard disk.
    Vhdx,
    /// VMware virtual disk: sparse, or a text descriptor.
    Vmdk,
    /// VirtualBox disk image.
    Vdi,
    /// Linux unified key setup: an encrypted disk.
    Luks,
    /// Parallels disk.
    Parallels,
    /// Bochs growing disk.
    Bochs,
    /// Compressed loop image.
    Cloop,
    /// Apple disk image.
    Dmg,
    /// Packed by gzip.
    Gzip,
    /// Packed by xz.
    Xz,
    /// Packed by zstd.
    Zstd,
    /// Packed by bzip2.
    Bzip2,
    /// A tar archive; an OVA is one.
    Tar,
    /// ISO 9660 or UDF.
    Iso,
    /// A raw disk with a GUID partition table.
    Gpt,
    /// A raw disk with a master boot record.
    Mbr,
    /// None of these: every byte is the disk's.
    Raw,
}

impl Kind {
    /// The name as QEMU spells it, where it has one.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Qcow2 => "qcow2",
            Self::Qcow1 => "qcow",
            Self::Qed => "qed",
            Self::Vhd | Self::VhdFixed => "vpc",
            Self::Vhdx => "vhdx",
            Self::Vmdk => "vmdk",
            Self::Vdi => "vdi",
            Self::Luks => "luks",
            Self::Parallels => "parallels",
            Self::Bochs => "bochs",
            Self::Cloop => "cloop",
            Self::Dmg => "dmg",
            Self::Gzip => "gz",
            Self::Xz => "xz",
            Self::Zstd => "zst",
            Self::Bzip2 => "bz2",
            Self::Tar => "tar",
            Self::Iso => "iso",
            Self::Gpt | Self::Mbr | Self::Raw => "raw",
        }
    }

    /// The name in sentences and in JSON: as [`Kind::name`], but for formats to which QEMU gives the same name.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Vhd => "vhd",
            Self::VhdFixed => "vhd-fixed",
            Self::Qcow1 => "qcow1",
            Self::Gpt => "gpt",
            Self::Mbr => "mbr",
            other => other.name(),
        }
    }

    /// The `disk_format` under which Glance takes such a file, where there is one.
    #[must_use]
    pub fn disk_format(self) -> Option<&'static str> {
        match self {
            Self::Qcow2 => Some("qcow2"),
            Self::Vhd => Some("vhd"),
            Self::Vhdx => Some("vhdx"),
            Self::Vmdk => Some("vmdk"),
            Self::Vdi => Some("vdi"),
            Self::Iso => Some("iso"),
            Self::Gpt | Self::Mbr | Self::Raw => Some("raw"),
            _ => None,
        }
    }

    /// Whether the file's bytes are the disk's, as they are.
    #[must_use]
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Iso | Self::Gpt | Self::Mbr | Self::Raw)
    }

    /// Whether it is only wrapped around something: gz, xz, zst, bz2, tar.
    #[must_use]
    pub fn is_packing(self) -> bool {
        matches!(
            self,
            Self::Gzip | Self::Xz | Self::Zstd | Self::Bzip2 | Self::Tar
        )
    }
}

/// Signatures at the very beginning. Sources: the formats' specifications, and QEMU's probes (`block/*.c`).
const AT_START: [(&[u8], Kind); 16] = [
    (b"QED\0", Kind::Qed),
    (b"conectix", Kind::Vhd),
    (b"vhdxfile", Kind::Vhdx),
    (b"KDMV", Kind::Vmdk),
    (b"COWD", Kind::Vmdk),
    (&[0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0], Kind::Vmdk),
    (b"LUKS\xba\xbe", Kind::Luks),
    (b"WithoutFreeSpace", Kind::Parallels),
    (b"WithouFreSpacExt", Kind::Parallels),
    (b"Bochs Virtual HD Image", Kind::Bochs),
    (b"#!/bin/sh\n#V2.0 Format\nmodprobe cloop", Kind::Cloop),
    (&[0x1f, 0x8b, 8], Kind::Gzip),
    (b"\xfd7zXZ\0", Kind::Xz),
    (&[0x28, 0xb5, 0x2f, 0xfd], Kind::Zstd),
    (b"BZh", Kind::Bzip2),
    (b"QFI\xfb\0\0\0\x01", Kind::Qcow1),
];

/// Every format whose signature is there, the most telling one first; [`Kind::Raw`] when none is.
pub(crate) fn kinds(seen: &Seen) -> Vec<Kind> {
    let head = seen.head();
    let mut found: Vec<Kind> = AT_START
        .iter()
        .filter(|(signature, _)| head.starts_with(signature))
        .map(|(_, kind)| *kind)
        .collect();
    let mut add = |is: bool, kind: Kind| {
        if is && !found.contains(&kind) {
            found.push(kind);
        }
    };
    add(
        head.starts_with(b"QFI\xfb") && be32(head, 4) != Some(1),
        Kind::Qcow2,
    );
    add(
        glance::is_text_vmdk(seen) || qemu_probes_vmdk(head),
        Kind::Vmdk,
    );
    add(le32(head, 0x40) == Some(0xbeda_107f), Kind::Vdi);
    add(head.get(257..262) == Some(b"ustar".as_slice()), Kind::Tar);
    add(is_iso(head), Kind::Iso);
    add(footer_is(seen, b"koly"), Kind::Dmg);
    let fixed = footer_is(seen, b"conectix") && !head.starts_with(b"conectix");
    add(fixed, Kind::VhdFixed);
    match super::table::scheme(seen) {
        Some(super::Scheme::Mbr) => add(true, Kind::Mbr),
        Some(_) => add(true, Kind::Gpt),
        None => {}
    }
    found.sort_unstable();
    if found.is_empty() {
        found.push(Kind::Raw);
    }
    found
}

/// Whether what was found cannot be one thing. An ISO may be a disk as well (so that it boots from a stick), and the
/// disk in a fixed VHD has a partition table of its own.
pub(crate) fn contradict(kinds: &[Kind]) -> bool {
    let more = |kind: &&Kind| !matches!(kind, Kind::Gpt | Kind::Mbr);
    let named: Vec<&Kind> = kinds.iter().filter(more).collect();
    match named.as_slice() {
        [] => false,
        [Kind::Iso | Kind::VhdFixed] => false,
        [_] => kinds.len() > 1,
        _ => true,
    }
}

fn is_iso(head: &[u8]) -> bool {
    let name = head.get(0x8001..0x8006);
    [b"CD001", b"NSR02", b"NSR03"]
        .iter()
        .any(|known| name == Some(known.as_slice()))
}

/// Whether the file's last 512 bytes begin with `signature`.
fn footer_is(seen: &Seen, signature: &[u8]) -> bool {
    seen.last(512)
        .is_some_and(|last| last.starts_with(signature))
}

/// Whether QEMU takes the file for a text descriptor: behind comments and blank lines it begins with a version.
/// QEMU looks at the first 2 KiB, and no NUL stops it.
fn qemu_probes_vmdk(head: &[u8]) -> bool {
    let head = head.get(..2048).unwrap_or(head);
    if !head.starts_with(b"#") && !head.starts_with(b"version=") && !head.starts_with(b" ") {
        return false;
    }
    for line in head.split(|b| *b == b'\n') {
        let blank = line.iter().all(|b| matches!(b, b' ' | b'\r'));
        if line.starts_with(b"#") || blank {
            continue;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        return matches!(line, b"version=1" | b"version=2" | b"version=3");
    }
    false
}
