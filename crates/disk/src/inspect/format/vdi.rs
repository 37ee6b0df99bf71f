//! What a VDI header says (VirtualBox `VDICore.h`, version 1.1).

use super::super::fields::{le32, le64, text};
use super::super::finding::Code;
use super::super::seen::Seen;
use super::Facts;

pub(super) fn read(seen: &Seen, facts: &mut Facts) {
    let head = seen.head();
    facts.virtual_size = le64(head, 0x170);
    let version = le32(head, 0x44).unwrap_or(0);
    facts.feature("version", format!("{}.{}", version >> 16, version & 0xffff));
    facts.feature("creator", text(head.get(..64).unwrap_or_default()));
    let kind = le32(head, 0x4c).unwrap_or(0);
    let name = match kind {
        1 => "dynamic",
        2 => "static",
        3 => "undo",
        4 => "differencing",
        _ => "unknown",
    };
    facts.feature("subformat", name);
    let block = le32(head, 0x178).unwrap_or(0);
    facts.feature("block size", block.to_string());
    let linked = [0x1a8, 0x1b8].iter().any(|at| {
        let id = head.get(*at..*at + 16).unwrap_or_default();
        id.iter().any(|b| *b != 0)
    });
    if matches!(kind, 3 | 4) || linked {
        facts.refuse(Code::Differencing, name);
    }
    if version != 0x0001_0001 || !matches!(kind, 1..=4) {
        facts.refuse(Code::Corrupt, format!("version {version:#x}, type {kind}"));
        return;
    }
    let (map, data) = (le32(head, 0x154), le32(head, 0x158));
    let (blocks, used) = (
        le32(head, 0x180).unwrap_or(0),
        le32(head, 0x184).unwrap_or(0),
    );
    let covered = u64::from(blocks) * u64::from(block);
    if facts.virtual_size.is_some_and(|size| size > covered) || used > blocks {
        let detail = format!("{blocks} blocks of {block} bytes, {used} of them used");
        facts.refuse(Code::Corrupt, detail);
    }
    let end = |start: Option<u32>, len: u64| u64::from(start?).checked_add(len);
    facts.needs("the block map", end(map, u64::from(blocks) * 4), seen);
    facts.needs(
        "the data",
        end(data, u64::from(used) * u64::from(block)),
        seen,
    );
}
