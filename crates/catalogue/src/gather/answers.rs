//! Who is asked and who has answered, while vendors are asked.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// How far vendors are with their answers. A family counts once, whatever many pages of it are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// How many families something is wanted of.
    pub families: usize,
    /// How many of them have told all of it, or why not.
    pub answered: usize,
    /// Those that are asked now, by name.
    pub asked: Vec<String>,
}

/// What is still wanted of each family, and who is told when that changes.
pub(super) struct Roll<'a> {
    families: RefCell<BTreeMap<String, Left>>,
    watch: &'a dyn Fn(Answers),
}

#[derive(Default)]
struct Left {
    looks: usize,
    begun: bool,
}

impl<'a> Roll<'a> {
    /// One look at each of these families; one that is named twice is looked at twice.
    pub(super) fn new<'b>(
        families: impl IntoIterator<Item = &'b str>,
        watch: &'a dyn Fn(Answers),
    ) -> Self {
        let mut all: BTreeMap<String, Left> = BTreeMap::new();
        for family in families {
            all.entry(family.to_owned()).or_default().looks += 1;
        }
        Self {
            families: RefCell::new(all),
            watch,
        }
    }

    /// A look at this family begins.
    pub(super) fn begin(&self, family: &str) {
        self.change(family, |left| !std::mem::replace(&mut left.begun, true));
    }

    /// A look at this family has ended.
    pub(super) fn end(&self, family: &str) {
        self.change(family, |left| {
            left.looks = left.looks.saturating_sub(1);
            left.looks == 0
        });
    }

    fn change(&self, family: &str, change: impl FnOnce(&mut Left) -> bool) {
        let mut families = self.families.borrow_mut();
        if !families.get_mut(family).is_some_and(change) {
            return;
        }
        let asked = families
            .iter()
            .filter(|(_, left)| left.begun && left.looks > 0);
        let answers = Answers {
            families: families.len(),
            answered: families.values().filter(|left| left.looks == 0).count(),
            asked: asked.map(|(name, _)| name.clone()).collect(),
        };
        drop(families);
        (self.watch)(answers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_has_answered_when_the_last_look_at_it_has_ended() {
        let told = RefCell::new(Vec::new());
        let watch = |answers: Answers| {
            let said = (answers.answered, answers.families, answers.asked.join(" "));
            told.borrow_mut().push(said);
        };
        let roll = Roll::new(["debian", "fedora", "debian"], &watch);
        for family in ["debian", "debian", "fedora"] {
            roll.begin(family);
        }
        for family in ["debian", "fedora", "debian"] {
            roll.end(family);
        }
        let told = told.into_inner();
        let told: Vec<(usize, usize, &str)> = told
            .iter()
            .map(|(done, all, asked)| (*done, *all, asked.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (0, 2, "debian"),
                (0, 2, "debian fedora"),
                (1, 2, "debian"),
                (2, 2, "")
            ]
        );
    }
}
