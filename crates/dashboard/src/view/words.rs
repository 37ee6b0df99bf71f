//! Sizes, times and digests as people read them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A text of ours for a page: what stands in backticks for terminals stands in quotation marks.
#[must_use]
pub(crate) fn quoted(text: &str) -> String {
    let mut open = false;
    text.chars()
        .map(|c| match c {
            '`' => {
                open = !open;
                if open { '“' } else { '”' }
            }
            other => other,
        })
        .collect()
}

/// A text of ours as a sentence of a page: it begins large and ends with a full stop.
#[must_use]
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else {
        return String::new();
    };
    let stop = match text.ends_with(['.', '…', '?', '!']) {
        true => "",
        false => ".",
    };
    quoted(&format!("{}{}{stop}", first.to_uppercase(), chars.as_str()))
}

/// A kind of support as people write it: `security`, `LTS`.
#[must_use]
pub(crate) fn support_kind(kind: &str) -> String {
    match kind.ends_with("lts") {
        true => kind.to_uppercase(),
        false => kind.to_owned(),
    }
}

/// A size in binary units: `2.0 GiB`. Whole bytes below one KiB.
#[must_use]
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (u128::from(bytes) * 10 / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// The day of a moment, in UTC.
#[must_use]
pub(crate) fn day_of(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// The day that a record's text begins with (`2026-11-25T10:00:00Z`).
#[must_use]
pub(crate) fn day(text: &str) -> Option<Date> {
    text.get(..10).and_then(catalogue::words::day)
}

/// `2026-11-25 10:00 UTC`; the text itself when it is no time.
#[must_use]
pub(crate) fn time(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(time) => moment(time),
        Err(_) => text.to_owned(),
    }
}

/// `2026-11-25 10:00 UTC`.
#[must_use]
pub(crate) fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string()
}

/// Days from `from` to `to`.
#[must_use]
pub(crate) fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// A number of days in words: `3 days`, `5 months`, `2 years`.
#[must_use]
pub(crate) fn span(days: i64) -> String {
    let (count, unit) = match days.abs() {
        d if d < 90 => (d, "day"),
        d if d < 730 => (d / 30, "month"),
        d => (d / 365, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// The first and the last eight digits of a digest.
#[must_use]
pub(crate) fn short(hex: &str) -> String {
    let (head, tail) = (hex.get(..8), hex.len().checked_sub(8));
    match (head, tail.and_then(|from| hex.get(from..))) {
        (Some(head), Some(tail)) if hex.len() > 20 => format!("{head}…{tail}"),
        _ => hex.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values are those of `numfmt --to=iec-i --round=down --format=%.1f`.
    #[test]
    fn sizes_are_in_binary_units_and_never_said_larger_than_they_are() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_048_576, "1.0 MiB"),
            (3_221_225_472, "3.0 GiB"),
            (1_099_511_627_775, "1023.9 GiB"),
            (u64::MAX, "16383.9 PiB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn backticks_become_quotation_marks() {
        assert_eq!(quoted("`a` and `b`"), "“a” and “b”");
    }

    #[test]
    fn what_is_no_time_is_shown_as_it_is() {
        assert_eq!(time("2026-11-25T10:00:59Z"), "2026-11-25 10:00 UTC");
        assert_eq!(time("<b>"), "<b>");
        assert_eq!(day("2026-02-30T00:00:00Z"), None);
    }

    #[test]
    fn spans_are_in_the_unit_that_one_would_say() {
        for (days, text) in [
            (0, "0 days"),
            (1, "1 day"),
            (89, "89 days"),
            (92, "3 months"),
            (800, "2 years"),
            (-2, "2 days"),
        ] {
            assert_eq!(span(days), text);
        }
    }

    #[test]
    fn a_digest_is_shortened_and_a_word_is_not() {
        let digest = "0123456789abcdef0123456789abcdef";
        assert_eq!(short(digest), "01234567…89abcdef");
        assert_eq!(short("none"), "none");
        assert_eq!(short("ééééééééééééééééééééé"), "éééé…éééé");
    }
}
