//! What clients read before they log in: which versions there are, and that the service lives.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::json as answer;
use crate::limits::HEALTH;
use crate::service::Service;

/// Every minor version that is served, the newest first (Glance's `api/versions.py`, with stores and without a cache).
const MINORS: [u32; 16] = [17, 15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

pub(crate) fn versions(service: &Service, parts: &Parts, status: StatusCode) -> Response {
    let base = base(service, parts);
    let versions: Vec<Value> = MINORS
        .iter()
        .map(|minor| {
            let current = MINORS.first() == Some(minor);
            json!({
                "id": format!("v2.{minor}"),
                "status": if current { "CURRENT" } else { "SUPPORTED" },
                "links": [{ "rel": "self", "href": format!("{base}/v2/") }],
            })
        })
        .collect();
    answer(status, &json!({ "versions": versions }))
}

/// Where the client reaches the service, without a slash at the end.
pub(crate) fn base(service: &Service, parts: &Parts) -> String {
    if let Some(url) = &service.settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = parts.headers.get(header::HOST);
    let host = host
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let scheme = match parts.extensions.get::<Secure>() {
        Some(_) => "https",
        None => "http",
    };
    format!("{scheme}://{host}")
}

/// Marks a request that came over TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Secure;

/// `OK` while the database answers.
pub(crate) async fn health(service: &Service) -> Response {
    let asked = sqlx::query("SELECT 1").fetch_one(&service.pool);
    let error = match tokio::time::timeout(HEALTH, asked).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(late) => Some(late.to_string()),
    };
    let (status, text) = match error {
        None => (StatusCode::OK, "OK"),
        Some(error) => {
            tracing::error!(error, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer",
            )
        }
    };
    let mut response = (status, Body::from(text)).into_response();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=UTF-8"),
    );
    response
}
