//! The gate: an inspection becomes permission to go on, or the reasons against it.

use super::finding::{Finding, Severity};
use super::glance::Declared;
use super::inspection::Inspection;
use super::kind::Kind;

/// Permission for a file to go on under the format that it was declared as. Only [`gate`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    declared: Declared,
    kind: Kind,
    virtual_size: Option<u64>,
    warnings: Vec<Finding>,
}

impl Passed {
    /// Under which formats it may go on.
    #[must_use]
    pub fn declared(&self) -> &Declared {
        &self.declared
    }

    /// The format that was found.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes of the disk, where the headers tell.
    #[must_use]
    pub fn virtual_size(&self) -> Option<u64> {
        self.virtual_size
    }

    /// What is worth knowing all the same.
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}

/// The file must not go on: at least one finding refuses it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file is refused: {}", self.reasons())]
pub struct Refused {
    findings: Vec<Finding>,
}

impl Refused {
    /// All findings, the worst first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    fn reasons(&self) -> String {
        let refusing = self
            .findings
            .iter()
            .filter(|f| f.severity > Severity::Warning);
        let codes: Vec<&str> = refusing.map(|finding| finding.code.code()).collect();
        codes.join(", ")
    }
}

/// Lets a file pass under the format that it is declared as, unless Glance or ectype refuses it.
///
/// Call it with [`Inspector::so_far`](super::Inspector::so_far) before the image's record is made, when its bytes come
/// only once, and again with the finished inspection before the image is trusted; with the finished one alone, where
/// the file can be read beforehand.
///
/// # Errors
/// The findings, when one of them refuses the file.
pub fn gate(inspection: &Inspection, declared: &Declared) -> Result<Passed, Refused> {
    let findings = inspection.findings(declared);
    if findings
        .iter()
        .any(|finding| finding.severity > Severity::Warning)
    {
        return Err(Refused { findings });
    }
    Ok(Passed {
        declared: declared.clone(),
        kind: inspection.kind,
        virtual_size: inspection.virtual_size,
        warnings: findings,
    })
}
