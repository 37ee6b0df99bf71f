//! An answer that is no: a status, the reason, and the page that Glance would make of it.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::store::StoreError;

/// A request that is refused or has failed.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    /// The status.
    pub(crate) status: StatusCode,
    explanation: String,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    databases: bool,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, explanation: impl Into<String>) -> Self {
        Self {
            status,
            explanation: explanation.into(),
            detail: String::new(),
            headers: Vec::new(),
            databases: false,
        }
    }

    /// Whether the database is the reason.
    pub(crate) fn is_databases(&self) -> bool {
        self.databases
    }

    /// 400.
    pub(crate) fn bad(explanation: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, explanation)
    }

    /// 403.
    pub(crate) fn forbidden(explanation: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, explanation)
    }

    /// 403 with the usual reason, and a further one behind it.
    pub(crate) fn denied(detail: impl Into<String>) -> Self {
        Self::forbidden("Access was denied to this resource.").detail(detail)
    }

    /// 409 with the usual reason, and a further one behind it.
    pub(crate) fn clash(detail: impl Into<String>) -> Self {
        Self::conflict("There was a conflict when trying to complete your request.").detail(detail)
    }

    /// 404.
    pub(crate) fn missing(explanation: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, explanation)
    }

    /// 404 without a reason of its own.
    pub(crate) fn nothing() -> Self {
        Self::missing("The resource could not be found.")
    }

    /// 409.
    pub(crate) fn conflict(explanation: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, explanation)
    }

    /// 413.
    pub(crate) fn too_large(explanation: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, explanation)
    }

    /// 415, for a body of the media type `kind`.
    pub(crate) fn media_type(kind: &str, detail: impl Into<String>) -> Self {
        let explanation =
            format!("The request media type {kind} is not supported by this server.\n");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, explanation).detail(detail)
    }

    /// 503.
    pub(crate) fn unavailable(explanation: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, explanation)
    }

    /// 500; what happened stands in the log, not in the answer.
    pub(crate) fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = whole(error), "a request has failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The server has either erred or is incapable of performing the requested operation.",
        )
    }

    /// Adds what comes after the first paragraph.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// The reason.
    pub(crate) fn reason(&self) -> &str {
        if self.detail.is_empty() {
            &self.explanation
        } else {
            &self.detail
        }
    }

    /// The status line as WebOb words it.
    fn title(&self) -> &'static str {
        match self.status.as_u16() {
            401 => "Unauthorized",
            413 => "Request Entity Too Large",
            416 => "Request Range Not Satisfiable",
            _ => self.status.canonical_reason().unwrap_or("Error"),
        }
    }

    /// The page, in the form that the client asks for.
    pub(crate) fn page(&self, accept: Form) -> Response {
        let code = format!("{} {}", self.status.as_u16(), self.title());
        let inner = |explanation: &str, detail: &str| match self.status {
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                format!("{explanation}<br /><br />\n{detail}")
            }
            _ => format!("{explanation}<br /><br />\n{detail}\n\n"),
        };
        let (kind, body) = match accept {
            Form::Html => {
                let inner = inner(&escaped(&self.explanation), &escaped(&self.detail));
                let body = format!(
                    "<html>\n <head>\n  <title>{code}</title>\n </head>\n <body>\n  <h1>{code}</h1>\n  {inner}\n </body>\n</html>"
                );
                ("text/html; charset=UTF-8", body)
            }
            Form::Json => {
                let inner = inner(&self.explanation, &self.detail);
                let page = json!({ "message": inner, "code": code, "title": self.title() });
                ("application/json", page.to_string())
            }
            Form::Plain => {
                let inner = inner(&self.explanation, &self.detail)
                    .replace('\n', " ")
                    .replace("<br />", "\n");
                ("text/plain; charset=UTF-8", format!("{code}\n\n{inner}"))
            }
        };
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        response
    }
}

impl IntoResponse for Refused {
    /// An empty answer that carries the refusal; the router, which knows what the client accepts, makes the page.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        let away = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed => true,
            sqlx::Error::Database(said) => is_passing(said.code().as_deref()),
            _ => false,
        };
        if !away {
            return Self::failed(&error);
        }
        tracing::error!(%error, "the database does not answer, or cannot do it now");
        Self {
            databases: true,
            ..Self::unavailable("The database does not answer.")
        }
    }
}

impl From<&StoreError> for Refused {
    /// What the client can do about it; what happened, and where, stands in the log.
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Full(cause) => {
                tracing::error!(%cause, "the store is full");
                Self::too_large(format!("Image storage media is full: {cause}"))
            }
            StoreError::Denied(cause) => {
                tracing::error!(%cause, "the store may not be written or read");
                Self::unavailable("Insufficient permissions on image storage media.")
            }
            StoreError::Away(_) | StoreError::Nowhere(_) => {
                tracing::error!(
                    error = whole(error),
                    "the store does not answer as it should"
                );
                Self::unavailable(
                    "The image storage does not answer as it should; try again later.",
                )
            }
            StoreError::Missing(_) | StoreError::Unmade(..) | StoreError::Failed(_) => {
                Self::failed(error)
            }
        }
    }
}

/// An error with its causes, in a line.
pub(crate) fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// Whether a database may do later what it did not do now. PostgreSQL: connection (08), conflict (40), resources
/// (53), operator (57);
/// SQLite: busy (5), read-only (8), input or output (10), full (13), cannot open (14), with what is added in higher bits.
fn is_passing(code: Option<&str>) -> bool {
    let Some(code) = code else {
        return false;
    };
    if code.len() == 5 {
        return ["08", "40", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class));
    }
    code.parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 8 | 10 | 13 | 14))
}

/// How an error is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// For a browser, and for whoever takes everything.
    Html,
    /// For programs.
    Json,
    /// For whoever wants neither, or does not say.
    Plain,
}

impl Form {
    /// What the `Accept` header asks for.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let Some(accept) = headers.get(header::ACCEPT) else {
            return Self::Plain;
        };
        let accept = accept.to_str().unwrap_or_default();
        let mut form = Self::Plain;
        for kind in accept.split(',') {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            match kind {
                "text/html" | "*/*" | "text/*" => return Self::Html,
                "application/json" | "application/*" => form = Self::Json,
                _ => {}
            }
        }
        form
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#x27;"),
            letter => out.push(letter),
        }
    }
    out
}
