//! Which of two versions is the newer one.

use std::cmp::Ordering;

/// Compares two texts as versions: runs of digits by their number, everything else byte by byte, and a text that goes
/// on is newer than its beginning. `9.10` is newer than `9.8`, `20161020.1` than `20161020`, `1.14` than `1.4`.
///
/// What is no release (`beta`, `rc1`) is not sorted in: the patterns of a family do not match it.
#[must_use]
pub fn compare(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        let (a, b) = match (one.first(), other.first()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => (*a, *b),
        };
        let order = if a.is_ascii_digit() && b.is_ascii_digit() {
            let (x, rest) = number(one);
            let (y, more) = number(other);
            (one, other) = (rest, more);
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            one = one.get(1..).unwrap_or_default();
            other = other.get(1..).unwrap_or_default();
            a.cmp(&b)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The digits at the beginning, without leading zeros, and what follows them. A number may be longer than any integer.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let start = digits
        .iter()
        .position(|b| *b != b'0')
        .unwrap_or(digits.len());
    (digits.get(start..).unwrap_or_default(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the order in which their vendors published them (`reference` data: known builds of ten families).
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
            &["3.22.4-r0", "3.23.4-r0", "3.23.4-r1", "3.23.10-r0"],
            &["18.7", "18.10", "18.10.1"],
        ] {
            for pair in builds.windows(2) {
                assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
                assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
            }
        }
        assert_eq!(compare("1.07", "1.7"), Ordering::Equal);
        let long = "9".repeat(50);
        assert_eq!(compare(&long, &format!("1{long}")), Ordering::Less);
    }
}
