//! What a VMDK says: its sparse header and its descriptor (VMware's "Virtual Disk Format 5.0").

use super::super::fields::{le16, le32, le64, text};
use super::super::finding::Code;
use super::super::seen::Seen;
use super::Facts;

const SECTOR: u64 = 512;
/// "The grain directory is told by the footer."
const AT_END: u64 = u64::MAX;
/// A descriptor is read up to here, as QEMU does.
const DESCRIPTOR: usize = (1 << 20) - 1;

pub(super) fn read(seen: &Seen, facts: &mut Facts) {
    let head = seen.head();
    if head.starts_with(b"KDMV") {
        return sparse(seen, facts);
    }
    if head.starts_with(b"COWD") || !head.iter().take(16).all(u8::is_ascii) {
        let kind = if head.starts_with(b"COWD") {
            "vmfsSparse"
        } else {
            "seSparse"
        };
        facts.feature("subformat", kind);
        return facts.refuse(Code::VmdkSubformat, kind);
    }
    let descriptor = Descriptor::read(head.get(..DESCRIPTOR).unwrap_or(head));
    facts.feature("subformat", descriptor.kind.clone());
    let files: Vec<&str> = descriptor
        .extents
        .iter()
        .filter_map(|extent| extent.split('"').nth(1))
        .collect();
    let detail = match files.as_slice() {
        [] => descriptor.kind.clone(),
        files => format!("names `{}`", files.join("`, `")),
    };
    facts.refuse(Code::VmdkText, detail);
    descriptor.check(facts);
}

fn sparse(seen: &Seen, facts: &mut Facts) {
    let head = seen.head();
    let version = le32(head, 4).unwrap_or(0);
    let flags = le32(head, 8).unwrap_or(0);
    facts.virtual_size = le64(head, 12).and_then(|sectors| sectors.checked_mul(SECTOR));
    facts.feature("version", version.to_string());
    let grain = le64(head, 20).and_then(|sectors| sectors.checked_mul(SECTOR));
    facts.feature("grain size", grain.unwrap_or(0).to_string());
    facts.feature(
        "compression",
        match (flags & (1 << 16) != 0, le16(head, 77)) {
            (true, Some(1)) => "deflate",
            (true, _) => "unknown",
            (false, _) => "none",
        },
    );
    let (start, len) = (le64(head, 28).unwrap_or(0), le64(head, 36).unwrap_or(0));
    let place = start.checked_mul(SECTOR).zip(len.checked_mul(SECTOR));
    let bytes = place.and_then(|(start, len)| {
        let len = usize::try_from(len).unwrap_or(DESCRIPTOR).min(DESCRIPTOR);
        seen.bytes(start, len)
    });
    let known = (1..=3).contains(&version) && facts.virtual_size.is_some();
    if !known {
        facts.refuse(
            Code::Corrupt,
            format!("version {version}, {} sectors", le64(head, 12).unwrap_or(0)),
        );
    }
    match bytes.filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => {
            let descriptor = Descriptor::read(bytes);
            facts.feature("subformat", descriptor.kind.clone());
            if !matches!(
                descriptor.kind.to_ascii_lowercase().as_str(),
                "monolithicsparse" | "streamoptimized"
            ) {
                facts.refuse(Code::VmdkSubformat, format!("`{}`", descriptor.kind));
            }
            descriptor.check(facts);
        }
        None if seen.len().is_some() => facts.refuse(Code::VmdkDescriptor, "there is none"),
        None => {}
    }
    let directory = le64(head, 56).unwrap_or(0);
    if directory != AT_END {
        facts.needs(
            "the grain directory",
            directory
                .checked_mul(SECTOR)
                .and_then(|at| at.checked_add(4)),
            seen,
        );
    }
}

/// A descriptor's lines that matter.
struct Descriptor {
    kind: String,
    parent: Option<String>,
    extents: Vec<String>,
}

impl Descriptor {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        let mut found = Self {
            kind: String::new(),
            parent: None,
            extents: Vec::new(),
        };
        let lines = bytes.get(..end).unwrap_or_default().split(|b| *b == b'\n');
        for line in lines.map(text).filter(|line| !line.starts_with('#')) {
            let lower = line.to_ascii_lowercase();
            let value = || {
                line.split_once('=')
                    .map(|(_, value)| value.trim().trim_matches('"').to_owned())
            };
            if lower.starts_with("createtype") && found.kind.is_empty() {
                found.kind = value().unwrap_or_default();
            } else if lower.starts_with("parentfilenamehint") {
                found.parent = value();
            } else if lower.starts_with("parentcid") && found.parent.is_none() {
                found.parent = value()
                    .filter(|id| !id.eq_ignore_ascii_case("ffffffff"))
                    .map(|id| format!("CID {id}"));
            } else if ["rw ", "rdonly ", "noaccess "]
                .iter()
                .any(|access| lower.starts_with(access))
            {
                found.extents.push(line);
            }
        }
        found
    }

    fn check(&self, facts: &mut Facts) {
        if let Some(parent) = &self.parent {
            facts.refuse(Code::VmdkParent, format!("`{parent}`"));
        }
        if let Some(extent) = self
            .extents
            .iter()
            .find(|extent| extent.contains(['/', '\\']))
        {
            facts.refuse(Code::VmdkExtentPath, format!("`{extent}`"));
        }
        let in_file = |extent: &String| {
            extent
                .split_whitespace()
                .nth(2)
                .is_some_and(|kind| kind.eq_ignore_ascii_case("SPARSE"))
        };
        match self.extents.as_slice() {
            [one] if in_file(one) => {}
            [one] => facts.refuse(Code::VmdkExtents, format!("`{one}`")),
            extents => facts.refuse(Code::VmdkExtents, extents.len().to_string()),
        }
    }
}
