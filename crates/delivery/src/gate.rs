//! The safety gate: what must not reach a cloud is refused before the image's record is made, and what only the last bytes
//! show before the last bytes are sent.

use disk::Look;
use disk::inspect::{Code, Declared, Finding, Inspection, Refused, Severity, gate};

use crate::Way;

/// The file must not be sent to a cloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file must not be sent to a cloud")]
pub struct Unfit {
    /// What refuses it: Glance's own rules or ectype's.
    pub findings: Vec<Finding>,
}

impl Unfit {
    pub(crate) fn of(refused: &Refused) -> Self {
        let refusing = refused.findings().iter();
        let refusing = refusing.filter(|finding| finding.severity > Severity::Warning);
        Self {
            findings: refusing.cloned().collect(),
        }
    }

    /// The reasons, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.findings.iter().map(line).collect()
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        self.findings.first().map(|finding| finding.code.advice())
    }
}

/// What the record will say of the bytes that are sent.
#[must_use]
pub fn declared(way: &Way, container: &str) -> Declared {
    Declared {
        container_format: container.to_owned(),
        ..Declared::bare(way.format)
    }
}

/// Lets a file pass by what is known of it before it is sent, with what is odd about it.
///
/// # Errors
/// A finding that refuses it: Glance's own or ectype's.
pub fn before(look: &Look, way: &Way, container: &str) -> Result<Vec<Finding>, Unfit> {
    if way.rebuilt() {
        // Glance will see the disk and not this file; whether the file is one whole disk its reader decides.
        let own = Declared::bare(look.format.glance_name());
        let mut findings = look.inspection.findings(&own);
        findings.retain(|finding| finding.code == Code::SeveralFormats);
        return match findings.is_empty() {
            true => Ok(Vec::new()),
            false => Err(Unfit { findings }),
        };
    }
    pass(&look.inspection, &declared(way, container))
}

/// Lets pass what was inspected, with what is odd about it.
///
/// # Errors
/// As [`before`].
pub fn pass(inspection: &Inspection, declared: &Declared) -> Result<Vec<Finding>, Unfit> {
    let passed = gate(inspection, declared).map_err(|refused| Unfit::of(&refused))?;
    // What is unpacked on its way is not packed any more, and a footer is left out.
    let odd = passed
        .warnings()
        .iter()
        .filter(|finding| !matches!(finding.code, Code::Packed | Code::FixedVhd));
    Ok(odd.cloned().collect())
}

/// `backing-file (CVE-2015-5163): the image names a backing file …: base.qcow2`
#[must_use]
pub fn line(finding: &Finding) -> String {
    let code = finding.code;
    let cve = code
        .cve()
        .map_or_else(String::new, |cve| format!(" ({cve})"));
    let detail = finding.detail.iter().map(|detail| format!(": {detail}"));
    let detail: String = detail.collect();
    format!("{}{cve}: {}{detail}", code.code(), code.meaning())
}
