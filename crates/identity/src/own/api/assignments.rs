//! `/v3/role_assignments`, and the roles of a user in a project.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::answer::{Answer, nothing};
use super::directory::linked_role;
use super::query::Query;
use super::token::domain;
use super::{Api, Shared};
use crate::own::{Assignment, Error, Role, Where, roles};

type Three = Path<(String, String, String)>;

/// `GET /v3/role_assignments`.
pub(super) async fn list(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.admin(&headers, "identity:list_role_assignments")
        .await?;
    let query = Query::of(&uri);
    // Groups, domains and the system have no roles here.
    let elsewhere = ["group.id", "scope.domain.id", "scope.system"];
    if elsewhere.iter().any(|name| query.get(name).is_some()) {
        return api.list("role_assignments", Vec::new(), "/role_assignments", &uri);
    }
    let of = Where {
        user: query.get("user.id").map(str::to_owned),
        project: query.get("scope.project.id").map(str::to_owned),
        role: None,
    };
    let names = query.flag("include_names");
    let effective = query.flag("effective");
    let wanted = query.get("role.id");
    let mut rows = Vec::new();
    for found in api.own.assignments(&of).await? {
        let all = match effective {
            true => roles::expanded([found.role.name]),
            false => vec![found.role],
        };
        let all = all.into_iter();
        for role in all.filter(|role| wanted.is_none_or(|id| id == role.id)) {
            rows.push(row(&api, &found, role, names));
        }
    }
    api.list("role_assignments", rows, "/role_assignments", &uri)
}

fn row(api: &Api, found: &Assignment, role: &Role, names: bool) -> Value {
    let link = api.link(&format!(
        "/projects/{}/users/{}/roles/{}",
        found.project, found.user, found.role.id
    ));
    let mut links = json!({"assignment": link});
    if role != found.role
        && let Some(links) = links.as_object_mut()
    {
        // This way round in Keystone, too.
        let prior = format!("/prior_role/{}/implies/{}", role.id, found.role.id);
        links.insert("prior_role".to_owned(), json!(api.link(&prior)));
    }
    let (project, user, role) = if names {
        (
            json!({"id": found.project, "name": found.project_name, "domain": domain()}),
            json!({"id": found.user, "name": found.user_name, "domain": domain()}),
            json!({"id": role.id, "name": role.name}),
        )
    } else {
        (
            json!({"id": found.project}),
            json!({"id": found.user}),
            json!({"id": role.id}),
        )
    };
    json!({"links": links, "scope": {"project": project}, "user": user, "role": role})
}

/// `GET /v3/projects/{project}/users/{user}/roles`.
pub(super) async fn of(
    State(api): Shared,
    Path((project, user)): Path<(String, String)>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    api.admin(&headers, "identity:list_grants").await?;
    api.own.project(&project).await?;
    api.own.user(&user).await?;
    let path = format!("/projects/{project}/users/{user}/roles");
    let wanted = Where {
        user: Some(user),
        project: Some(project),
        role: None,
    };
    let found = api.own.assignments(&wanted).await?;
    let rows = found.iter().map(|found| linked_role(&api, found.role));
    api.list("roles", rows.collect(), &path, &uri)
}

/// `GET` and `HEAD /v3/projects/{project}/users/{user}/roles/{role}`: 204 when the user has it.
pub(super) async fn check(
    State(api): Shared,
    Path((project, user, role)): Three,
    headers: HeaderMap,
) -> Answer {
    api.admin(&headers, "identity:check_grant").await?;
    let role = roles::with_id(&role)?;
    let wanted = Where {
        user: Some(user.clone()),
        project: Some(project.clone()),
        role: Some(role.id.to_owned()),
    };
    if api.own.assignments(&wanted).await?.is_empty() {
        return Err(Error::no_assignment(role, &user, &project).into());
    }
    nothing()
}

/// `PUT /v3/projects/{project}/users/{user}/roles/{role}`.
pub(super) async fn give(
    State(api): Shared,
    Path((project, user, role)): Three,
    headers: HeaderMap,
) -> Answer {
    api.admin(&headers, "identity:create_grant").await?;
    let role = roles::with_id(&role)?;
    api.own.assign(&user, &project, role).await?;
    nothing()
}

/// `DELETE /v3/projects/{project}/users/{user}/roles/{role}`.
pub(super) async fn take(
    State(api): Shared,
    Path((project, user, role)): Three,
    headers: HeaderMap,
) -> Answer {
    api.admin(&headers, "identity:revoke_grant").await?;
    let role = roles::with_id(&role)?;
    api.own.unassign(&user, &project, role).await?;
    nothing()
}
