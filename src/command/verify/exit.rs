//! How a run of `verify` ends: the exit code and the last words, out of all verdicts.

use proof::{Kind, Outcome, Verdict};

use super::is_identical;
use crate::failure::{Exit, Failure, because, code};

/// 0 when all are identical; 1 when any is different; otherwise 6 when any is not to be trusted, 8 when some could
/// not be told and others could, and the reason's own code when nothing could be told.
pub(super) fn of_all(verdicts: &[Verdict]) -> Result<(), Failure> {
    if let [verdict] = verdicts {
        return of_one(verdict);
    }
    let count = |outcome| {
        verdicts
            .iter()
            .filter(|verdict| verdict.verdict == outcome)
            .count()
    };
    let (different, undecided) = (count(Outcome::Different), count(Outcome::Undecided));
    let kinds = || {
        verdicts
            .iter()
            .filter(|v| v.verdict == Outcome::Undecided)
            .filter_map(Verdict::kind)
    };
    let exit = match kinds().next() {
        _ if different > 0 => Exit::No,
        None => return Ok(()),
        Some(_) if kinds().any(|kind| kind == Kind::NotTrusted) => Exit::Untrusted,
        Some(first) if undecided == verdicts.len() && kinds().all(|kind| kind == first) => {
            code(first)
        }
        Some(_) => Exit::Partly,
    };
    let of = verdicts.len();
    let mut parts = Vec::new();
    if different > 0 {
        parts.push(format!(
            "{different} of {of} images differ from their originals"
        ));
    }
    if undecided > 0 {
        parts.push(format!("{undecided} of {of} images could not be decided"));
    }
    let bad = verdicts.iter().filter(|verdict| !is_identical(verdict));
    let lines = bad.map(|verdict| format!("{}: {}", verdict.asked, message(verdict)));
    Err(lines.fold(Failure::new(exit, parts.join(", ")), Failure::cause))
}

fn of_one(verdict: &Verdict) -> Result<(), Failure> {
    let Some(reason) = &verdict.reason else {
        return Ok(());
    };
    let message = match verdict.verdict {
        Outcome::Different => format!(
            "`{}` is not a true copy of its original: {}",
            verdict.asked, reason.message
        ),
        _ => format!("`{}`: {}", verdict.asked, reason.message),
    };
    let failure = because(reason, message);
    let rebuilt =
        verdict.verdict == Outcome::Different && failure.hint.is_none() && verdict.image.is_some();
    Err(if rebuilt {
        let image = verdict.image.as_ref().map_or("", |image| &image.id);
        failure.hint(format!("who made it, and when: `ectype image show {image} -c owner -c created_at -c updated_at`"))
    } else {
        failure
    })
}

fn message(verdict: &Verdict) -> &str {
    verdict.reason.as_ref().map_or("", |reason| &reason.message)
}

#[cfg(test)]
mod tests {
    use proof::{Code, Level, Reason};

    use super::*;

    fn verdict(code: Option<Code>) -> Verdict {
        let verdict = Verdict::begun("x", Level::Record, jiff::Timestamp::UNIX_EPOCH);
        match code {
            None => verdict.identical(),
            Some(Code::DigestsDiffer) => verdict.different(Reason::new(Code::DigestsDiffer, "m")),
            Some(code) => verdict.undecided(Reason::new(code, "m")),
        }
    }

    fn exit(codes: &[Option<Code>]) -> u8 {
        let verdicts: Vec<_> = codes.iter().map(|code| verdict(*code)).collect();
        of_all(&verdicts)
            .err()
            .map_or(0, |failure| failure.exit as u8)
    }

    #[test]
    fn one_is_only_ever_the_answer_no() {
        use Code::{DigestsDiffer, ManifestDisagrees, SourceGone, SourceUnreachable};
        let (no, untrusted) = (Some(DigestsDiffer), Some(ManifestDisagrees));
        let (gone, unreachable) = (Some(SourceGone), Some(SourceUnreachable));
        for (codes, expected) in [
            (vec![None], 0),
            (vec![None, None], 0),
            (vec![], 0),
            (vec![no], 1),
            (vec![None, no, untrusted, gone], 1),
            (vec![None, untrusted, gone], 6),
            (vec![untrusted], 6),
            (vec![None, gone], 8),
            (vec![gone, unreachable], 8),
            (vec![gone, gone], 5),
            (vec![gone], 5),
            (vec![unreachable], 7),
        ] {
            assert_eq!(exit(&codes), expected, "{codes:?}");
        }
    }
}
