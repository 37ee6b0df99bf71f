//! Properties of a namespace.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::{empty, json as answer};
use super::namespaces::taken;
use super::{check, gone, read, schemas, seen, shape, types, unprotected, write};
use crate::moment;
use crate::records::metadefs::{self as records, Kind, Namespace, Part, Replaced};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// What only the service writes.
const READ_ONLY: [&str; 2] = ["created_at", "updated_at"];

/// Properties by their names, each behind the prefix of a resource type.
pub(super) fn by_name(parts: &[Part], prefix: &str) -> Map<String, Value> {
    let parts = parts.iter();
    parts
        .map(|part| {
            let name = format!("{prefix}{}", part.name);
            (name, Value::Object(part.shown.clone()))
        })
        .collect()
}

/// One property as the API shows it.
fn shown(part: &Part) -> Value {
    let mut shown = part.shown.clone();
    shown.insert("name".to_owned(), json!(part.name));
    Value::Object(shown)
}

fn missing(name: &str) -> Refused {
    Refused::missing(format!("Could not find property {name}"))
}

async fn one(service: &Service, space: &Namespace, name: &str) -> Result<Part, Refused> {
    let found = records::one(&service.pool, &space.id, Kind::Property, name).await?;
    found.ok_or_else(|| missing(name))
}

/// The property that the body describes.
fn wanted(body: &Value) -> Result<Part, Refused> {
    let body = check::check(&schemas::property(true), &READ_ONLY, body)?;
    let now = moment::now();
    Ok(Part {
        kind: Kind::Property,
        name: shape::name(&body, "name")?,
        shown: shape::property(&body)?,
        created: now,
        updated: now,
    })
}

pub(super) async fn list(
    service: &Service,
    request: &Request,
    name: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    read(request, &space)?;
    let all = records::of(&service.pool, &space.id, Kind::Property).await?;
    let body = json!({ "properties": by_name(&all, "") });
    Ok(answer(StatusCode::OK, &body))
}

pub(super) async fn create(
    service: &Service,
    mut request: Request,
    name: &str,
) -> Result<Response, Refused> {
    let part = wanted(&request.json().await?)?;
    let space = seen(service, &request, name, &gone(name)).await?;
    write(&request, &space, "add_metadef_property")?;
    let parts = std::slice::from_ref(&part);
    match records::add(&service.pool, &space.id, parts, false).await? {
        Some(name) => Err(taken(Kind::Property, &name, &space.namespace)),
        None => Ok(answer(StatusCode::CREATED, &shown(&part))),
    }
}

/// The name without the prefix that properties have for a resource type.
async fn without_prefix(
    service: &Service,
    space: &Namespace,
    name: &str,
    resource_type: &str,
) -> Result<String, Refused> {
    let association = types::one(service, space, resource_type).await?;
    let prefix = types::prefix(std::slice::from_ref(&association), resource_type);
    let rest = prefix.filter(|prefix| !prefix.is_empty());
    let rest = rest.and_then(|prefix| name.strip_prefix(prefix));
    rest.map(str::to_owned).ok_or_else(|| {
        Refused::missing(format!(
            "Property {name} does not start with the expected resource type association prefix of '{}'.",
            prefix.unwrap_or("None")
        ))
    })
}

pub(super) async fn show(
    service: &Service,
    request: &Request,
    name: &str,
    property: &str,
) -> Result<Response, Refused> {
    let space = seen(service, request, name, &gone(name)).await?;
    read(request, &space)?;
    let query = request.query();
    let wanted = query.iter().find(|(key, _)| key == "resource_type");
    let property = match wanted {
        Some((_, wanted)) if !wanted.is_empty() => {
            without_prefix(service, &space, property, wanted).await?
        }
        _ => property.to_owned(),
    };
    let part = one(service, &space, &property).await?;
    Ok(answer(StatusCode::OK, &shown(&part)))
}

pub(super) async fn update(
    service: &Service,
    mut request: Request,
    name: &str,
    property: &str,
) -> Result<Response, Refused> {
    let part = wanted(&request.json().await?)?;
    let space = seen(service, &request, name, &gone(name)).await?;
    write(&request, &space, "modify_metadef_property")?;
    match records::replace(&service.pool, &space.id, property, &part).await? {
        Replaced::Gone => Err(missing(property)),
        Replaced::Taken => Err(taken(Kind::Property, &part.name, &space.namespace)),
        Replaced::Done => Ok(answer(StatusCode::OK, &shown(&part))),
    }
}

pub(super) async fn delete(
    service: &Service,
    request: &Request,
    name: &str,
    property: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    write(request, &space, "remove_metadef_property")?;
    one(service, &space, property).await?;
    unprotected(&space, "property", property)?;
    match records::remove(&service.pool, &space.id, Kind::Property, property).await? {
        true => Ok(empty(StatusCode::NO_CONTENT)),
        false => Err(missing(property)),
    }
}
