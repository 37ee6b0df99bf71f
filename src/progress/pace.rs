//! How fast a task goes and how long it will take, from the last half minute.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::sample::{Sample, WHOLE};

const WINDOW: Duration = Duration::from_secs(30);

/// What can be said of a task's speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Speed {
    /// Bytes a second, when there has been time to measure.
    pub(super) bytes_per_second: Option<u64>,
    /// Time left, when the total is known and something moves.
    pub(super) left: Option<Duration>,
}

/// The recent past of a task.
pub(super) struct Pace {
    started: Instant,
    /// Moment, bytes done, part done; at most one a second.
    past: VecDeque<(Duration, u64, u64)>,
}

impl Pace {
    /// A task that starts now.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            started: now,
            past: VecDeque::from([(Duration::ZERO, 0, 0)]),
        }
    }

    /// Takes a sample and says how fast it goes.
    pub(super) fn at(&mut self, now: Instant, sample: &Sample) -> Speed {
        let at = now.duration_since(self.started);
        let speed = self.speed(at, sample);
        if self
            .past
            .back()
            .is_none_or(|(last, ..)| at.saturating_sub(*last) >= Duration::from_secs(1))
        {
            self.past.push_back((at, sample.done, sample.permyriad()));
        }
        while self.past.len() > 1
            && self
                .past
                .front()
                .is_some_and(|(first, ..)| at.saturating_sub(*first) > WINDOW)
        {
            self.past.pop_front();
        }
        speed
    }

    fn speed(&self, at: Duration, sample: &Sample) -> Speed {
        let unknown = Speed {
            bytes_per_second: None,
            left: None,
        };
        let Some((since, done, part)) = self.past.front() else {
            return unknown;
        };
        let millis = at.saturating_sub(*since).as_millis();
        if millis < 1000 {
            return unknown;
        }
        let bytes = u128::from(sample.done.saturating_sub(*done)) * 1000 / millis;
        let moved = u128::from(sample.permyriad().saturating_sub(*part));
        let left = u128::from(WHOLE.saturating_sub(sample.permyriad())) * millis;
        let left = left
            .checked_div(moved)
            .and_then(|millis| u64::try_from(millis).ok());
        Speed {
            bytes_per_second: u64::try_from(bytes).ok(),
            left: left.filter(|_| sample.total > 0).map(Duration::from_millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::Relaxed;

    use disk::Meter;

    use super::*;

    #[test]
    fn the_time_left_follows_the_last_half_minute() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let meter = Meter::default();
        meter.file_len.store(10_000, Relaxed);
        let mut at = |seconds: u64, done: u64| {
            meter.file_read.store(done, Relaxed);
            pace.at(start + Duration::from_secs(seconds), &Sample::of(&meter))
        };
        assert_eq!(at(0, 0).bytes_per_second, None);
        let speed = at(10, 1000);
        assert_eq!(speed.bytes_per_second, Some(100));
        assert_eq!(speed.left, Some(Duration::from_secs(90)));
        for second in 11..60 {
            at(second, 1000);
        }
        let stalled = at(60, 1000);
        assert_eq!((stalled.bytes_per_second, stalled.left), (Some(0), None));
    }
}
