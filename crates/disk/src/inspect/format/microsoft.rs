//! What a VHD footer says (Microsoft's "Virtual Hard Disk Image Format Specification", 2006).

use super::super::fields::{be32, be64, text};
use super::super::finding::Code;
use super::super::seen::Seen;
use super::Facts;

/// The footer's copy begins the file.
pub(super) fn dynamic(seen: &Seen, facts: &mut Facts) {
    let kind = footer(seen.head(), facts);
    match kind {
        3 => {}
        4 => facts.refuse(Code::Differencing, "type 4"),
        _ => facts.refuse(Code::Corrupt, format!("disk type {kind} with a header")),
    }
    let header = be64(seen.head(), 16);
    let cxsparse = header.and_then(|at| seen.bytes(at, 1024));
    if let Some(header) = cxsparse {
        if header.starts_with(b"cxsparse") {
            facts.feature("block size", be32(header, 32).unwrap_or(0).to_string());
        } else {
            facts.refuse(
                Code::Corrupt,
                "no dynamic disk header where the footer says",
            );
        }
    }
    facts.needs(
        "the dynamic disk header",
        header.and_then(|at| at.checked_add(1024)),
        seen,
    );
    // Every writer closes the file with the footer; without it the end is missing.
    if seen.len().is_some()
        && seen
            .last(512)
            .is_none_or(|last| !last.starts_with(b"conectix"))
    {
        facts.refuse(Code::Truncated, "the footer at the end is missing");
    }
}

/// The footer ends the file, the disk is before it.
pub(super) fn fixed(seen: &Seen, facts: &mut Facts) {
    let Some(last) = seen.last(512) else {
        return;
    };
    let kind = footer(&last, facts);
    let disk = seen.len().and_then(|len| len.checked_sub(512));
    match kind {
        2 => facts.warn(Code::FixedVhd, "its footer is the last sector"),
        4 => facts.refuse(Code::Differencing, "type 4"),
        _ => facts.refuse(
            Code::Corrupt,
            format!("a footer of disk type {kind} without a header"),
        ),
    }
    let size = facts.virtual_size;
    if kind == 2 && size > disk {
        let detail = format!(
            "a disk of {} bytes in {}",
            size.unwrap_or(0),
            disk.unwrap_or(0)
        );
        facts.refuse(Code::Truncated, detail);
    }
}

/// The disk type that the footer names.
fn footer(footer: &[u8], facts: &mut Facts) -> u32 {
    facts.virtual_size = be64(footer, 48);
    let kind = be32(footer, 60).unwrap_or(0);
    let name = match kind {
        2 => "fixed",
        3 => "dynamic",
        4 => "differencing",
        _ => "unknown",
    };
    facts.feature("subformat", name);
    facts.feature("creator", text(footer.get(28..32).unwrap_or_default()));
    kind
}
