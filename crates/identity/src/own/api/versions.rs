//! Which versions of the API there are: one.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Api, Shared};

/// The version whose words are spoken here, as Keystone names its own (`keystone/version.py`).
fn version(api: &Api) -> Value {
    json!({
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": api.link("/")}],
        "media-types": [{
            "base": "application/json",
            "type": "application/vnd.openstack.identity-v3+json",
        }],
    })
}

/// `GET /`: 300, as there might be several.
pub(super) async fn all(State(api): Shared) -> Response {
    let body = json!({"versions": {"values": [version(&api)]}});
    let headers = [(header::LOCATION, api.link("/"))];
    (StatusCode::MULTIPLE_CHOICES, headers, Json(body)).into_response()
}

/// `GET /v3`.
pub(super) async fn one(State(api): Shared) -> Response {
    Json(json!({"version": version(&api)})).into_response()
}
