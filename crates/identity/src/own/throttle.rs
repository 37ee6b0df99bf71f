//! Pauses between log-ins to a name that fail again and again.
//!
//! Each attempt takes the next free moment of its name, so that many at one time are no faster than one after the other.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Error;
use crate::limits;

/// Which names failed, and when they may try again. Bounded; nothing of a name but its digest is kept.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<HashMap<String, Failures>>);

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    next: Instant,
    last: Instant,
}

impl Throttle {
    fn names(&self) -> MutexGuard<'_, HashMap<String, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long an attempt for `name` has to wait now; the moment is taken.
    ///
    /// # Errors
    /// Longer than anybody should be kept waiting.
    pub(super) fn pause(&self, name: &str, now: Instant) -> Result<Duration, Error> {
        let mut names = self.names();
        let Some(failures) = names.get_mut(name) else {
            return Ok(Duration::ZERO);
        };
        let wait = failures.next.saturating_duration_since(now);
        if wait > limits::PATIENCE {
            return Err(Error::Busy { wait });
        }
        failures.next = failures.next.max(now) + pause_after(failures.count);
        Ok(wait)
    }

    /// Remembers that an attempt failed.
    pub(super) fn failed(&self, name: &str, now: Instant) {
        let mut names = self.names();
        if names.len() >= limits::MAX_FAILING && !names.contains_key(name) {
            forget(&mut names, now);
        }
        let failures = names.entry(name.to_owned()).or_insert(Failures {
            count: 0,
            next: now,
            last: now,
        });
        if now.saturating_duration_since(failures.last) > limits::FORGET_FAILURES {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        failures.next = failures.next.max(now + pause_after(failures.count));
    }

    /// Forgets the failures of a name that has logged in.
    pub(super) fn passed(&self, name: &str) {
        self.names().remove(name);
    }
}

/// The pause that so many failures earn.
fn pause_after(failures: u32) -> Duration {
    match failures.checked_sub(limits::FREE_FAILURES) {
        None | Some(0) => Duration::ZERO,
        Some(beyond) => limits::FIRST_PAUSE
            .saturating_mul(1 << (beyond - 1).min(16))
            .min(limits::LONGEST_PAUSE),
    }
}

/// Makes room: the names that were quiet for long, and else the one that was quiet for longest.
fn forget(names: &mut HashMap<String, Failures>, now: Instant) {
    names.retain(|_, failures| {
        now.saturating_duration_since(failures.last) <= limits::FORGET_FAILURES
    });
    if names.len() < limits::MAX_FAILING {
        return;
    }
    let oldest = names.iter().min_by_key(|(_, failures)| failures.last);
    if let Some(name) = oldest.map(|(name, _)| name.clone()) {
        names.remove(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failures_are_free_and_further_ones_cost_more_and_more_up_to_a_limit() {
        let throttle = Throttle::default();
        let start = Instant::now();
        for _ in 0..limits::FREE_FAILURES {
            assert_eq!(throttle.pause("a", start).unwrap(), Duration::ZERO);
            throttle.failed("a", start);
        }
        assert_eq!(throttle.pause("a", start).unwrap(), Duration::ZERO);
        throttle.failed("a", start);
        assert_eq!(throttle.pause("a", start).unwrap(), limits::FIRST_PAUSE);
        assert_eq!(pause_after(u32::MAX), limits::LONGEST_PAUSE);
        assert_eq!(throttle.pause("b", start).unwrap(), Duration::ZERO);
    }

    #[test]
    fn attempts_at_one_moment_wait_for_each_other_and_then_are_sent_away() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..=limits::FREE_FAILURES {
            throttle.failed("a", now);
        }
        let mut waits = Vec::new();
        while let Ok(wait) = throttle.pause("a", now) {
            waits.push(wait);
            assert!(waits.len() < 100, "nobody is sent away");
        }
        assert!(waits.windows(2).all(|pair| pair[0] < pair[1]), "{waits:?}");
        throttle.passed("a");
        assert_eq!(throttle.pause("a", now).unwrap(), Duration::ZERO);
    }

    #[test]
    fn the_memory_of_failures_is_bounded() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for number in 0..limits::MAX_FAILING + 50 {
            throttle.failed(&number.to_string(), now);
        }
        assert_eq!(throttle.names().len(), limits::MAX_FAILING);
    }
}
