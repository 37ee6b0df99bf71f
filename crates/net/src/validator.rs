//! How to be sure that two answers speak of the same bytes (RFC 9110 §8.8, §13.1.5, §14.4).

use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_RANGE, DATE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::address::shown;
use crate::error::Error;
use crate::retry::date;

/// What tells a file on a server from the one that will replace it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Validator {
    /// A strong ETag, or a `Last-Modified` at least a minute older than the answer that carried it (RFC 9110 §8.8.2.2).
    Header(HeaderName, HeaderValue),
    /// None needed: the caller knows that the file never changes.
    Immutable,
}

impl Validator {
    pub(crate) fn of(headers: &HeaderMap, immutable: bool) -> Option<Self> {
        if let Some(tag) = headers.get(ETAG)
            && tag.as_bytes().starts_with(b"\"")
        {
            return Some(Self::Header(ETAG, tag.clone()));
        }
        if let Some(modified) = headers.get(LAST_MODIFIED)
            && let (Some(then), Some(now)) =
                (seconds(modified), headers.get(DATE).and_then(seconds))
            && now - then >= 60
        {
            return Some(Self::Header(LAST_MODIFIED, modified.clone()));
        }
        immutable.then_some(Self::Immutable)
    }

    /// Headers that ask for the bytes from `first` to `last` (inclusive) of this very file, and no other.
    pub(crate) fn range(&self, first: u64, last: Option<u64>) -> HeaderMap {
        let last = last.map(|last| last.to_string()).unwrap_or_default();
        let mut headers = HeaderMap::new();
        if let Ok(range) = HeaderValue::from_str(&format!("bytes={first}-{last}")) {
            headers.insert(RANGE, range);
        }
        if let Self::Header(_, value) = self {
            headers.insert(IF_RANGE, value.clone());
        }
        headers
    }

    /// Whether an answer carries this validator (`None` when it carries none of its kind).
    pub(crate) fn matches(&self, headers: &HeaderMap) -> Option<bool> {
        match self {
            Self::Header(name, value) => headers.get(name).map(|theirs| theirs == value),
            Self::Immutable => None,
        }
    }
}

fn seconds(value: &HeaderValue) -> Option<i64> {
    date(value.to_str().ok()?)
}

/// Whether the server says that it serves parts.
pub(crate) fn offers_ranges(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT_RANGES)
        .iter()
        .any(|value| value.as_bytes().eq_ignore_ascii_case(b"bytes"))
}

/// `Content-Range: bytes first-last/total`; the total may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) total: Option<u64>,
}

impl Part {
    /// The part an answer says it holds, if that makes sense.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
        let (range, total) = text.trim().strip_prefix("bytes ")?.trim().split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let part = Self {
            first: number(first)?,
            last: number(last)?,
            total: match total.trim() {
                "*" => None,
                total => Some(number(total)?),
            },
        };
        (part.first <= part.last && part.total.is_none_or(|total| part.last < total))
            .then_some(part)
    }

    /// How many bytes it has.
    pub(crate) fn len(self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
}

/// Digits only: no sign, which `parse` would take.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Refuses a body in an encoding that was not asked for: its length and digests would not be the file's. A server that
/// calls `disk.raw.gz` gzip only describes the file (Apache's `AddEncoding` does), and that passes.
pub(crate) fn check_identity(url: &Url, headers: &HeaderMap) -> Result<(), Error> {
    for value in headers.get_all(CONTENT_ENCODING) {
        let encoding = String::from_utf8_lossy(value.as_bytes())
            .trim()
            .to_ascii_lowercase();
        let endings: &[&str] = match encoding.as_str() {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => &[".gz", ".tgz"],
            "xz" | "x-xz" => &[".xz"],
            "bzip2" | "x-bzip2" => &[".bz2"],
            "zstd" => &[".zst"],
            _ => &[],
        };
        if !endings.iter().any(|ending| url.path().ends_with(ending)) {
            let encoding: String = encoding
                .chars()
                .filter(|c| !c.is_control())
                .take(40)
                .collect();
            return Err(Error::Invalid {
                url: shown(url),
                what: format!("came encoded as {encoding} although it was asked for as it is"),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)))
            .collect()
    }

    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    #[test]
    fn a_weak_tag_or_a_fresh_time_identifies_nothing() {
        let tag = |value| Validator::of(&headers(&[(ETAG, value)]), false);
        assert!(tag("\"abc\"").is_some());
        assert_eq!(tag("W/\"abc\""), None);
        assert_eq!(tag("abc"), None);
        let dated = |now| Validator::of(&headers(&[(LAST_MODIFIED, THEN), (DATE, now)]), false);
        assert_eq!(dated("Sun, 06 Nov 1994 08:50:36 GMT"), None);
        assert!(dated("Sun, 06 Nov 1994 08:50:37 GMT").is_some());
        assert_eq!(
            Validator::of(&headers(&[(LAST_MODIFIED, THEN)]), false),
            None
        );
        assert_eq!(
            Validator::of(&headers(&[]), true),
            Some(Validator::Immutable)
        );
    }

    #[test]
    fn a_content_range_that_makes_no_sense_is_none() {
        let part = |value| Part::of(&headers(&[(CONTENT_RANGE, value)]));
        let good = part("bytes 5-9/3145728").unwrap();
        assert_eq!(
            (good.first, good.last, good.total, good.len()),
            (5, 9, Some(3_145_728), 5)
        );
        assert_eq!(part("bytes 0-0/*").unwrap().total, None);
        for bad in [
            "bytes 9-5/100",
            "bytes 5-100/100",
            "bytes */100",
            "5-9/100",
            "bytes +5-9/100",
            "bytes -9/100",
            "bytes 5-9",
            "bytes 5-99999999999999999999/*",
        ] {
            assert_eq!(part(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_file_that_is_itself_compressed_may_be_called_so() {
        let check = |url, encoding| {
            check_identity(
                &Url::parse(url).unwrap(),
                &headers(&[(CONTENT_ENCODING, encoding)]),
            )
            .is_ok()
        };
        assert!(check("http://h/a.raw.gz", "x-gzip"));
        assert!(check("http://h/a.qcow2", "identity"));
        assert!(!check("http://h/a.qcow2", "gzip"));
        assert!(!check("http://h/a.raw.gz", "br"));
        assert!(!check("http://h/a.raw.xz", "gzip"));
    }
}
