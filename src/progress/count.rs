//! How far something is that is counted: how many of how many, and what is waited for.

use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::sample::WHOLE;
use crate::output::visible;

/// A count that the work moves on and the board looks at.
#[derive(Debug, Default)]
pub(crate) struct Count(Mutex<Counted>);

/// A count at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// How many are done.
    pub(crate) done: usize,
    /// How many there are.
    pub(crate) total: usize,
    /// What is waited for. The names may come from outside.
    pub(crate) waiting_for: Vec<String>,
}

impl Count {
    /// Says how far it is.
    pub(crate) fn set(&self, counted: Counted) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = counted;
    }

    pub(super) fn now(&self) -> Counted {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Counted {
    /// The part done, in [`WHOLE`]ths.
    pub(super) fn permyriad(&self) -> u64 {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let done = number(self.done).saturating_mul(WHOLE);
        done.checked_div(number(self.total)).unwrap_or(0)
    }

    /// `3 of 7, waiting for debian, fedora`.
    pub(super) fn describe(&self) -> String {
        let text = format!("{} of {}", self.done, self.total);
        match self.waiting_for.as_slice() {
            [] => text,
            names => format!("{text}, waiting for {}", visible(&names.join(", "))),
        }
    }

    /// The same for programs, on one line.
    pub(super) fn json(&self, label: &str) -> String {
        json!({
            "progress": label,
            "done": self.done,
            "total": self.total,
            "waiting_for": self.waiting_for,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_many_of_how_many_are_done_and_who_is_waited_for() {
        let counted = |done, waiting_for: &[&str]| Counted {
            done,
            total: 4,
            waiting_for: waiting_for.iter().map(ToString::to_string).collect(),
        };
        let some = counted(1, &["debian", "fedora"]);
        assert_eq!(some.describe(), "1 of 4, waiting for debian, fedora");
        assert_eq!(some.permyriad(), 2_500);
        assert_eq!(counted(4, &[]).describe(), "4 of 4");
        assert_eq!(Counted::default().permyriad(), 0);
    }
}
