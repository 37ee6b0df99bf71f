//! OpenStack's inspectors of everything whose first 34 KiB tell: qcow2, QED, VHD, VDI, ISO, boot records, LUKS.

use super::super::fields::{be16, be32, be64, le16, le32, le64};
use super::super::finding::Code;
use super::super::seen::Seen;
use super::super::table::mbr;
use super::{Matched, Size};

/// The first sector, which most of them wait for.
const SECTOR: usize = 512;
const ISO_DESCRIPTOR: usize = 32 << 10;
const ISO_END: usize = ISO_DESCRIPTOR + 2048;
const LUKS_HEADER: usize = 592;

pub(super) fn matches(seen: &Seen) -> Vec<Matched> {
    let head = seen.head();
    let all = [
        qcow2(head),
        qed(head),
        vhd(head),
        vdi(head),
        iso(head),
        gpt(seen),
        luks(seen),
    ];
    all.into_iter().flatten().collect()
}

fn matched(name: &'static str, violations: Vec<Code>, size: Size) -> Matched {
    Matched {
        name,
        complete: true,
        violations,
        size,
        stopped_at: None,
    }
}

fn known(size: Option<u64>) -> Size {
    size.map_or(Size::Unknown, Size::Bytes)
}

/// Bits 0 to 3 are known: dirty, corrupt, data file, compression. The data-file bit is looked at in version 2 too, where
/// something else stands in its place.
fn qcow2(head: &[u8]) -> Option<Matched> {
    if head.len() < SECTOR || !head.starts_with(b"QFI\xfb") {
        return None;
    }
    let mut violations = Vec::new();
    let features = be64(head, 72)?;
    if be64(head, 8)? != 0 {
        violations.push(Code::BackingFile);
    }
    if features & 4 != 0 {
        violations.push(Code::ExternalDataFile);
    }
    match be32(head, 4)? {
        2 => {}
        3 if features & !0x1f != 0 => violations.push(Code::UnknownFeatures),
        3 if features & 0x10 != 0 => violations.push(Code::ExtendedL2),
        3 => {}
        _ => violations.push(Code::Qcow2Version),
    }
    Some(matched("qcow2", violations, known(be64(head, 24))))
}

fn qed(head: &[u8]) -> Option<Matched> {
    let is = head.len() >= SECTOR && head.starts_with(b"QED\0");
    is.then(|| matched("qed", vec![Code::Qed], Size::Unknown))
}

fn vhd(head: &[u8]) -> Option<Matched> {
    if !head.starts_with(b"conectix") {
        return None;
    }
    let mut vhd = matched("vhd", Vec::new(), known(be64(head, 40)));
    vhd.complete = head.len() >= SECTOR;
    if !vhd.complete {
        vhd.size = Size::Bytes(0);
    }
    Some(vhd)
}

fn vdi(head: &[u8]) -> Option<Matched> {
    let is = head.len() >= SECTOR && le32(head, 0x40) == Some(0xbeda_107f);
    is.then(|| matched("vdi", Vec::new(), known(le64(head, 0x170))))
}

fn iso(head: &[u8]) -> Option<Matched> {
    let descriptor = head.get(ISO_DESCRIPTOR..ISO_END)?;
    let name = descriptor.get(1..6)?;
    if ![b"CD001", b"NSR02", b"NSR03"].contains(&name.first_chunk()?) {
        return None;
    }
    let size = match descriptor.first() {
        Some(1) => u64::from(le16(descriptor, 128)?) * u64::from(le32(descriptor, 80)?),
        _ => 0,
    };
    Some(matched("iso", Vec::new(), Size::Bytes(size)))
}

/// Boot records, with or without a GPT; it never looks at the GPT itself.
fn gpt(seen: &Seen) -> Option<Matched> {
    let record = mbr::Record::read(seen.head())?;
    let violation = record.complaints().into_iter().next();
    let violations = violation.into_iter().collect();
    Some(matched("gpt", violations, known(seen.len())))
}

fn luks(seen: &Seen) -> Option<Matched> {
    let head = seen.head();
    if !head.starts_with(b"LUKS\xba\xbe") {
        return None;
    }
    let mut violations = Vec::new();
    if be16(head, 6) != Some(1) {
        violations.push(Code::Luks);
    }
    let payload = be32(head, 104).map(|sectors| u64::from(sectors) * 512);
    let size = seen.len().zip(payload).map(|(len, at)| len.checked_sub(at));
    let mut luks = matched("luks", violations, known(size.flatten()));
    luks.complete = head.len() >= LUKS_HEADER;
    if head.len() < 168 {
        luks.size = Size::Fails;
    }
    Some(luks)
}
