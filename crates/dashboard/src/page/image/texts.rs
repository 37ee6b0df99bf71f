//! The sentences on the page of an image.

use origin::life::Support;
use proof::{Outcome, Verdict};
use wire::image::Image;

use crate::proving::{Standing, why};
use crate::view::facts::{Facts, Maker};
use crate::view::list::Row;
use crate::view::words::{sentence, span, support_kind, time};

/// Who made it.
pub(super) fn maker(image: &Image, facts: &Facts) -> String {
    let owner = image.owner.as_deref().unwrap_or("nobody");
    match &facts.maker {
        Maker::Ectype {
            definition,
            build,
            state,
        } => format!(
            "Put here by ectype for the definition “{definition}”, build {build}, state {state}, in project {owner}; so the record says."
        ),
        Maker::Snapshot { of } if of.is_empty() => {
            format!(
                "A snapshot of a machine, in project {owner}. It has no original to compare with."
            )
        }
        Maker::Snapshot { of } => format!(
            "A snapshot of the machine {of}, in project {owner}. It has no original to compare with."
        ),
        Maker::Copied => {
            format!("Put here by project {owner}, which names an original (image_source).")
        }
        Maker::Somebody => format!("Put here by project {owner}, which names no original."),
    }
}

/// The verdict's word, its colour, and the sentence behind it.
pub(super) fn verdict(standing: &Standing) -> (&'static str, &'static str, String) {
    match standing {
        Standing::Unknown => (
            "Not verified here",
            "none",
            "What is known below is what the record says of itself.".to_owned(),
        ),
        Standing::Waiting => ("Waiting", "info", "Other images come first.".to_owned()),
        Standing::Running(None) => (
            "Verifying",
            "info",
            "The original is being looked at.".to_owned(),
        ),
        Standing::Running(Some(percent)) => (
            "Verifying",
            "info",
            format!("{percent} % of the original has been read."),
        ),
        Standing::Done(verdict, _) => {
            let (word, class) = match verdict.verdict {
                Outcome::Identical if !standing.caution().is_empty() => {
                    ("Identical, with a caution", "warn")
                }
                Outcome::Identical => ("Identical", "good"),
                Outcome::Different => ("Different", "bad"),
                Outcome::Undecided => ("Undecided", "warn"),
            };
            (word, class, sentence(&why(verdict)))
        }
    }
}

/// What else a verdict says: the colour of each line, and the line. What is to be minded comes first.
pub(super) fn more(verdict: &Verdict) -> Vec<(&'static str, String)> {
    let warnings = verdict.warnings.iter().map(|warning| {
        let text = format!("warning, {}: {}", warning.code.name(), warning.message);
        ("warn", sentence(&text))
    });
    let mut lines: Vec<_> = warnings.collect();
    let mut add = |text: &str| lines.push(("", sentence(text)));
    if let Some(reason) = &verdict.reason {
        add(&format!("reason: {}", reason.code));
        reason.causes.iter().for_each(|cause| add(cause));
    }
    if let Some(evidence) = &verdict.evidence {
        add(&format!(
            "evidence that the original is the vendor’s: {}",
            evidence.class
        ));
    }
    verdict.remarks.iter().for_each(|remark| add(remark));
    if verdict.verdict != Outcome::Undecided {
        let unproven = verdict.does_not_prove.iter();
        unproven.for_each(|what| add(&format!("not proven: {what}")));
    }
    let asked = time(&verdict.checked_at);
    add(&format!("level: record. Asked for on {asked}"));
    lines
}

pub(super) fn built(row: &Row) -> String {
    match (row.facts.promise.built, row.facts.promise.age) {
        (Some(day), Some(age)) => match row.facts.promise.period {
            Some(period) => format!(
                "{day}, {} ago; promised at least every {}",
                span(age),
                span(period)
            ),
            None => format!("{day}, {} ago", span(age)),
        },
        _ => match row.day {
            Some(day) => format!("not told; the record was made on {day}"),
            None => "not told".to_owned(),
        },
    }
}

pub(super) fn support(support: &Support) -> String {
    match support {
        Support::Unknown => "not known".to_owned(),
        Support::Old => "ended long ago".to_owned(),
        Support::Ahead { released } => format!("the release comes out on {released}"),
        Support::Until { end, days } => format!(
            "{} support until {}, {} left ({})",
            support_kind(&end.kind),
            end.date,
            span(i64::from(*days)),
            end.source
        ),
        Support::Ended { end } => {
            format!(
                "{} support ended on {} ({})",
                support_kind(&end.kind),
                end.date,
                end.source
            )
        }
    }
}

/// The id is one word in every shell.
pub(super) fn boot(row: &Row) -> String {
    format!(
        "openstack server create --image {} --flavor FLAVOR --network NETWORK --key-name KEY NAME",
        row.id
    )
}

pub(super) fn boot_hint(image: &Image) -> String {
    let mut needs = Vec::new();
    if image.min_ram > 0 {
        needs.push(format!("{} MiB of memory", image.min_ram));
    }
    if image.min_disk > 0 {
        needs.push(format!("a disk of {} GiB", image.min_disk));
    }
    let mut hint = match needs.is_empty() {
        true => "The record asks for no smallest flavor.".to_owned(),
        false => format!("The flavor needs {} at least.", needs.join(" and ")),
    };
    if let Some(user) = image
        .property("image_original_user")
        .filter(|user| !user.is_empty())
    {
        hint.push_str(&format!(" Log in as “{user}”."));
    }
    if image.status != "active" {
        hint.push_str(&format!(
            " The image is “{}”: no machine can be started from it now.",
            image.status
        ));
    }
    hint
}
