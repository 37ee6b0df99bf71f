//! `/v3/projects`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Fault, created, nothing, ok};
use super::body::{Members, Sent, inside};
use super::query::Query;
use super::{Api, Shared};
use crate::own::{DOMAIN, NewProject, Project, ProjectChange};

/// A project as it is shown.
pub(super) fn row(api: &Api, project: &Project) -> Value {
    let mut row = project.extra.clone();
    let own = json!({
        "id": project.id,
        "name": project.name,
        "domain_id": DOMAIN,
        "description": project.description,
        "enabled": project.enabled,
        "parent_id": DOMAIN,
        "is_domain": false,
        "tags": [],
        "options": {},
        "links": {"self": api.link(&format!("/projects/{}", project.id))},
    });
    if let Value::Object(own) = own {
        row.extend(own);
    }
    Value::Object(row)
}

/// Takes out what all projects have in common, after a check.
fn fixed(sent: &mut Members) -> Result<(), Fault> {
    sent.domain()?;
    let parent = sent.text("parent_id")?;
    if parent.is_some_and(|id| id != DOMAIN) || sent.flag("is_domain")? == Some(true) {
        return Err(Fault::forbidden(
            "projects here have no parents, and domains cannot be made",
        ));
    }
    for name in ["id", "links", "tags", "options"] {
        sent.take(name);
    }
    Ok(())
}

/// `GET /v3/projects`.
pub(super) async fn list(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.admin(&headers, "identity:list_projects").await?;
    let query = Query::of(&uri);
    let mut projects = api.own.projects().await?;
    projects.retain(|project| query.fits(&project.name, project.enabled));
    if query.get("parent_id").is_some_and(|id| id != DOMAIN) || query.flag("is_domain") {
        projects.clear();
    }
    let rows = projects.iter().map(|project| row(&api, project)).collect();
    api.list("projects", rows, "/projects", &uri)
}

/// `POST /v3/projects`.
pub(super) async fn create(State(api): Shared, headers: HeaderMap, sent: Sent) -> Answer {
    api.admin(&headers, "identity:create_project").await?;
    let mut sent = inside(sent, "project")?;
    fixed(&mut sent)?;
    let new = NewProject {
        name: sent.required("name")?,
        description: sent.text("description")?.unwrap_or_default(),
        disabled: sent.flag("enabled")? == Some(false),
        extra: sent.rest(),
    };
    let project = api.own.create_project(new, Timestamp::now()).await?;
    created(json!({"project": row(&api, &project)}))
}

/// `GET /v3/projects/{project}`: for administrators, and for who is in it.
pub(super) async fn show(State(api): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let caller = api.caller(&headers).await?;
    let mine = caller.project.as_ref().is_some_and(|own| own.id == id);
    if !mine && !caller.has("admin") {
        return Err(Fault::forbidden("identity:get_project"));
    }
    let project = api.own.project(&id).await?;
    ok(json!({"project": row(&api, &project)}))
}

/// `PATCH /v3/projects/{project}`.
pub(super) async fn change(
    State(api): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Sent,
) -> Answer {
    api.admin(&headers, "identity:update_project").await?;
    let mut sent = inside(sent, "project")?;
    fixed(&mut sent)?;
    let change = ProjectChange {
        name: sent.text("name")?,
        description: sent.nullable("description")?.map(Option::unwrap_or_default),
        enabled: sent.flag("enabled")?,
        extra: sent.rest(),
    };
    let project = api.own.change_project(&id, change).await?;
    let mut shown = row(&api, &project);
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("extra".to_owned(), Value::Object(project.extra));
    }
    ok(json!({"project": shown}))
}

/// `DELETE /v3/projects/{project}`.
pub(super) async fn delete(
    State(api): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    api.admin(&headers, "identity:delete_project").await?;
    api.own.delete_project(&id).await?;
    nothing()
}
