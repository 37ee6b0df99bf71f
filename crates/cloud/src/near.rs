//! Names that are spelled nearly like another.

/// Up to `most` of the names that are nearest to `wanted`, best first; none that is far off.
pub(crate) fn near<'a>(
    wanted: &str,
    names: impl Iterator<Item = &'a str>,
    most: usize,
) -> Vec<String> {
    let folded = fold(wanted);
    let mut scored: Vec<(usize, &str)> = names
        .filter_map(|name| Some((score(&folded, &fold(name))?, name)))
        .collect();
    scored.sort();
    scored.dedup_by(|one, other| one.1 == other.1);
    scored
        .into_iter()
        .take(most)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Letters and digits alone, in lower case: `Debian-13` and `debian 13` are the same.
fn fold(name: &str) -> Vec<char> {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .take(64)
        .collect()
}

/// How far apart two folded names are; `None` is too far. One that begins with the other is near.
fn score(wanted: &[char], name: &[char]) -> Option<usize> {
    if wanted.is_empty() || name.is_empty() {
        return None;
    }
    let distance = distance(wanted, name);
    let prefix = name.starts_with(wanted) || wanted.starts_with(name);
    let allowed = 1 + wanted.len() / 4;
    match (distance <= allowed, prefix) {
        (true, _) => Some(distance),
        (false, true) => Some(allowed + 1 + wanted.len().abs_diff(name.len())),
        (false, false) => None,
    }
}

/// Levenshtein's distance: insertions, deletions, replacements.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, above) in other.iter().zip(row.iter().skip(1)) {
            left = (above + 1)
                .min(left + 1)
                .min(diagonal + usize::from(a != b));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::near;

    const NAMES: &[&str] = &[
        "Debian 12",
        "Debian 13",
        "debian-13",
        "Ubuntu 24.04",
        "Ubuntu 24.04 minimal",
        "",
        "Rocky 9",
    ];

    fn found(wanted: &str) -> Vec<String> {
        near(wanted, NAMES.iter().copied(), 3)
    }

    #[test]
    fn names_that_are_nearly_right_are_offered_best_first() {
        assert_eq!(found("debian 13"), ["Debian 13", "debian-13", "Debian 12"]);
        assert_eq!(found("Ubunut 24.04"), ["Ubuntu 24.04"]);
        assert_eq!(found("Ubuntu"), ["Ubuntu 24.04", "Ubuntu 24.04 minimal"]);
        assert_eq!(found("rocky"), ["Rocky 9"]);
    }

    #[test]
    fn names_that_are_far_off_are_not() {
        assert!(found("Fedora 43").is_empty());
        assert!(found("").is_empty());
        assert!(found(&"x".repeat(100_000)).is_empty());
    }
}
