//! The one reason inside a chain of wrapped transport errors, told for people.

use std::error::Error as StdError;
use std::fmt;

use rustls::CertificateError;

/// The innermost reason of a failed connection, as text; it never holds an address or a header.
#[derive(Debug)]
pub struct Cause(String);

impl Cause {
    /// Whether there is no host of this name, as far as the resolver knows.
    #[must_use]
    pub fn is_unknown_name(&self) -> bool {
        is_unknown_name(&self.0)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Cause {}

/// What is wrong with a server's TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsProblem {
    /// Signed by nobody the host, or the extra CA file, trusts.
    UnknownIssuer,
    /// Made for another name.
    WrongName,
    /// No longer valid.
    Expired,
    /// Not valid yet; a wrong clock looks like this.
    NotYetValid,
    /// That of an authority, which must not be a server's, too: what `openssl req -x509` makes when nothing else is said.
    Authority,
    /// Any other defect of the certificate.
    Certificate,
    /// Anything else: no common protocol, a server that does not speak TLS, a refused client certificate.
    Protocol,
}

impl fmt::Display for TlsProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "its certificate is signed by an unknown authority",
            Self::WrongName => "its certificate is for another name",
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet",
            Self::Authority => "its certificate is an authority's, not a server's",
            Self::Certificate => "its certificate is not valid",
            Self::Protocol => "TLS failed",
        })
    }
}

/// How a request failed before there was an answer.
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    pub(crate) tls: Option<TlsProblem>,
    pub(crate) cause: Cause,
}

/// How far a request got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// There is no such host.
    Unknown,
    /// Nobody took the connection in time.
    TimedOut,
    /// No connection; nothing was sent.
    Unsent,
    /// The server may have seen it.
    Sent,
}

/// Reads a failure out of reqwest's error and what it wraps.
pub(crate) fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let tls = find_tls(&error);
    let reason = tls.map_or_else(|| innermost(&error), ToString::to_string);
    Failure {
        stage: if !(error.is_connect() || error.is_dns()) {
            Stage::Sent
        } else if is_unknown_name(&reason) {
            Stage::Unknown
        } else if error.is_timeout() {
            Stage::TimedOut
        } else {
            Stage::Unsent
        },
        tls: tls.map(problem),
        cause: Cause(tidy(&reason)),
    }
}

fn find_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    if let Some(found) = error.downcast_ref::<rustls::Error>() {
        return Some(found);
    }
    // An io::Error made from another error hides that one: its source() is the source of what it wraps.
    if let Some(inner) = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
    {
        return find_tls(inner);
    }
    error.source().and_then(find_tls)
}

fn problem(error: &rustls::Error) -> TlsProblem {
    let rustls::Error::InvalidCertificate(defect) = error else {
        return TlsProblem::Protocol;
    };
    match defect {
        CertificateError::UnknownIssuer => TlsProblem::UnknownIssuer,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsProblem::WrongName
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsProblem::NotYetValid
        }
        // The verifier's own error has no other name here.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            TlsProblem::Authority
        }
        _ => TlsProblem::Certificate,
    }
}

/// The resolver's final words (EAI_NONAME and EAI_NODATA of getaddrinfo(3), in glibc and musl), as against
/// "Temporary failure in name resolution", which may heal.
fn is_unknown_name(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    [
        "name or service not known",
        "no address associated with hostname",
        "name does not resolve",
        "name has no usable address",
    ]
    .iter()
    .any(|words| reason.ends_with(words))
}

fn innermost(error: &dyn StdError) -> String {
    let mut last = error.to_string();
    let mut next = error.source();
    while let Some(inner) = next {
        last = inner.to_string();
        next = inner.source();
    }
    last
}

/// Lower case at the start and without the number the operating system gives it, unless that is all there is.
fn tidy(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or(text);
    let text = text
        .strip_prefix("failed to lookup address information: ")
        .unwrap_or(text);
    let text = match text {
        "deadline has elapsed" | "operation timed out" => "the connection did not come up in time",
        "unsuccessful" => "the proxy refused to connect",
        other => other,
    };
    let mut letters = text.chars();
    match letters.next() {
        // An acronym stays as it is.
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().collect::<String>() + letters.as_str()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_does_not_exist_is_not_a_resolver_that_is_down() {
        let said = |words| format!("failed to lookup address information: {words}");
        assert!(is_unknown_name(&said("Name or service not known")));
        assert!(!is_unknown_name(&said(
            "Temporary failure in name resolution"
        )));
        assert_eq!(
            tidy(&said("Name or service not known")),
            "name or service not known"
        );
        assert_eq!(
            tidy("Connection refused (os error 111)"),
            "connection refused"
        );
        assert_eq!(tidy("TLS broke"), "TLS broke");
    }
}
