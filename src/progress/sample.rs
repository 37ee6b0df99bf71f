//! How far a pass has come at one moment, and the words for it.

use std::sync::atomic::Ordering::Relaxed;

use disk::Meter;
use serde_json::json;

use super::pace::Speed;
use crate::output::human;

/// The whole of a task, in the steps that bars count.
pub(super) const WHOLE: u64 = 10_000;

/// One look at a meter, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    /// Bytes done: of the disk as soon as it has a length and any are, before that of the file.
    pub(super) done: u64,
    /// Bytes in all, 0 while unknown.
    pub(super) total: u64,
    /// The part of the whole that is surely done, in [`WHOLE`]ths: the lesser of file and disk, for both must end.
    part: u64,
}

impl Sample {
    /// Looks at a meter.
    pub(super) fn of(meter: &Meter) -> Self {
        let load = |value: &std::sync::atomic::AtomicU64| value.load(Relaxed);
        let (file, file_len) = (load(&meter.file_read), load(&meter.file_len));
        let (disk, disk_len) = (load(&meter.disk_done), load(&meter.disk_len));
        let of_file = part(file, file_len);
        if disk == 0 || (disk_len == 0 && file_len > 0) {
            return Self {
                done: file,
                total: file_len,
                part: of_file.unwrap_or(0),
            };
        }
        let of_disk = part(disk, disk_len);
        let least = of_file.into_iter().chain(of_disk).min();
        Self {
            done: disk,
            total: disk_len,
            part: least.unwrap_or(0),
        }
    }

    /// The part done, in [`WHOLE`]ths.
    pub(super) fn permyriad(&self) -> u64 {
        self.part
    }

    /// `1.2 GiB of 3.0 GiB (40 %), 75.0 MiB/s, 24 s left`, leaving out what is not known.
    pub(super) fn describe(&self, speed: &Speed) -> String {
        let mut text = human::size(self.done);
        if self.total > 0 {
            text = format!(
                "{text} of {} ({} %)",
                human::size(self.total),
                self.part / 100
            );
        }
        if let Some(rate) = speed.bytes_per_second {
            text = format!("{text}, {}/s", human::size(rate));
        }
        if let Some(left) = speed.left {
            text = format!("{text}, {} left", human::duration(left));
        }
        text
    }

    /// The same for programs, on one line.
    pub(super) fn json(&self, label: &str, speed: &Speed) -> String {
        json!({
            "progress": label,
            "done_bytes": self.done,
            "total_bytes": (self.total > 0).then_some(self.total),
            "bytes_per_second": speed.bytes_per_second,
            "seconds_left": speed.left.map(|left| left.as_secs()),
        })
        .to_string()
    }
}

/// `done` of `total` in [`WHOLE`]ths; `None` while the total is unknown.
fn part(done: u64, total: u64) -> Option<u64> {
    let share = u128::from(done.min(total)) * u128::from(WHOLE);
    u64::try_from(share.checked_div(u128::from(total))?).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn sample(file: u64, file_len: u64, disk: u64, disk_len: u64) -> Sample {
        let meter = Meter::default();
        meter.file_read.store(file, Relaxed);
        meter.file_len.store(file_len, Relaxed);
        meter.disk_done.store(disk, Relaxed);
        meter.disk_len.store(disk_len, Relaxed);
        Sample::of(&meter)
    }

    #[test]
    fn a_task_is_never_said_to_be_further_than_its_slower_half() {
        assert_eq!(sample(0, 0, 0, 0).permyriad(), 0);
        assert_eq!(sample(50, 100, 0, 1000).permyriad(), 5000);
        assert_eq!(sample(100, 100, 250, 1000).permyriad(), 2500);
        assert_eq!(sample(10, 100, 900, 1000).permyriad(), 1000);
        assert_eq!(sample(10, 100, 10, 0).total, 100);
        assert_eq!(sample(u64::MAX, u64::MAX, 1, 1).permyriad(), WHOLE);
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let unknown = Speed {
            bytes_per_second: None,
            left: None,
        };
        assert_eq!(sample(2048, 0, 0, 0).describe(&unknown), "2.0 KiB");
        let speed = Speed {
            bytes_per_second: Some(75 << 20),
            left: Some(Duration::from_secs(24)),
        };
        assert_eq!(
            sample(4, 10, 3 << 29, 3 << 30).describe(&speed),
            "1.5 GiB of 3.0 GiB (40 %), 75.0 MiB/s, 24 s left"
        );
    }
}
