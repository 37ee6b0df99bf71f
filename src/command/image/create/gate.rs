//! The safety gate: what must not reach a cloud is refused before the image's record is made, and what only the last bytes
//! show before the last bytes are sent.

use disk::Look;
use disk::inspect::{Code, Declared, Finding, Inspection, Refused, Severity, gate};

use super::plan::Plan;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// What the record will say of the bytes that are sent.
pub(super) fn declared(plan: &Plan, container: &str) -> Declared {
    Declared {
        container_format: container.to_owned(),
        ..Declared::bare(plan.format)
    }
}

/// Refuses a file by what is known of it before it is sent, and warns of what is odd about it.
///
/// # Errors
/// A finding that refuses it: Glance's own or ectype's.
pub(super) fn before(
    context: &Context,
    look: &Look,
    plan: &Plan,
    container: &str,
) -> Result<(), Failure> {
    if plan.rebuilt() {
        // Glance will see the disk and not this file; whether the file is one whole disk its reader decides.
        let own = Declared::bare(look.format.glance_name());
        let findings = look.inspection.findings(&own);
        let two_things = |finding: &Finding| finding.code == Code::SeveralFormats;
        return match findings.iter().any(two_things) {
            true => Err(failure(findings.into_iter().filter(two_things))),
            false => Ok(()),
        };
    }
    pass(context, &look.inspection, &declared(plan, container))
}

/// Refuses what was found, or warns of it.
///
/// # Errors
/// As [`before`].
pub(super) fn pass(
    context: &Context,
    inspection: &Inspection,
    declared: &Declared,
) -> Result<(), Failure> {
    let passed = gate(inspection, declared).map_err(|refused| refusal(&refused))?;
    for finding in passed.warnings() {
        // What is unpacked on its way is not packed any more, and a footer is left out.
        if !matches!(finding.code, Code::Packed | Code::FixedVhd) {
            context.warn(&line(finding));
        }
    }
    Ok(())
}

/// The gate's refusal, for a person.
pub(super) fn refusal(refused: &Refused) -> Failure {
    let refusing = refused.findings().iter().cloned();
    failure(refusing.filter(|finding| finding.severity > Severity::Warning))
}

fn failure(findings: impl Iterator<Item = Finding>) -> Failure {
    let mut failure = Failure::new(Exit::Untrusted, "the file must not be sent to a cloud");
    let mut advice = None;
    for finding in findings {
        failure = failure.cause(line(&finding));
        advice = advice.or(Some(finding.code.advice()));
    }
    match advice {
        Some(advice) => failure.hint(advice),
        None => failure,
    }
}

/// `backing-file (CVE-2015-5163): the image names a backing file …: base.qcow2`
fn line(finding: &Finding) -> String {
    let code = finding.code;
    let cve = code
        .cve()
        .map_or_else(String::new, |cve| format!(" ({cve})"));
    let detail = finding.detail.iter().map(|detail| format!(": {detail}"));
    let detail: String = detail.collect();
    format!("{}{cve}: {}{detail}", code.code(), code.meaning())
}
