//! What the headers of each format say: sizes, features, and what is wrong with them.

mod microsoft;
mod qcow2;
mod vdi;
mod vhdx;
mod vmdk;

use super::boot::Boot;
use super::fields::{be16, le16, le32, text};
use super::finding::{Code, Finding};
use super::inspection::Feature;
use super::kind::Kind;
use super::seen::{Place, Seen};
use super::table;

/// What a format's headers say.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) virtual_size: Option<u64>,
    pub(crate) features: Vec<Feature>,
    pub(crate) findings: Vec<Finding>,
}

impl Facts {
    fn feature(&mut self, name: &'static str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.features.push(Feature { name, value });
        }
    }

    fn refuse(&mut self, code: Code, detail: impl Into<String>) {
        self.findings.push(Finding::refused(code).with(detail));
    }

    fn warn(&mut self, code: Code, detail: impl Into<String>) {
        self.findings.push(Finding::warning(code).with(detail));
    }

    /// A structure that must lie before `end` does not, as far as the end is known.
    fn needs(&mut self, what: &str, end: Option<u64>, seen: &Seen) {
        let Some(len) = seen.len() else {
            return;
        };
        if end.is_none_or(|end| end > len) {
            let end = end.map_or("2^64".to_owned(), |end| end.to_string());
            let detail = format!("{what} ends at byte {end}, the file at {len}");
            self.refuse(Code::Truncated, detail);
        }
    }
}

/// Places behind the file's beginning that its headers point to.
pub(crate) fn wanted(seen: &Seen) -> Vec<Place> {
    let head = seen.head();
    if head.starts_with(b"vhdxfile") {
        return vhdx::wanted(seen);
    }
    table::wanted(seen)
}

/// Reads the headers of a file of this kind.
pub(crate) fn facts(kind: Kind, seen: &Seen) -> Facts {
    let mut facts = Facts::default();
    match kind {
        Kind::Qcow2 => qcow2::read(seen, &mut facts),
        Kind::Vmdk => vmdk::read(seen, &mut facts),
        Kind::Vhd => microsoft::dynamic(seen, &mut facts),
        Kind::VhdFixed => microsoft::fixed(seen, &mut facts),
        Kind::Vhdx => vhdx::read(seen, &mut facts),
        Kind::Vdi => vdi::read(seen, &mut facts),
        Kind::Luks => luks(seen, &mut facts),
        Kind::Iso => iso(seen, &mut facts),
        Kind::Qcow1 => facts.refuse(Code::Qcow2Version, "version 1"),
        Kind::Qed => facts.findings.push(Finding::refused(Code::Qed)),
        Kind::Parallels | Kind::Bochs | Kind::Cloop | Kind::Dmg => {
            facts.refuse(Code::NotSupported, kind.name());
        }
        Kind::Gzip | Kind::Xz | Kind::Zstd | Kind::Bzip2 | Kind::Tar => {
            facts.warn(Code::Packed, kind.name());
        }
        Kind::Gpt | Kind::Mbr | Kind::Raw => facts.virtual_size = seen.len(),
    }
    facts
}

/// The partitions of a disk that is the file as it is. A fixed VHD is the disk with 512 bytes behind it.
pub(crate) fn layout(kind: Kind, seen: &Seen) -> table::Layout {
    if !kind.is_plain() && kind != Kind::VhdFixed {
        return table::Layout::default();
    }
    let mut layout = table::layout(seen);
    // Behind the disk is the footer, so the backup is not where it is looked for; and an ISO's tables describe it for a
    // firmware that sees a stick, with a length of their own.
    layout.findings.retain(|finding| match finding.code {
        Code::GptBackup => kind == Kind::Gpt,
        Code::PartitionOutside | Code::PartitionOverlap | Code::GptChecksum => kind != Kind::Iso,
        _ => true,
    });
    if kind == Kind::Raw {
        layout.boot = Boot::default();
    }
    layout
}

fn luks(seen: &Seen, facts: &mut Facts) {
    let head = seen.head();
    let version = be16(head, 6).unwrap_or(0);
    facts.feature("version", version.to_string());
    if version == 1 {
        let field = |at: usize| text(head.get(at..at + 32).unwrap_or_default());
        facts.feature("cipher", format!("{}-{}", field(8), field(40)));
    }
    facts.refuse(Code::Luks, format!("version {version}"));
}

/// ECMA-119, section 8.4: the primary volume descriptor.
fn iso(seen: &Seen, facts: &mut Facts) {
    facts.virtual_size = seen.len();
    let Some(descriptor) = seen.bytes(0x8000, 2048) else {
        return;
    };
    if descriptor.get(..6) != Some(b"\x01CD001".as_slice()) {
        facts.feature("kind", "UDF");
        return;
    }
    let field = |range: std::ops::Range<usize>| text(descriptor.get(range).unwrap_or_default());
    facts.feature("kind", "ISO 9660");
    facts.feature("label", field(40..72));
    facts.feature("publisher", field(318..446));
    facts.feature("creator", field(574..702));
    let (block, blocks) = (le16(descriptor, 128), le32(descriptor, 80));
    if let (Some(block), Some(blocks)) = (block, blocks) {
        let end = u64::from(block) * u64::from(blocks);
        facts.needs("the volume", Some(end), seen);
    }
}
