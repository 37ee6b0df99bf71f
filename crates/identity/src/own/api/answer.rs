//! Answers and refusals in Keystone's form.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::Api;
use crate::own::{DOMAIN, Error};

/// What every function of the API gives.
pub(super) type Answer = Result<Response, Fault>;

/// A refusal.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    message: String,
    /// The member `identity`, which tells how else one might log in.
    identity: Option<Value>,
    /// Seconds after which to try again.
    later: Option<u64>,
}

impl Fault {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            identity: None,
            later: None,
        }
    }

    /// 401, without a reason.
    pub(super) fn nobody() -> Self {
        Error::Denied.into()
    }

    /// 401 for a way of logging in that is not known.
    pub(super) fn unsupported() -> Self {
        Self {
            identity: Some(json!({"methods": ["password", "token", "application_credential"]})),
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                "Attempted to authenticate with an unsupported method.",
            )
        }
    }

    /// 400 in the words that Keystone has for something that is not there.
    pub(super) fn expecting(what: &str, place: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            format!(
                "Expecting to find {what} in {place}. The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error."
            ),
        )
    }

    /// 403 for an action that a policy of Keystone's is named after.
    pub(super) fn forbidden(action: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            format!("You are not authorized to perform the requested action: {action}."),
        )
    }

    /// 404.
    pub(super) fn missing(what: &'static str, id: &str) -> Self {
        Error::missing(what, id).into()
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let (status, message) = match &error {
            Error::Missing { what: "token", .. } => {
                (StatusCode::NOT_FOUND, "Failed to validate token".to_owned())
            }
            Error::Missing { what, id } => (
                StatusCode::NOT_FOUND,
                format!("Could not find {what}: {id}."),
            ),
            Error::Taken { what, name } => {
                let why = match *what {
                    "project" => format!(
                        "it is not permitted to have two projects with either the same name or same id in the same domain: name is {name}"
                    ),
                    "user" => {
                        format!("Duplicate entry found with name {name} at domain ID {DOMAIN}")
                    }
                    _ => format!("Duplicate entry found with name {name}"),
                };
                (
                    StatusCode::CONFLICT,
                    format!("Conflict occurred attempting to store {what} - {why}."),
                )
            }
            Error::Invalid(_) => (StatusCode::BAD_REQUEST, capital(&error.to_string())),
            Error::Denied => (
                StatusCode::UNAUTHORIZED,
                "The request you have made requires authentication.".to_owned(),
            ),
            Error::Unauthorized(message) => {
                return Self {
                    identity: Some(json!({})),
                    ..Self::new(StatusCode::UNAUTHORIZED, *message)
                };
            }
            Error::Forbidden(action) => return Self::forbidden(action),
            Error::Full { .. } => (StatusCode::FORBIDDEN, capital(&error.to_string())),
            Error::Busy { wait } => {
                return Self {
                    later: Some(wait.as_secs().max(1)),
                    ..Self::new(StatusCode::TOO_MANY_REQUESTS, capital(&error.to_string()))
                };
            }
            Error::Database(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The service cannot reach its records; try again later.".to_owned(),
            ),
            Error::Broken(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "An unexpected error prevented the server from fulfilling your request.".to_owned(),
            ),
        };
        Self::new(status, message)
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let mut error = Map::new();
        error.insert("code".to_owned(), json!(self.status.as_u16()));
        if let Some(identity) = self.identity {
            error.insert("identity".to_owned(), identity);
        }
        error.insert("message".to_owned(), json!(self.message));
        error.insert("title".to_owned(), json!(title));
        let mut response = (self.status, Json(json!({ "error": error }))).into_response();
        if let Some(seconds) = self.later {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// 200 with a body.
pub(super) fn ok(body: Value) -> Answer {
    Ok(Json(body).into_response())
}

/// 201 with a body.
pub(super) fn created(body: Value) -> Answer {
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// 204.
pub(super) fn nothing() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// An answer for a path that there is not.
pub(super) async fn no_such_path() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "The requested URL was not found on the server.",
    )
}

/// An answer for a path that there is, but not in this way.
pub(super) async fn no_such_method() -> (StatusCode, Json<Value>) {
    (
        StatusCode::METHOD_NOT_ALLOWED,
        Json(json!({"message": "The method is not allowed for the requested URL."})),
    )
}

/// Puts on every answer what every answer has.
pub(super) async fn dress(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    // PostgreSQL knows no NUL, and so nothing has a name with one.
    let mut response = if request.uri().to_string().contains("%00") {
        no_such_path().await.into_response()
    } else {
        next.run(request).await
    };
    let unauthorized = response.status() == StatusCode::UNAUTHORIZED;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("X-Auth-Token"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if unauthorized {
        let challenge = format!("Keystone uri=\"{}\"", api.catalogue.identity());
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
    }
    response
}
