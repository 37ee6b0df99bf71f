//! Which of two names of builds is the newer one.

use std::cmp::Ordering;

/// Compares as people do: runs of digits by their number, everything else byte by byte; what goes on is newer than its
/// beginning. `9.10` is newer than `9.8`, `20161020.1` than `20161020`.
pub(crate) fn natural(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one, other);
    loop {
        let (a, rest) = run(one);
        let (b, more) = run(other);
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let order = match (number(a), number(b)) {
            (Some(x), Some(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
            _ => a.cmp(b),
        };
        if order != Ordering::Equal {
            return order;
        }
        (one, other) = (rest, more);
    }
}

/// The digits at the beginning, or what comes before the next digit; and the rest.
fn run(text: &str) -> (&str, &str) {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != digits);
    text.split_at(end.unwrap_or(text.len()))
}

/// A run of digits without its leading zeros. It may be longer than any integer.
fn number(run: &str) -> Option<&str> {
    run.starts_with(|c: char| c.is_ascii_digit())
        .then(|| run.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the order in which their vendors published them.
    #[test]
    fn builds_are_sorted_as_they_were_published() {
        for builds in [
            &["20161020", "20161020.1", "20161021"][..],
            &[
                "9.7-20251118",
                "9.8-20260526",
                "9.8-20260810",
                "9.10-20270101",
            ],
            &["10.1-20251123.0", "10.2-20260525.0", "10.2-20260525.1"],
            &["20260717-999", "20260717-2542", "20260718-2543"],
            &["0.5.2", "0.6.0", "0.6.2", "0.6.3", "0.6.10"],
            &["1.1", "1.4", "1.7", "1.14"],
        ] {
            for pair in builds.windows(2) {
                assert_eq!(natural(pair[0], pair[1]), Ordering::Less, "{pair:?}");
                assert_eq!(natural(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
            }
        }
        assert_eq!(natural("1.07", "1.7"), Ordering::Equal);
    }
}
