//! What the lines of a comparison add up to.

use crate::verdict::Compared;

/// What the compared lines say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    /// Everything matches, at least one digest among it.
    Same,
    /// No digest matches.
    Other,
    /// Some match and some do not: no bytes can have all of these values.
    Contradiction,
}

/// Adds up the lines. A virtual size is no statement about the stored bytes and does not count.
pub(crate) fn sum(lines: &[Compared]) -> Sum {
    let digests = || lines.iter().filter(|line| line.algorithm.is_some());
    let size_fits = lines
        .iter()
        .filter(|line| line.what == "size")
        .all(|line| line.matches);
    match (
        digests().any(|line| line.matches),
        digests().all(|line| line.matches),
        size_fits,
    ) {
        (true, true, true) => Sum::Same,
        (true, _, _) => Sum::Contradiction,
        (false, _, _) => Sum::Other,
    }
}
