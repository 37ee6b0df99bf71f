//! What a qcow2 header says. The reader's own rules are asked as well: what it refuses is refused here.

use super::super::fields::{be32, be64, text};
use super::super::finding::Code;
use super::super::seen::Seen;
use super::Facts;
use crate::limits::QCOW2_MAX_BACKING_NAME;
use crate::qcow2::Header;
use crate::{Error, Refusal};

const DIRTY: u64 = 1;
const CORRUPT: u64 = 1 << 1;
const DATA_FILE: u64 = 1 << 2;
const COMPRESSION: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;
const KNOWN: u64 = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2;

pub(super) fn read(seen: &Seen, facts: &mut Facts) {
    let head = seen.head();
    let version = be32(head, 4).unwrap_or(0);
    facts.virtual_size = be64(head, 24);
    facts.feature("version", version.to_string());
    if let Some(bits) = be32(head, 20).filter(|bits| (9..=30).contains(bits)) {
        facts.feature("cluster size", (1u64 << bits).to_string());
    }
    if !(2..=3).contains(&version) {
        facts.refuse(Code::Qcow2Version, format!("version {version}"));
        return;
    }
    let features = match version {
        3 => be64(head, 72).unwrap_or(0),
        _ => 0,
    };
    if version == 3 {
        let zstd = features & COMPRESSION != 0 && head.get(104) == Some(&1);
        facts.feature("compression", if zstd { "zstd" } else { "zlib" });
        facts.feature("extended L2", yes(features & EXTENDED_L2 != 0));
        let lazy = be64(head, 80).unwrap_or(0) & 1 != 0;
        facts.feature("lazy refcounts", yes(lazy));
    }
    incompatible(features, facts);
    others(seen, facts);
    let rules = Header::parse(head, u64::MAX);
    // A header behind the end of what is kept is not there, and of what is still to come nothing is known.
    match rules {
        Ok(header) => facts.needs("the L1 table", Some(header.l1.end), seen),
        Err(error) => by_the_reader(&error, seen, facts),
    }
}

fn yes(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

fn incompatible(features: u64, facts: &mut Facts) {
    if features & !KNOWN != 0 {
        facts.refuse(
            Code::UnknownFeatures,
            format!("bits {:#x}", features & !KNOWN),
        );
    }
    if features & DATA_FILE != 0 {
        facts.refuse(Code::ExternalDataFile, "feature bit 2");
    }
    if features & CORRUPT != 0 {
        facts.refuse(Code::MarkedCorrupt, "feature bit 1");
    }
    if features & DIRTY != 0 {
        facts.warn(Code::NotClosed, "feature bit 0");
    }
}

fn others(seen: &Seen, facts: &mut Facts) {
    let head = seen.head();
    let offset = be64(head, 8).unwrap_or(0);
    if offset != 0 {
        let len = be32(head, 16).unwrap_or(0).min(QCOW2_MAX_BACKING_NAME);
        let len = usize::try_from(len).unwrap_or(0);
        let name = seen.bytes(offset, len).map(text).unwrap_or_default();
        facts.refuse(Code::BackingFile, format!("`{name}`"));
    }
    match be32(head, 32) {
        Some(1) => facts.refuse(Code::Encrypted, "AES"),
        Some(2) => facts.refuse(Code::Encrypted, "LUKS"),
        _ => {}
    }
    match be32(head, 60) {
        Some(count) if count > 0 => facts.warn(Code::Snapshots, count.to_string()),
        _ => {}
    }
}

/// What the reader says, unless it was said above in more detail.
fn by_the_reader(error: &Error, seen: &Seen, facts: &mut Facts) {
    let code = match error {
        Error::Refused { refusal } => match refusal {
            Refusal::BackingFile { .. } => Code::BackingFile,
            Refusal::ExternalDataFile => Code::ExternalDataFile,
            Refusal::Encrypted { .. } => Code::Encrypted,
            Refusal::UnknownFeatures { .. } => Code::UnknownFeatures,
            _ => Code::NotSupported,
        },
        Error::Truncated { .. } => Code::Truncated,
        Error::Limit { .. } => Code::AbsurdSize,
        _ => Code::Corrupt,
    };
    let said = facts.findings.iter().any(|finding| finding.code == code);
    let open = code == Code::Truncated && seen.len().is_none();
    if !said && !open {
        facts.refuse(code, error.to_string());
    }
}
