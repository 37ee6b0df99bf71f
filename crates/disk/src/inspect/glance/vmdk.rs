//! OpenStack's inspector of VMDK: a sparse file with an embedded descriptor, or text that is one.

use super::super::fields::{be32, le32, le64};
use super::super::finding::Code;
use super::super::seen::Seen;
use super::{Matched, PIECE, Size};

/// The bytes of the header that are read.
const HEADER: usize = 64;
/// A descriptor is read up to here.
const DESCRIPTOR: usize = (1 << 20) - 1;
/// "The grain directory is told by the footer."
const AT_END: u64 = u64::MAX;

/// What it finds.
pub(super) enum Found {
    Nothing,
    Match(Matched),
    /// Text that is not ASCII all through: it fails, in a way that ends every inspection of the file.
    Breaks,
}

/// Whether the file is text with a `createType` in it.
pub(crate) fn is_text_vmdk(seen: &Seen) -> bool {
    let head = seen.head();
    !head.starts_with(b"KDMV")
        && is_text(head)
        && matches!(matched(seen), Found::Match(_) | Found::Breaks)
        && descriptor_type(&text(first(head)).to_ascii_lowercase()).is_some()
}

/// The first piece that oslo.utils sees.
fn first(head: &[u8]) -> &[u8] {
    head.get(..PIECE).unwrap_or(head)
}

/// Up to the first NUL, with bytes that are no ASCII replaced.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let bytes = bytes.get(..end).unwrap_or_default();
    let ascii = |b: &u8| {
        if b.is_ascii() {
            char::from(*b)
        } else {
            '\u{fffd}'
        }
    };
    bytes.iter().map(ascii).collect()
}

pub(super) fn matched(seen: &Seen) -> Found {
    let head = seen.head();
    let sparse = head.starts_with(b"KDMV");
    if head.len() < HEADER {
        return if sparse {
            found(false, Vec::new(), Size::Bytes(0))
        } else {
            Found::Nothing
        };
    }
    if sparse {
        return embedded(seen);
    }
    if !is_text(head) {
        return Found::Nothing;
    }
    let piece = first(head);
    let Some(descriptor) = ascii(piece) else {
        return Found::Breaks;
    };
    let Some(kind) = descriptor_type(&descriptor) else {
        return Found::Nothing;
    };
    // It knows a size for these two, and looks for it in a header that is not there.
    let size = if is_single(&kind) {
        Size::Fails
    } else {
        Size::Bytes(0)
    };
    found(true, check(&descriptor, &kind), size)
}

/// A sparse file: its header says where the descriptor is, and that must be sector 1.
fn embedded(seen: &Seen) -> Found {
    let head = seen.head();
    let footer = le64(head, 56) == Some(AT_END);
    let version = le32(head, 4).unwrap_or(0);
    if !(1..=3).contains(&version) || le64(head, 28) != Some(1) {
        return found_until(Some(first(head).len() as u64));
    }
    let sectors = usize::try_from(le64(head, 36).unwrap_or(0)).unwrap_or(usize::MAX);
    let len = sectors.saturating_mul(512).min(DESCRIPTOR);
    let Some(bytes) = head.get(512..512 + len) else {
        // Before the end more may come.
        return found(seen.len().is_none(), Vec::new(), Size::Bytes(0));
    };
    let descriptor = ascii(bytes).unwrap_or_default();
    let kind = descriptor_type(&descriptor);
    let mut violations = check(&descriptor, kind.as_deref().unwrap_or_default());
    let mut complete = true;
    if footer && seen.len().is_some() {
        match seen.last(1536) {
            Some(last) if !footer_is_good(head, &last) => violations.push(Code::VmdkFooter),
            Some(_) => {}
            None => complete = false,
        }
    }
    let capacity = le64(head, 12).and_then(|sectors| sectors.checked_mul(512));
    let size = match kind {
        Some(kind) if is_single(&kind) => capacity.map_or(Size::Unknown, Size::Bytes),
        _ => Size::Bytes(0),
    };
    found(complete, violations, size)
}

