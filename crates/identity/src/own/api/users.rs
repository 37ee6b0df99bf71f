//! `/v3/users`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, created, nothing, ok};
use super::body::{Members, Sent, inside};
use super::query::Query;
use super::{Api, Shared, projects as project};
use crate::own::{DOMAIN, NewUser, User, UserChange};

/// A user as they are shown.
fn row(api: &Api, user: &User) -> Value {
    let mut row = user.extra.clone();
    let own = json!({
        "id": user.id,
        "name": user.name,
        "domain_id": DOMAIN,
        "enabled": user.enabled,
        "password_expires_at": null,
        "options": {},
        "links": {"self": api.link(&format!("/users/{}", user.id))},
    });
    if let Value::Object(own) = own {
        row.extend(own);
    }
    if let Some(id) = &user.default_project {
        row.insert("default_project_id".to_owned(), json!(id));
    }
    if let Some(text) = &user.description {
        row.insert("description".to_owned(), json!(text));
    }
    Value::Object(row)
}

/// Takes out what all users have in common, after a check.
fn fixed(sent: &mut Members) -> Result<(), super::answer::Fault> {
    sent.domain()?;
    for name in ["id", "links", "options", "password_expires_at"] {
        sent.take(name);
    }
    Ok(())
}

/// `GET /v3/users`.
pub(super) async fn list(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.admin(&headers, "identity:list_users").await?;
    let query = Query::of(&uri);
    let mut users = api.own.users().await?;
    users.retain(|user| query.fits(&user.name, user.enabled));
    let rows = users.iter().map(|user| row(&api, user)).collect();
    api.list("users", rows, "/users", &uri)
}

/// `POST /v3/users`.
pub(super) async fn create(State(api): Shared, headers: HeaderMap, sent: Sent) -> Answer {
    api.admin(&headers, "identity:create_user").await?;
    let mut sent = inside(sent, "user")?;
    fixed(&mut sent)?;
    let new = NewUser {
        name: sent.required("name")?,
        password: sent.secret("password")?,
        disabled: sent.flag("enabled")? == Some(false),
        default_project: sent.text("default_project_id")?,
        description: sent.text("description")?,
        extra: sent.rest(),
    };
    let user = api.own.create_user(new, Timestamp::now()).await?;
    created(json!({"user": row(&api, &user)}))
}

/// `GET /v3/users/{user}`: for administrators, and for the user.
pub(super) async fn show(State(api): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    api.admin_or(&headers, &id, "identity:get_user").await?;
    let user = api.own.user(&id).await?;
    ok(json!({"user": row(&api, &user)}))
}

/// `PATCH /v3/users/{user}`.
pub(super) async fn change(
    State(api): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Sent,
) -> Answer {
    api.admin(&headers, "identity:update_user").await?;
    let mut sent = inside(sent, "user")?;
    fixed(&mut sent)?;
    let change = UserChange {
        name: sent.text("name")?,
        password: sent.secret("password")?,
        enabled: sent.flag("enabled")?,
        default_project: sent.nullable("default_project_id")?,
        description: sent.nullable("description")?,
        extra: sent.rest(),
    };
    let user = api.own.change_user(&id, change).await?;
    let mut shown = row(&api, &user);
    if let Some(shown) = shown.as_object_mut() {
        let mut extra = user.extra;
        if let Some(text) = user.description {
            extra.insert("description".to_owned(), json!(text));
        }
        shown.insert("extra".to_owned(), Value::Object(extra));
    }
    ok(json!({"user": shown}))
}

/// `DELETE /v3/users/{user}`.
pub(super) async fn delete(
    State(api): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    api.admin(&headers, "identity:delete_user").await?;
    api.own.delete_user(&id).await?;
    nothing()
}

/// `GET /v3/users/{user}/projects`: those in which the user has a role.
pub(super) async fn projects(
    State(api): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    api.admin_or(&headers, &id, "identity:list_user_projects")
        .await?;
    let user = api.own.user(&id).await?;
    let query = Query::of(&uri);
    let mut projects = api.own.projects_of(&user.id).await?;
    projects.retain(|project| query.fits(&project.name, project.enabled));
    let rows = projects.iter().map(|own| project::row(&api, own)).collect();
    api.list("projects", rows, &format!("/users/{id}/projects"), &uri)
}
