//! What was lately said of tokens: bounded, believed for a short time, kept by the tokens' digests.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::{Caller, limits};

/// Callers by the digests of their tokens, each until a moment.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<String, (Caller, Timestamp)>>);

impl Memory {
    /// Whom a token stands for, if that was said lately.
    pub(super) fn recall(&self, key: &str, now: Timestamp) -> Option<Caller> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, until) = known.get(key)?;
        (now < *until).then(|| caller.clone())
    }

    /// Keeps what was said.
    pub(super) fn keep(&self, key: String, caller: Caller, now: Timestamp) {
        let Ok(until) = now.checked_add(limits::REMEMBERED) else {
            return;
        };
        let until = until.min(caller.expires);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= limits::MAX_REMEMBERED {
            known.retain(|_, (_, until)| now < *until);
        }
        if known.len() >= limits::MAX_REMEMBERED {
            let first = known.iter().min_by_key(|(_, (_, until))| *until);
            if let Some(key) = first.map(|(key, _)| key.clone()) {
                known.remove(&key);
            }
        }
        known.insert(key, (caller, until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(expires: &str) -> Caller {
        Caller {
            user: "u".to_owned(),
            user_name: "u".to_owned(),
            project: None,
            project_name: None,
            domain: "default".to_owned(),
            roles: Vec::new(),
            expires: expires.parse().unwrap(),
        }
    }

    #[test]
    fn nothing_is_believed_for_long_and_never_beyond_the_end_of_the_token() {
        let memory = Memory::default();
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let after = |seconds: u64| now + std::time::Duration::from_secs(seconds);
        memory.keep("long".to_owned(), caller("2026-11-25T13:00:00Z"), now);
        memory.keep("short".to_owned(), caller("2026-11-25T12:00:05Z"), now);
        let life = limits::REMEMBERED.as_secs();
        assert!(memory.recall("long", after(life - 1)).is_some());
        assert!(memory.recall("long", after(life)).is_none());
        assert!(memory.recall("short", after(4)).is_some());
        assert!(memory.recall("short", after(5)).is_none());
        assert!(memory.recall("other", now).is_none());
    }

    #[test]
    fn the_memory_is_bounded() {
        let memory = Memory::default();
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for number in 0..limits::MAX_REMEMBERED + 10 {
            memory.keep(number.to_string(), caller("2026-11-25T13:00:00Z"), now);
        }
        assert_eq!(memory.0.lock().unwrap().len(), limits::MAX_REMEMBERED);
    }
}
