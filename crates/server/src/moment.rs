//! Times: microseconds since 1970 UTC in the database, whole seconds with a `Z` in answers.

use jiff::Timestamp;

/// Now, in microseconds since 1970 UTC.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

/// As Glance writes it: `2026-11-22T20:06:00Z`.
pub(crate) fn text(micros: i64) -> String {
    match Timestamp::from_second(micros.div_euclid(1_000_000)) {
        Ok(time) => time.to_string(),
        Err(_) => "1970-01-01T00:00:00Z".to_owned(),
    }
}

/// What a client wrote in ISO 8601; without an offset it is UTC.
pub(crate) fn parse(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_microsecond());
    }
    let time: jiff::civil::DateTime = text.parse().ok()?;
    let time = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(time.timestamp().as_microsecond())
}
