//! Amounts for people: sizes in binary units, durations in words.

use std::time::Duration;

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// A number of bytes in the largest binary unit that leaves a number above 1: `3.0 GiB`, `512 bytes`.
pub(crate) fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    // The loss of precision is far below the one digit shown.
    #[allow(clippy::cast_precision_loss)]
    let mut value = bytes as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    // 1023.95 would be rounded to `1024.0 KiB`.
    while value >= 1023.95 {
        let Some(next) = units.next() else { break };
        unit = Some(next);
        value /= 1024.0;
    }
    format!("{value:.1} {}", unit.unwrap_or(&"KiB"))
}

/// A duration in its two largest units, whole seconds: `2 h 5 min`, `41 s`.
pub(crate) fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let pair = |a: u64, a_unit: &str, b: u64, b_unit: &str| {
        if b == 0 {
            format!("{a} {a_unit}")
        } else {
            format!("{a} {a_unit} {b} {b_unit}")
        }
    };
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, m) => pair(m, "min", seconds % 60, "s"),
        (0, h, m) => pair(h, "h", m, "min"),
        (d, h, _) => pair(d, "d", h, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_in_binary_units_with_one_digit() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(1023), "1023 bytes");
        assert_eq!(size(1024), "1.0 KiB");
        assert_eq!(size(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(size(3 << 30), "3.0 GiB");
        assert_eq!(size(u64::MAX), "16.0 EiB");
    }

    #[test]
    fn durations_are_in_words() {
        let at = |s| duration(Duration::from_secs(s));
        assert_eq!(
            [at(0), at(59), at(60), at(61)],
            ["0 s", "59 s", "1 min", "1 min 1 s"]
        );
        assert_eq!(
            [at(7500), at(3600), at(90_000)],
            ["2 h 5 min", "1 h", "1 d 1 h"]
        );
    }
}
