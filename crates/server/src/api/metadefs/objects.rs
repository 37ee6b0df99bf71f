//! Objects of a namespace: several properties under one name.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::{empty, json as answer};
use super::namespaces::{READ_ONLY, taken};
use super::{
    absent, check, found, gone, list as listing, read, schemas, shape, unprotected, write,
};
use crate::moment;
use crate::records::metadefs::{self as records, Kind, Namespace, Part, Replaced};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// An object as the API shows it, each of its properties behind the prefix of a resource type.
pub(super) fn shown(space: &str, part: &Part, prefix: &str) -> Value {
    let mut shown = said(space, part);
    let required = shown.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    let required: Vec<String> = required.map(|name| format!("{prefix}{name}")).collect();
    let properties = shown.get("properties").and_then(Value::as_object);
    let properties: Map<String, Value> = properties
        .into_iter()
        .flatten()
        .map(|(name, value)| (format!("{prefix}{name}"), value.clone()))
        .collect();
    shown.insert("required".to_owned(), json!(required));
    shown.insert("properties".to_owned(), Value::Object(properties));
    Value::Object(shown)
}

/// An object with no more than what a client said of it.
fn said(space: &str, part: &Part) -> Map<String, Value> {
    let path = format!("/v2/metadefs/namespaces/{space}/objects/{}", part.name);
    let mut shown = part.shown.clone();
    for (key, value) in [
        ("created_at", moment::text(part.created)),
        ("updated_at", moment::text(part.updated)),
        ("self", path),
        ("schema", "/v2/schemas/metadefs/object".to_owned()),
    ] {
        shown.insert(key.to_owned(), json!(value));
    }
    shown
}

async fn space(service: &Service, request: &Request, name: &str) -> Result<Namespace, Refused> {
    found(service, request, name, &absent(name), &gone(name)).await
}

async fn one(service: &Service, space: &Namespace, name: &str) -> Result<Part, Refused> {
    let found = records::one(&service.pool, &space.id, Kind::Object, name).await?;
    found.ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Refused {
    Refused::missing(format!("Could not find metadata object {name}"))
}

/// The object that the body describes.
fn wanted(body: &Map<String, Value>) -> Result<Part, Refused> {
    let now = moment::now();
    Ok(Part {
        kind: Kind::Object,
        name: shape::name(body, "name")?,
        shown: shape::object(body)?,
        created: now,
        updated: now,
    })
}

pub(super) async fn list(
    service: &Service,
    request: &Request,
    name: &str,
) -> Result<Response, Refused> {
    listing::objects(&request.query())?;
    let space = space(service, request, name).await?;
    read(request, &space)?;
    let all = records::of(&service.pool, &space.id, Kind::Object).await?;
    let all: Vec<Value> = all
        .iter()
        .map(|part| shown(&space.namespace, part, ""))
        .collect();
    // Glance begins this one without a slash.
    let body = json!({ "objects": all, "schema": "v2/schemas/metadefs/objects" });
    Ok(answer(StatusCode::OK, &body))
}

pub(super) async fn create(
    service: &Service,
    mut request: Request,
    name: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let body = check::check(&schemas::object(), &READ_ONLY, &body)?;
    let properties = body.get("properties").and_then(Value::as_object);
    for value in properties.into_iter().flat_map(Map::values) {
        check::check(&schemas::property(false), &[], value)?;
    }
    let part = wanted(&body)?;
    let space = space(service, &request, name).await?;
    write(&request, &space, "add_metadef_object")?;
    let parts = std::slice::from_ref(&part);
    match records::add(&service.pool, &space.id, parts, false).await? {
        Some(name) => Err(taken(Kind::Object, &name, &space.namespace)),
        None => {
            let shown = Value::Object(said(&space.namespace, &part));
            Ok(answer(StatusCode::CREATED, &shown))
        }
    }
}

pub(super) async fn show(
    service: &Service,
    request: &Request,
    name: &str,
    object: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = space(service, request, name).await?;
    read(request, &space)?;
    let part = one(service, &space, object).await?;
    Ok(answer(StatusCode::OK, &shown(&space.namespace, &part, "")))
}

pub(super) async fn update(
    service: &Service,
    mut request: Request,
    name: &str,
    object: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let body = check::check(&schemas::object(), &READ_ONLY, &body)?;
    let mut part = wanted(&body)?;
    let space = space(service, &request, name).await?;
    write(&request, &space, "modify_metadef_object")?;
    part.created = one(service, &space, object).await?.created;
    match records::replace(&service.pool, &space.id, object, &part).await? {
        Replaced::Gone => Err(missing(object)),
        Replaced::Taken => Err(taken(Kind::Object, &part.name, &space.namespace)),
        Replaced::Done => {
            let shown = Value::Object(said(&space.namespace, &part));
            Ok(answer(StatusCode::OK, &shown))
        }
    }
}

pub(super) async fn delete(
    service: &Service,
    request: &Request,
    name: &str,
    object: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = space(service, request, name).await?;
    write(request, &space, "delete_metadef_object")?;
    one(service, &space, object).await?;
    unprotected(&space, "object", object)?;
    match records::remove(&service.pool, &space.id, Kind::Object, object).await? {
        true => Ok(empty(StatusCode::NO_CONTENT)),
        false => Err(missing(object)),
    }
}
