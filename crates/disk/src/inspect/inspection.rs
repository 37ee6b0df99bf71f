//! The answer: what the file is, and what speaks against it.

use super::boot::Boot;
use super::finding::{Code, Finding, Severity};
use super::format;
use super::glance::{Declared, Evidence, GlanceVerdict, Vhdx};
use super::kind::{self, Kind};
use super::seen::Seen;
use super::table::{Layout, Table};
use crate::limits::MAX_VIRTUAL_SIZE;

/// A property of the format: a version, a size in bytes, a name. Values are safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// What an inspector has found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Bytes of the file; unknown while it has not ended.
    pub size: Option<u64>,
    /// Every format whose signature is there.
    pub kinds: Vec<Kind>,
    /// The one that it is taken for.
    pub kind: Kind,
    /// Bytes of the disk in it, where the headers tell.
    pub virtual_size: Option<u64>,
    /// What else the headers tell.
    pub features: Vec<Feature>,
    /// The partition table of a disk that is not wrapped in a format. For others it is in the decoded disk ([`Eye`]).
    ///
    /// [`Eye`]: super::Eye
    pub table: Option<Table>,
    /// How that disk boots.
    pub boot: Boot,
    max_virtual_size: u64,
    findings: Vec<Finding>,
    evidence: Evidence,
}

impl Inspection {
    pub(super) fn of(seen: &Seen, vhdx: &Vhdx) -> Self {
        let kinds = kind::kinds(seen);
        let kind = kinds.first().copied().unwrap_or(Kind::Raw);
        let facts = format::facts(kind, seen);
        let layout = format::layout(kind, seen);
        let mut inspection = Self {
            size: seen.len(),
            kind,
            virtual_size: facts.virtual_size,
            features: facts.features,
            table: layout.table,
            boot: layout.boot,
            max_virtual_size: MAX_VIRTUAL_SIZE,
            findings: facts.findings,
            evidence: Evidence::of(seen, vhdx),
            kinds,
        };
        inspection.findings.extend(layout.findings);
        if kind::contradict(&inspection.kinds) {
            let names: Vec<&str> = inspection.kinds.iter().map(|kind| kind.title()).collect();
            let finding = Finding::refused(Code::SeveralFormats).with(names.join(", "));
            inspection.findings.push(finding);
        }
        if seen.len() == Some(0) {
            inspection.findings.push(Finding::refused(Code::Empty));
        }
        // A header that is not there yet is not a bad one.
        if inspection.evidence.is_early() {
            inspection.findings.clear();
        }
        // One of a code is enough: the first says it best.
        let mut codes = Vec::new();
        inspection.findings.retain(|finding| {
            let new = !codes.contains(&finding.code);
            codes.push(finding.code);
            new
        });
        inspection
    }

    /// Adds what was found on the disk that the file decodes to.
    pub fn add(&mut self, layout: Layout) {
        self.table = layout.table;
        self.boot = layout.boot;
        self.findings.extend(layout.findings);
    }

    /// Adds that the file ended too early, or was damaged, where only decoding it could tell.
    pub fn add_damage(&mut self, error: &crate::Error) {
        let code = match error {
            crate::Error::Truncated { .. } => Code::Truncated,
            _ => Code::Corrupt,
        };
        if !self.findings.iter().any(|finding| finding.code == code) {
            self.findings
                .push(Finding::refused(code).with(error.to_string()));
        }
    }

    /// Another limit on the size of the disk than [`MAX_VIRTUAL_SIZE`], in bytes.
    #[must_use]
    pub fn with_limit(mut self, max_virtual_size: u64) -> Self {
        self.max_virtual_size = max_virtual_size;
        self
    }

    /// The `disk_format` that fits: of the format that was found, or raw.
    #[must_use]
    pub fn disk_format(&self) -> &'static str {
        self.kind.disk_format().unwrap_or("raw")
    }

    /// What Glance will say when the file comes under this name.
    #[must_use]
    pub fn glance_verdict(&self, declared: &Declared) -> GlanceVerdict {
        self.evidence.verdict(declared)
    }

    /// Everything that speaks against the file under this name, the worst first.
    #[must_use]
    pub fn findings(&self, declared: &Declared) -> Vec<Finding> {
        let mut found = self.findings.clone();
        if let Some(size) = self
            .virtual_size
            .filter(|size| *size > self.max_virtual_size)
        {
            let detail = format!("{size} bytes, the limit is {}", self.max_virtual_size);
            found.push(Finding::refused(Code::AbsurdSize).with(detail));
        }
        let verdict = self.glance_verdict(declared);
        self.as_declared(declared, &verdict, &mut found);
        if let GlanceVerdict::Refused { codes } = &verdict {
            for code in codes {
                match found.iter_mut().find(|finding| finding.code == *code) {
                    Some(finding) => finding.severity = Severity::Glance,
                    None => found.push(Finding {
                        code: *code,
                        severity: Severity::Glance,
                        detail: None,
                    }),
                }
            }
        }
        found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        found
    }

    /// What the declaration adds: that it is not what the bytes are, or that nobody looks.
    fn as_declared(&self, declared: &Declared, verdict: &GlanceVerdict, found: &mut Vec<Finding>) {
        let bare = declared.container_format == "bare";
        if *verdict == GlanceVerdict::NotInspected && bare {
            found.push(Finding::refused(Code::Uninspected));
        }
        let natural = self.kind.disk_format();
        let declared = declared.disk_format.as_str();
        let early = self.evidence.is_early();
        if early || !bare || self.kind.is_packing() || natural == Some(declared) {
            return;
        }
        let detail = format!("declared {declared}, found {}", self.kind.title());
        let known = ["qcow2", "vhd", "vhdx", "vmdk", "vdi", "iso", "gpt"].contains(&declared);
        // A raw disk in words that nobody can check (ami, ploop) is let through, as Glance does.
        match (declared, self.kind) {
            ("gpt", Kind::Gpt | Kind::Mbr) => {}
            // An ISO is a disk as it is. What has no name in Glance is refused for what it is, where it must be.
            ("raw", Kind::Iso) => {}
            ("raw", _) if natural.is_none() => {}
            ("raw", _) => found.push(Finding::refused(Code::DeclaredRaw).with(detail)),
            _ if known || natural != Some("raw") => {
                found.push(Finding::refused(Code::FormatMismatch).with(detail));
            }
            _ => {}
        }
    }
}
