//! What a visitor is told when a page cannot be had. [`crate::guard`] makes a page of it.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// Why a page cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// What happened, in a sentence without a full stop.
    pub(crate) message: String,
    /// What is behind it.
    pub(crate) causes: Vec<String>,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// Whether the log-in has come to its end.
    pub(crate) logged_out: bool,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            logged_out: false,
        }
    }

    /// What was asked for makes no sense.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// The visitor has to log in, for the first time or again.
    pub(crate) fn log_in_first() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "log in first")
    }

    /// The log-in that a form was filled in with has come to its end.
    pub(crate) fn ended() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "the log-in has come to its end")
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<cloud::Error> for Fault {
    /// What the cloud said no to, or how it failed. Secrets are not in these messages; addresses are.
    fn from(error: cloud::Error) -> Self {
        let status = match &error {
            cloud::Error::NotFound { .. } | cloud::Error::Gone { .. } => StatusCode::NOT_FOUND,
            cloud::Error::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            cloud::Error::Forbidden(_) => StatusCode::FORBIDDEN,
            cloud::Error::Refused(refusal) => {
                StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST)
            }
            _ => StatusCode::BAD_GATEWAY,
        };
        let mut fault = Self::new(status, error.to_string());
        fault.causes = error.details();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            let text = cause.to_string();
            if !fault.message.contains(&text) {
                fault.causes.push(text);
            }
            source = cause.source();
        }
        fault.hint = error.hint();
        fault.logged_out = status == StatusCode::UNAUTHORIZED;
        fault
    }
}
