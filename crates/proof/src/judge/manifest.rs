//! Judging an original by the checksum file that is to list it.

use origin::beside::Agreement;

use crate::reason::{Code, Reason};
use crate::verdict::{EvidencePart, Verdict};

/// Turns the answer into "not trusted" when the original is not what the vendor's checksum file lists. What was
/// compared stays to be seen, but a copy of something that is not the vendor's is neither identical nor different.
#[must_use]
pub fn by_manifest(verdict: Verdict, name: &str, agreement: &Agreement) -> Verdict {
    match disagreement(name, agreement, verdict.evidence.as_ref()) {
        Some(reason) => verdict.undecided(reason),
        None => verdict,
    }
}

/// How the original is not what the checksum file lists; `None` when it is.
pub(crate) fn disagreement(
    name: &str,
    agreement: &Agreement,
    evidence: Option<&EvidencePart>,
) -> Option<Reason> {
    let message = match agreement {
        Agreement::Agrees => return None,
        Agreement::OtherLength { listed } => {
            format!("the original has not the {listed} bytes that {name} lists")
        }
        Agreement::OtherDigest { listed } => {
            format!(
                "the original's {} digest is not the one that {name} lists",
                listed.algorithm()
            )
        }
    };
    let manifest = evidence.and_then(|evidence| evidence.manifest.as_ref());
    let hint = if manifest.is_some_and(|manifest| !manifest.address.contains("://")) {
        "see that the checksum file is that of this very build; if it is, do not use this original"
    } else {
        "the vendor may be publishing just now: try again in an hour; if it stays, do not use this file"
    };
    Some(Reason::new(Code::ManifestDisagrees, message).hint(hint))
}
