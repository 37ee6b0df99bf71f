//! A set of byte ranges.

use std::collections::BTreeMap;
use std::ops::Range;

/// Ranges that neither overlap nor adjoin: start to end.
#[derive(Debug, Default)]
pub(crate) struct Intervals(BTreeMap<u64, u64>);

impl Intervals {
    pub(crate) fn insert(&mut self, range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let Range { mut start, mut end } = range;
        while let Some((low, high)) = self.0.range(..=end).next_back().map(|(l, h)| (*l, *h)) {
            if high < start {
                break;
            }
            start = start.min(low);
            end = end.max(high);
            self.0.remove(&low);
        }
        self.0.insert(start, end);
    }

    /// The part of the set that begins at `at` or around it.
    pub(crate) fn around(&self, at: u64) -> Option<Range<u64>> {
        self.0
            .range(..=at)
            .next_back()
            .filter(|(_, end)| at < **end)
            .map(|(start, end)| *start..*end)
    }

    /// What of `range` is not in the set.
    pub(crate) fn gaps(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut at = range.start;
        let before = self.around(at);
        let inside = self.0.range(at..range.end).map(|(start, end)| *start..*end);
        for taken in before.into_iter().chain(inside) {
            if taken.start > at {
                gaps.push(at..taken.start);
            }
            at = at.max(taken.end);
        }
        if at < range.end {
            gaps.push(at..range.end);
        }
        gaps
    }

    /// Forgets everything before `at`.
    pub(crate) fn forget_before(&mut self, at: u64) {
        let rest = self.around(at).map(|r| at..r.end);
        self.0 = self.0.split_off(&at);
        if let Some(rest) = rest {
            self.insert(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Intervals;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn gaps_are_exactly_what_was_not_inserted(
            ranges in prop::collection::vec((0_u8..60, 0_u8..12), 0..12), cut in 0_u8..60,
        ) {
            let mut set = Intervals::default();
            let mut cells = [false; 80];
            for (start, len) in ranges {
                set.insert(u64::from(start)..u64::from(start + len));
                cells[usize::from(start)..usize::from(start + len)].fill(true);
            }
            set.forget_before(cut.into());
            let mut seen = [true; 80];
            for gap in set.gaps(cut.into()..80) {
                gap.for_each(|at| seen[usize::try_from(at).unwrap()] = false);
            }
            prop_assert_eq!(&seen[usize::from(cut)..], &cells[usize::from(cut)..]);
        }
    }
}
