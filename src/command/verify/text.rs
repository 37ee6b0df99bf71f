//! A verdict for people.

use std::fmt::Write as _;
use std::time::Duration;

use proof::{Outcome, Verdict};

use crate::output::human::{duration, size};
use crate::output::visible;

mod evidence;

use evidence::{checksum, signature};

/// Whether colours are used.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) colour: bool,
}

/// How many differing ranges are shown; all that are known are in the JSON form.
const RANGES: usize = 5;

impl Look {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The verdict line and what belongs to it, each line ended.
pub(super) fn verdict(verdict: &Verdict, look: Look) -> String {
    let (word, colour) = match verdict.verdict {
        Outcome::Identical => ("identical", "32"),
        Outcome::Different => ("DIFFERENT", "1;31"),
        Outcome::Undecided => ("undecided", "33"),
    };
    let mut out = format!(
        "{:<38}{}   {}\n",
        visible(&verdict.asked),
        look.paint(colour, word),
        summary(verdict)
    );
    let evidence = verdict.evidence.as_ref();
    let mut lines = vec![
        ("vendor", original(verdict)),
        (
            "checksum",
            evidence.map(|evidence| checksum(verdict, evidence)),
        ),
        ("signature", evidence.and_then(signature)),
        ("cloud", cloud(verdict)),
    ];
    lines.extend(
        recorded(verdict)
            .into_iter()
            .map(|line| ("recorded", Some(line))),
    );
    lines.extend([("stored", stored(verdict)), ("differs", differs(verdict))]);
    lines.extend(
        verdict
            .remarks
            .iter()
            .map(|remark| ("note", Some(remark.clone()))),
    );
    lines.extend(verdict.warnings.iter().map(|warning| {
        let text = format!("{}: {}", warning.code.name(), warning.message);
        ("warning", Some(text))
    }));
    lines.push(("level", Some(level(verdict).to_owned())));
    // Where nothing was told, everything is unproven.
    let told = verdict.verdict != Outcome::Undecided;
    lines.extend(
        verdict
            .does_not_prove
            .iter()
            .filter(|_| told)
            .map(|what| ("unproven", Some((*what).to_owned()))),
    );
    for (name, text) in lines {
        if let Some(text) = text {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {name:<9} {}", visible(&text));
        }
    }
    out
}

/// What stands behind the verdict's word.
fn summary(verdict: &Verdict) -> String {
    match (&verdict.reason, verdict.verdict) {
        (Some(reason), Outcome::Undecided) => visible(&reason.message).into_owned(),
        (_, Outcome::Different) => match verdict
            .stored
            .as_ref()
            .and_then(|stored| stored.first_difference)
        {
            Some(first) => format!("first difference at byte {}", grouped(first)),
            None => "the recorded digests are not the original's".to_owned(),
        },
        _ => pace(verdict).unwrap_or_default(),
    }
}

/// `3.0 GiB in 41 s (75.0 MiB/s)`.
fn pace(verdict: &Verdict) -> Option<String> {
    let original = verdict.original.as_ref()?;
    let bytes = original
        .disk
        .as_ref()
        .or(original.file.as_ref())
        .map(|contents| contents.size);
    let bytes = bytes.or(verdict.stored.as_ref().map(|stored| stored.size))?;
    let span = Duration::try_from_secs_f64(verdict.seconds?).ok()?;
    if span < Duration::from_secs(1) {
        return Some(format!("{} in less than 1 s", size(bytes)));
    }
    let rate = u128::from(bytes)
        .checked_mul(1000)?
        .checked_div(span.as_millis())?;
    Some(format!(
        "{} in {} ({}/s)",
        size(bytes),
        duration(span),
        size(u64::try_from(rate).ok()?)
    ))
}

fn original(verdict: &Verdict) -> Option<String> {
    let original = verdict.original.as_ref()?;
    let mut text = match original.address.split_once("://") {
        Some((scheme, rest)) => {
            let path = rest.split(['?', '#']).next().unwrap_or(rest);
            let (host, path) = path.split_once('/').unwrap_or((path, ""));
            let name = path.rsplit('/').next().unwrap_or(path);
            let plain = if scheme == "http" {
                " (plain HTTP)"
            } else {
                ""
            };
            format!("{host}{plain}, {name}")
        }
        None => original.address.clone(),
    };
    if let Some(host) = &original.redirected_to {
        let _ = write!(text, ", from {host}");
    }
    if let Some(file) = &original.file {
        let _ = write!(text, ", {} bytes", file.size);
    }
    Some(text)
}

fn cloud(verdict: &Verdict) -> Option<String> {
    let image = verdict.image.as_ref()?;
    let format = image.disk_format.as_deref().unwrap_or("no format");
    let size = image
        .size
        .map_or_else(|| "no data".to_owned(), |bytes| format!("{bytes} bytes"));
    let status = if image.status == "active" {
        String::new()
    } else {
        format!(", {}", image.status)
    };
    Some(format!("{}, {format}, {size}{status}", image.id))
}

/// The recorded digests, those that match and those that do not.
fn recorded(verdict: &Verdict) -> Vec<String> {
    let whose = |of| match (of, verdict.layer) {
        (proof::Of::Stored, _) => "the stored bytes".to_owned(),
        (proof::Of::Original, Some(disk::Layer::File)) => "the original".to_owned(),
        (proof::Of::Original, Some(layer)) => {
            format!("the original's {} bytes", proof::judge::layer_name(layer))
        }
        (proof::Of::Original, None) => "the original".to_owned(),
    };
    let mut lines = Vec::new();
    for (of, matches) in [
        (proof::Of::Stored, true),
        (proof::Of::Stored, false),
        (proof::Of::Original, true),
        (proof::Of::Original, false),
    ] {
        let these = verdict
            .compared
            .iter()
            .filter(|line| line.of == of && line.matches == matches);
        let named: Vec<String> = these
            .filter(|line| line.algorithm.is_some() || !matches)
            .map(|line| {
                format!(
                    "{} {}",
                    line.algorithm.unwrap_or(line.what),
                    shortened(&line.recorded)
                )
            })
            .collect();
        if !named.is_empty() {
            let word = match (named.len(), matches) {
                (1, true) => "matches",
                (_, true) => "match",
                (1, false) => "is NOT that of",
                (_, false) => "are NOT those of",
            };
            lines.push(format!("{} {word} {}", named.join(", "), whose(of)));
        }
    }
    lines
}

fn stored(verdict: &Verdict) -> Option<String> {
    let stored = verdict.stored.as_ref()?;
    let digest = stored.digests.iter().next_back();
    let digest = digest.map(|(algorithm, digest)| format!(", {algorithm} {}", shortened(digest)));
    Some(format!(
        "{} bytes read{}",
        stored.size,
        digest.unwrap_or_default()
    ))
}

fn differs(verdict: &Verdict) -> Option<String> {
    let stored = verdict
        .stored
        .as_ref()
        .filter(|stored| stored.differing_bytes > 0)?;
    let shown = stored.ranges.iter().take(RANGES);
    let shown: Vec<String> = shown.map(|[from, to]| range(*from, *to)).collect();
    let more = (stored.ranges.len() as u64).saturating_sub(shown.len() as u64) + stored.more_ranges;
    let more = if more > 0 {
        format!(" and {more} more ranges")
    } else {
        String::new()
    };
    let bytes = if stored.differing_bytes == 1 {
        "1 byte"
    } else {
        &format!("{} bytes", stored.differing_bytes)
    };
    Some(format!("{bytes}: {}{more}", shown.join(", ")))
}

/// The last byte is named, not the one after it.
fn range(from: u64, to: u64) -> String {
    match to.saturating_sub(1) {
        last if last > from => format!("{}-{}", grouped(from), grouped(last)),
        _ => grouped(from),
    }
}

fn level(verdict: &Verdict) -> &'static str {
    match verdict.level {
        proof::Level::Record => "record",
        proof::Level::Content => "content",
        proof::Level::Device => "device",
    }
}

/// `4f1d…c2a9`: enough to recognise, too little to be pasted by mistake.
fn shortened(digest: &str) -> String {
    match (
        digest.get(..8),
        digest.len().checked_sub(8).and_then(|at| digest.get(at..)),
    ) {
        (Some(start), Some(end)) if digest.len() > 20 => format!("{start}…{end}"),
        _ => digest.to_owned(),
    }
}

/// `1 048 576`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_can_be_read() {
        let all = [0, 999, 1000, 1_048_576].map(grouped);
        assert_eq!(all, ["0", "999", "1 000", "1 048 576"]);
        assert_eq!(range(1000, 1001), "1 000");
        assert_eq!(range(1000, 1003), "1 000-1 002");
    }
}
