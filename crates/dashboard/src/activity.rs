//! What happened here, as far as it is worth telling: log-ins, uploads, verifications. In memory, and bounded.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::limits::MAX_EVENTS;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    LogIn,
    LogOut,
    Upload,
    Refusal,
    Publication,
    Verification,
}

impl Kind {
    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::LogIn => "log-in",
            Self::LogOut => "log-out",
            Self::Upload => "upload",
            Self::Refusal => "refused upload",
            Self::Publication => "visibility",
            Self::Verification => "verification",
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) kind: Kind,
    /// Whose doing it was (user and project); empty for visitors who had not logged in.
    pub(crate) owner: String,
    /// What happened, in words.
    pub(crate) text: String,
    /// The image that it is about, by id.
    pub(crate) image: Option<String>,
}

/// The latest things that happened.
#[derive(Default)]
pub(crate) struct Activity(Mutex<VecDeque<Event>>);

impl Activity {
    /// Keeps one more, and lets go of the oldest when there are too many.
    pub(crate) fn add(&self, event: Event) {
        let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() >= MAX_EVENTS {
            events.pop_front();
        }
        events.push_back(event);
    }

    /// What `owner` has done, the newest first. Nobody is shown what others have done.
    pub(crate) fn of(&self, owner: &str) -> Vec<Event> {
        let events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = events.iter().rev().filter(|event| event.owner == owner);
        own.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_sees_their_own_doings_and_the_oldest_are_forgotten() {
        let activity = Activity::default();
        for number in 0..=MAX_EVENTS {
            activity.add(Event {
                at: Timestamp::UNIX_EPOCH,
                kind: Kind::LogIn,
                owner: if number % 2 == 0 { "even" } else { "odd" }.to_owned(),
                text: number.to_string(),
                image: None,
            });
        }
        let even = activity.of("even");
        assert_eq!(even.len(), MAX_EVENTS / 2);
        assert_eq!(even[0].text, MAX_EVENTS.to_string());
        assert_eq!(even.last().unwrap().text, "2");
        assert!(activity.of("").is_empty());
    }
}
