//! What can heal, and how long to wait for it.

use std::time::Duration;

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

/// The longest pause between attempts that we choose ourselves.
const LONGEST: Duration = Duration::from_secs(8);
/// The longest pause a server may ask for; one that asks for more is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers that a later attempt may turn into a good one.
pub(crate) fn heals(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// Counts attempts and says how long to pause before the next.
pub(crate) struct Attempts {
    left: u32,
    pause: Duration,
}

impl Attempts {
    pub(crate) fn new(retries: u32, backoff: Duration) -> Self {
        Self {
            left: retries,
            pause: backoff,
        }
    }

    /// The pause before another attempt, or none when there is none left, or the server asks for more than a minute.
    pub(crate) fn again(&mut self, headers: Option<&HeaderMap>) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let own = self.pause.min(LONGEST);
        self.pause = own.saturating_mul(2);
        match headers.and_then(retry_after) {
            Some(asked) if asked > PATIENCE => None,
            Some(asked) => Some(asked),
            None => Some(own),
        }
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), the latter counted from the answer's own `Date`.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = date(value)?;
    let now = date(headers.get(DATE)?.to_str().ok()?)?;
    Some(Duration::from_secs(
        u64::try_from(until - now).unwrap_or_default(),
    ))
}

/// An HTTP date as seconds since 1970.
pub(crate) fn date(value: &str) -> Option<i64> {
    let zoned = jiff::fmt::rfc2822::parse(value.trim()).ok()?;
    Some(zoned.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(http::HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn pauses_double_up_to_eight_seconds_and_end() {
        let mut attempts = Attempts::new(6, Duration::from_millis(500));
        let pauses: Vec<u128> = std::iter::from_fn(|| attempts.again(None))
            .map(|pause| pause.as_millis())
            .collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 8000]);
    }

    #[test]
    fn a_servers_wish_is_honoured_up_to_a_minute() {
        let wish = |headers| Attempts::new(1, Duration::from_millis(500)).again(Some(&headers));
        assert_eq!(
            wish(headers(&[(RETRY_AFTER, "7")])),
            Some(Duration::from_secs(7))
        );
        assert_eq!(wish(headers(&[(RETRY_AFTER, "61")])), None);
        assert_eq!(
            wish(headers(&[(RETRY_AFTER, "soon")])),
            Some(Duration::from_millis(500))
        );
        let dated = headers(&[
            (RETRY_AFTER, "Sun, 06 Nov 1994 08:49:57 GMT"),
            (DATE, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ]);
        assert_eq!(wish(dated), Some(Duration::from_secs(20)));
    }

    #[test]
    fn an_answer_that_no_repetition_changes_is_not_repeated() {
        for status in [400, 401, 403, 404, 409, 413, 416, 501, 505] {
            assert!(!heals(StatusCode::from_u16(status).unwrap()), "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(heals(StatusCode::from_u16(status).unwrap()), "{status}");
        }
    }
}
