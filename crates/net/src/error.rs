//! What can go wrong on the way to a server and back, by what the caller can do about it.

use http::StatusCode;

use crate::cause::{Cause, TlsProblem};

/// Somebody else's error, carried along.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a request or a download failed. Every `url` is fit to be shown: no credentials, no query values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client could not be set up as asked: a certificate file, a proxy address.
    #[error("{what}")]
    Options {
        /// Which setting, with its path.
        what: String,
        /// What is wrong with it.
        source: BoxError,
    },
    /// No connection, or one that broke before there was an answer. Tried again as often as allowed.
    #[error("no answer from {url}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// The innermost reason.
        source: Cause,
    },
    /// The server is not who it should be, or its TLS is unusable. Never tried again.
    #[error("no trusted connection to {url}: {problem}")]
    Tls {
        /// What was asked for.
        url: String,
        /// What is wrong with the server's identity.
        problem: TlsProblem,
        /// The whole story.
        source: Cause,
    },
    /// The server stopped sending.
    #[error("{url} sent nothing for {seconds} s, after {at} bytes")]
    Stalled {
        /// What was asked for.
        url: String,
        /// How long it was waited for.
        seconds: u64,
        /// Bytes of the body received until then.
        at: u64,
    },
    /// The server stopped taking bytes, or does not answer although it has all of them.
    #[error("{url} {} for {seconds} s, after {at} bytes", if *whole { "has not answered" } else { "took nothing" })]
    NotTaken {
        /// What was sent to.
        url: String,
        /// How long it was waited for.
        seconds: u64,
        /// Bytes handed to the transport until then.
        at: u64,
        /// Whether that was all.
        whole: bool,
    },
    /// The connection broke while a body was sent, and no answer came.
    #[error("the connection to {url} broke after {at} bytes were sent")]
    Cut {
        /// What was sent to.
        url: String,
        /// Bytes handed to the transport until then.
        at: u64,
        /// The innermost reason.
        source: Cause,
    },
    /// Our own side did not bring a body to its end; the connection was broken off.
    #[error("sending to {url} {what}, after {at} bytes")]
    GivenUp {
        /// What was sent to.
        url: String,
        /// How.
        what: &'static str,
        /// Bytes handed to the transport until then.
        at: u64,
    },
    /// The server said no.
    #[error("{url} answered {status}{}{body}", if body.is_empty() { "" } else { ": " })]
    Status {
        /// What was asked for.
        url: String,
        /// The answer's status.
        status: StatusCode,
        /// The server's reason in a line of plain text, or nothing.
        body: String,
        /// The server's name for this request, to tell an operator.
        request_id: Option<String>,
    },
    /// The file on the server is no longer the one whose first bytes were read.
    #[error("{url} changed on the server while it was read (noticed at byte {at})")]
    Changed {
        /// What was asked for.
        url: String,
        /// Bytes read until then.
        at: u64,
    },
    /// The body ended early, and could not be continued.
    #[error("{url} ended after {got} bytes{}", expected.map(|n| format!(" of {n}")).unwrap_or_default())]
    Truncated {
        /// What was asked for.
        url: String,
        /// Bytes received.
        got: u64,
        /// Bytes announced, if the server did.
        expected: Option<u64>,
    },
    /// The answer is larger than anything sensible.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked for.
        what: String,
        /// The most that is accepted, in bytes.
        limit: u64,
    },
    /// The server sent us on to somewhere we do not go.
    #[error("{url} redirects {reason}")]
    Redirect {
        /// What was asked for.
        url: String,
        /// Where to, and why not.
        reason: String,
    },
    /// The server is in this machine or its own network, and [`Options::private`](crate::Options::private) says no.
    #[error("{url} is at a private address")]
    Private {
        /// What was asked for.
        url: String,
    },
    /// The server does not send parts of this file.
    #[error("{url} cannot be read in parts")]
    NoRanges {
        /// What was asked for.
        url: String,
    },
    /// No header to authorise the request with.
    #[error("{url} needs credentials that could not be had")]
    Auth {
        /// What was asked for.
        url: String,
        /// Why not.
        source: BoxError,
    },
    /// The answer is not HTTP as it should be.
    #[error("{url} {what}")]
    Invalid {
        /// What was asked for.
        url: String,
        /// What it did.
        what: String,
    },
}

impl Error {
    /// Whether a later attempt may succeed without anybody changing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Stalled { .. }
            | Self::Truncated { .. }
            | Self::NotTaken { .. }
            | Self::Cut { .. } => true,
            Self::Status { status, .. } => crate::retry::heals(*status),
            _ => false,
        }
    }
}
