//! What is fixed: the domain, the roles, the services and their addresses.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};

use super::answer::{Answer, Fault, ok};
use super::query::Query;
use super::{Api, Shared};
use crate::own::{DOMAIN, DOMAIN_NAME, ROLES, Role, roles};

fn domain_row(api: &Api) -> Value {
    json!({
        "id": DOMAIN,
        "name": DOMAIN_NAME,
        "description": "The default domain",
        "enabled": true,
        "tags": [],
        "options": {},
        "links": {"self": api.link("/domains/default")},
    })
}

/// `GET /v3/domains`.
pub(super) async fn domains(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.admin(&headers, "identity:list_domains").await?;
    let fits = Query::of(&uri).fits(DOMAIN_NAME, true);
    let rows = fits.then(|| domain_row(&api)).into_iter().collect();
    api.list("domains", rows, "/domains", &uri)
}

/// `GET /v3/domains/{domain}`.
pub(super) async fn domain(
    State(api): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let caller = api.caller(&headers).await?;
    let mine = caller.project.is_some() && id == DOMAIN;
    if !mine && !caller.has("admin") {
        return Err(Fault::forbidden("identity:get_domain"));
    }
    if id != DOMAIN {
        return Err(Fault::missing("domain", &id));
    }
    ok(json!({"domain": domain_row(&api)}))
}

/// A role as it is listed, without its link.
pub(super) fn role_row(role: &Role) -> Value {
    json!({
        "id": role.id,
        "name": role.name,
        "domain_id": null,
        "description": null,
        "options": {"immutable": true},
    })
}

/// A role as it is listed.
pub(super) fn linked_role(api: &Api, role: &Role) -> Value {
    let mut row = role_row(role);
    if let Some(row) = row.as_object_mut() {
        let link = api.link(&format!("/roles/{}", role.id));
        row.insert("links".to_owned(), json!({"self": link}));
    }
    row
}

/// `GET /v3/roles`.
pub(super) async fn roles(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.admin(&headers, "identity:list_roles").await?;
    let query = Query::of(&uri);
    let wanted = |role: &&Role| {
        query.get("name").is_none_or(|name| name == role.name) && query.get("domain_id").is_none()
    };
    let rows = ROLES.iter().filter(wanted);
    let rows = rows.map(|role| linked_role(&api, role)).collect();
    api.list("roles", rows, "/roles", &uri)
}

/// `GET /v3/roles/{role}`.
pub(super) async fn role(State(api): Shared, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let caller = api.caller(&headers).await?;
    let role = roles::with_id(&id)?;
    // A manager may look at the roles that managers give.
    let managed = |role: &Role| matches!(role.name, "reader" | "member" | "manager");
    let managed = caller.has("manager") && managed(role);
    if !managed && !caller.has("admin") {
        return Err(Fault::forbidden("identity:get_role"));
    }
    ok(json!({"role": linked_role(&api, role)}))
}

/// `GET /v3/services`.
pub(super) async fn services(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.admin(&headers, "identity:list_services").await?;
    let rows = matching(api.catalogue.services(), &uri, &["type", "name"]);
    api.list("services", rows, "/services", &uri)
}

/// `GET /v3/endpoints`.
pub(super) async fn endpoints(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.admin(&headers, "identity:list_endpoints").await?;
    let keys = ["interface", "service_id", "region_id"];
    let rows = matching(api.catalogue.endpoints(), &uri, &keys);
    api.list("endpoints", rows, "/endpoints", &uri)
}

/// `GET /v3/regions`: for everybody, as with Keystone.
pub(super) async fn regions(State(api): Shared, headers: HeaderMap, uri: Uri) -> Answer {
    api.caller(&headers).await?;
    let region = api.catalogue.region();
    let row = json!({
        "id": region,
        "description": "",
        "parent_region_id": null,
        "links": {"self": api.link(&format!("/regions/{region}"))},
    });
    api.list("regions", vec![row], "/regions", &uri)
}

/// The rows that pass the filters of these names.
fn matching(mut rows: Vec<Value>, uri: &Uri, keys: &[&str]) -> Vec<Value> {
    let query = Query::of(uri);
    rows.retain(|row| {
        let fits = |key: &&str| {
            let wanted = query.get(key);
            wanted.is_none_or(|wanted| row.get(key).and_then(Value::as_str) == Some(wanted))
        };
        keys.iter().all(fits)
    });
    rows
}
