//! What a caller's token gives: the catalogue, and the projects to choose from.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde_json::json;

use super::Shared;
use super::answer::{Answer, Fault, ok};
use super::projects::row;

/// `GET /v3/auth/catalog`: for who is in a project.
pub(super) async fn catalogue(State(api): Shared, headers: HeaderMap) -> Answer {
    let caller = api.caller(&headers).await?;
    if caller.project.is_none() {
        return Err(Fault::new(
            StatusCode::FORBIDDEN,
            "You are not authorized to perform the requested action.",
        ));
    }
    ok(json!({
        "catalog": api.catalogue.in_token(),
        "links": {"self": api.link("/auth/catalog")},
    }))
}

/// `GET /v3/auth/projects`: those in which the caller has a role.
pub(super) async fn projects(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    let caller = api.caller(&headers).await?;
    let projects = api.own.projects_of(&caller.user.id).await?;
    let rows = projects.iter().map(|project| row(&api, project)).collect();
    api.list("projects", rows, "/auth/projects", &uri)
}

/// `GET /v3/auth/domains`: nobody has a role in a domain.
pub(super) async fn domains(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.caller(&headers).await?;
    api.list("domains", Vec::new(), "/auth/domains", &uri)
}

/// `GET /v3/auth/system`: nobody has a role in the system.
pub(super) async fn system(State(api): Shared, headers: HeaderMap) -> Answer {
    api.caller(&headers).await?;
    ok(json!({"system": [], "links": {"self": api.link("/auth/system")}}))
}