/// It has given up on a header that it does not take.
fn found_until(stopped_at: Option<u64>) -> Found {
    match found(true, vec![Code::VmdkDescriptor], Size::Bytes(0)) {
        Found::Match(matched) => Found::Match(Matched {
            stopped_at,
            ..matched
        }),
        other => other,
    }
}

fn found(complete: bool, violations: Vec<Code>, size: Size) -> Found {
    Found::Match(Matched {
        name: "vmdk",
        complete,
        violations,
        size,
        stopped_at: None,
    })
}

/// Whether the first sector is text. Blanks are Python's.
fn is_text(head: &[u8]) -> bool {
    let head = head.get(..512).unwrap_or(head);
    head.iter()
        .all(|b| matches!(b, b' '..=b'~') || is_space(char::from(*b)))
}

fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\x1c'..=' ')
}

/// A descriptor as it is compared: up to the first NUL, in small letters. None when it is not ASCII.
fn ascii(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let bytes = bytes.get(..end)?;
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.is_ascii())?;
    Some(text.to_ascii_lowercase())
}

/// What stands behind `createType="`; without the closing mark, all but the last character.
fn descriptor_type(descriptor: &str) -> Option<String> {
    const KEY: &str = "createtype=\"";
    let start = descriptor.find(KEY)? + KEY.len();
    let rest = descriptor.get(start..)?;
    let kind = match rest.find('"') {
        Some(end) if end >= 64 => return None,
        Some(end) => rest.get(..end)?,
        None => rest.get(..rest.len().saturating_sub(1))?,
    };
    (kind != "formatnotfound").then(|| kind.to_owned())
}

fn is_single(kind: &str) -> bool {
    matches!(kind, "monolithicsparse" | "streamoptimized")
}

/// The checks of the descriptor, in their order; the first that fails ends them.
fn check(descriptor: &str, kind: &str) -> Vec<Code> {
    if descriptor.is_empty() {
        return vec![Code::VmdkDescriptor];
    }
    if !is_single(kind) {
        return vec![Code::VmdkSubformat];
    }
    let mut extents = Vec::new();
    for line in descriptor
        .split('\n')
        .map(|line| line.trim_matches(is_space))
    {
        let key = line.split('=').next().unwrap_or_default();
        let field = line.contains('=') && !key.contains(' ');
        let access = line.split(' ').next().unwrap_or_default();
        if line.is_empty() || line.starts_with('#') || line.starts_with("ddb") || field {
            continue;
        }
        if !matches!(access, "rw" | "rdonly" | "noaccess") {
            return vec![Code::VmdkDescriptor];
        }
        extents.push(line);
    }
    if extents.iter().any(|extent| extent.contains('/')) {
        return vec![Code::VmdkExtentPath];
    }
    if extents.is_empty() {
        return vec![Code::VmdkExtents];
    }
    Vec::new()
}

/// The last three sectors: a marker, the header once more with the grain directory's place, and the end of the stream.
fn footer_is_good(head: &[u8], last: &[u8]) -> bool {
    let footer = last.get(512..).unwrap_or_default();
    let same = be32(head, 0) == be32(footer, 0)
        && le32(head, 4) == le32(footer, 4)
        && le64(head, 28) == le64(footer, 28)
        && le64(head, 36) == le64(footer, 36);
    let marker = |at: usize, kind: u32| {
        let sector = last.get(at..at + 512).unwrap_or_default();
        let rest = sector.get(16..).unwrap_or_default();
        le32(sector, 8) == Some(0) && le32(sector, 12) == Some(kind) && rest.iter().all(|b| *b == 0)
    };
    let end = last.get(1024..1032).unwrap_or_default();
    same && le64(footer, 56) != Some(AT_END)
        && marker(0, 3)
        && marker(1024, 0)
        && end.iter().all(|b| *b == 0)
}
