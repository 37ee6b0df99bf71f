//! Which kinds of things a namespace is for, and what its properties are prefixed with there.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::{empty, json as answer};
use super::namespaces::taken;
use super::{check, gone, lists, read, schemas, seen, shape, unprotected, write};
use crate::moment;
use crate::records::metadefs::{self as records, Kind, Namespace, Part};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// An association as it is kept.
///
/// # Errors
/// 400.
pub(super) fn shape(members: &Map<String, Value>) -> Result<Map<String, Value>, Refused> {
    shape::plain(members, &["name", "prefix", "properties_target"])
}

/// An association as the API shows it.
pub(super) fn shown(part: &Part) -> Value {
    let mut shown = part.shown.clone();
    shown.insert("created_at".to_owned(), json!(moment::text(part.created)));
    shown.insert("updated_at".to_owned(), json!(moment::text(part.updated)));
    Value::Object(shown)
}

/// What properties are prefixed with for a resource type.
pub(super) fn prefix<'a>(associations: &'a [Part], resource_type: &str) -> Option<&'a str> {
    let found = associations.iter().find(|part| part.name == resource_type);
    found?.shown.get("prefix")?.as_str()
}

/// The association with a resource type.
///
/// # Errors
/// 404.
pub(super) async fn one(service: &Service, space: &Namespace, name: &str) -> Result<Part, Refused> {
    if let Some(part) = records::one(&service.pool, &space.id, Kind::Type, name).await? {
        return Ok(part);
    }
    Err(Refused::missing(
        match records::is_type(&service.pool, name).await? {
            true => format!(
                "The metadata definition resource-type association of resource-type={name} to namespace={}, was not \
                 found.",
                space.namespace
            ),
            false => {
                format!("The metadata definition resource-type with name={name}, was not found.")
            }
        },
    ))
}

/// All that any namespace is or was for.
pub(super) async fn known(service: &Service, request: &Request) -> Result<Response, Refused> {
    request.without_body()?;
    lists(request)?;
    let all = records::types(&service.pool).await?;
    let all: Vec<Value> = all
        .iter()
        .map(|one| {
            let time = moment::text(one.created);
            json!({ "name": one.name, "created_at": time, "updated_at": time })
        })
        .collect();
    Ok(answer(StatusCode::OK, &json!({ "resource_types": all })))
}

pub(super) async fn list(
    service: &Service,
    request: &Request,
    name: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    read(request, &space)?;
    let all = records::of(&service.pool, &space.id, Kind::Type).await?;
    let all: Vec<Value> = all.iter().map(shown).collect();
    let body = json!({ "resource_type_associations": all });
    Ok(answer(StatusCode::OK, &body))
}

pub(super) async fn associate(
    service: &Service,
    mut request: Request,
    name: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let read_only = ["created_at", "updated_at"];
    let body = check::check(&schemas::resource_type(), &read_only, &body)?;
    let now = moment::now();
    let part = Part {
        kind: Kind::Type,
        name: shape::name(&body, "name")?,
        shown: shape(&body)?,
        created: now,
        updated: now,
    };
    let space = seen(service, &request, name, &gone(name)).await?;
    write(&request, &space, "add_metadef_resource_type_association")?;
    let parts = std::slice::from_ref(&part);
    match records::add(&service.pool, &space.id, parts, false).await? {
        Some(name) => Err(taken(Kind::Type, &name, &space.namespace)),
        None => Ok(answer(StatusCode::CREATED, &shown(&part))),
    }
}

pub(super) async fn remove(
    service: &Service,
    request: &Request,
    name: &str,
    resource_type: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    write(request, &space, "remove_metadef_resource_type_association")?;
    let missing = || {
        Refused::missing(format!(
            "Failed to find resource type {resource_type} to delete"
        ))
    };
    records::one(&service.pool, &space.id, Kind::Type, resource_type)
        .await?
        .ok_or_else(missing)?;
    unprotected(&space, "resource-type-association", resource_type)?;
    match records::remove(&service.pool, &space.id, Kind::Type, resource_type).await? {
        true => Ok(empty(StatusCode::NO_CONTENT)),
        false => Err(missing()),
    }
}
