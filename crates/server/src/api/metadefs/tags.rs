//! Tags of a namespace: words that stand for themselves.

use axum::response::Response;
use http::{HeaderName, StatusCode};
use serde_json::{Map, Value, json};

use super::super::{empty, json as answer};
use super::list::{Order, page};
use super::namespaces::taken;
use super::{check, gone, read, schemas, seen, shape, unprotected, write};
use crate::moment;
use crate::records::metadefs::{self as records, Kind, Namespace, Part, Replaced};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// Whether several new tags come to those that are there, and do not take their place.
const APPEND: HeaderName = HeaderName::from_static("x-openstack-append");

/// What only the service writes.
const READ_ONLY: [&str; 2] = ["created_at", "updated_at"];

/// A tag as it is kept.
///
/// # Errors
/// 400.
pub(super) fn shape(members: &Map<String, Value>) -> Result<Map<String, Value>, Refused> {
    shape::plain(members, &["name"])
}

/// A tag in a list.
pub(super) fn named(part: &Part) -> Value {
    json!({ "name": part.name })
}

/// A tag as the API shows it.
fn shown(part: &Part) -> Value {
    json!({
        "name": part.name,
        "created_at": moment::text(part.created),
        "updated_at": moment::text(part.updated),
    })
}

fn missing(name: &str) -> Refused {
    Refused::missing(format!("Could not find metadata tag {name}"))
}

async fn one(service: &Service, space: &Namespace, name: &str) -> Result<Part, Refused> {
    let found = records::one(&service.pool, &space.id, Kind::Tag, name).await?;
    found.ok_or_else(|| missing(name))
}

fn tag(name: String) -> Part {
    let now = moment::now();
    Part {
        kind: Kind::Tag,
        shown: Map::new(),
        name,
        created: now,
        updated: now,
    }
}

pub(super) async fn list(
    service: &Service,
    request: &Request,
    name: &str,
) -> Result<Response, Refused> {
    let order = Order::of_tags(&request.query())?;
    let space = seen(service, request, name, &gone(name)).await?;
    read(request, &space)?;
    if let Some(marker) = &order.marker {
        one(service, &space, marker).await?;
    }
    let all = records::of(&service.pool, &space.id, Kind::Tag).await?;
    let all = page(
        all,
        &order,
        |part| part.name.as_str(),
        |part, key| match key {
            "name" => json!(part.name),
            "updated_at" => json!(part.updated),
            _ => json!(part.created),
        },
    );
    let all: Vec<Value> = all.iter().map(named).collect();
    Ok(answer(StatusCode::OK, &json!({ "tags": all })))
}

/// What oslo takes for true.
fn is_true(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    ["1", "t", "true", "on", "y", "yes"].contains(&text.as_str())
}

pub(super) async fn create_several(
    service: &Service,
    mut request: Request,
    name: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let body = check::check(&schemas::several_tags(), &READ_ONLY, &body)?;
    let tags = body.get("tags").and_then(Value::as_array);
    let tags = tags.ok_or_else(|| Refused::bad("'tags' is a required property"))?;
    let tags: Vec<Part> = tags
        .iter()
        .filter_map(Value::as_object)
        .map(|members| Ok(tag(shape::name(members, "name")?)))
        .collect::<Result<_, Refused>>()?;
    let space = seen(service, &request, name, &gone(name)).await?;
    write(&request, &space, "add_metadef_tags")?;
    let append = request.headers().get(APPEND);
    let append = append.and_then(|value| value.to_str().ok());
    let alone = !append.is_some_and(is_true);
    if let Some(name) = records::add(&service.pool, &space.id, &tags, alone).await? {
        return Err(taken(Kind::Tag, &name, &space.namespace));
    }
    let tags: Vec<Value> = tags.iter().map(named).collect();
    Ok(answer(StatusCode::CREATED, &json!({ "tags": tags })))
}

pub(super) async fn create(
    service: &Service,
    request: &Request,
    name: &str,
    word: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    check::check(&schemas::tag(), &[], &json!({ "name": word }))?;
    write(request, &space, "add_metadef_tag")?;
    let part = tag(word.to_owned());
    let parts = std::slice::from_ref(&part);
    match records::add(&service.pool, &space.id, parts, false).await? {
        Some(name) => Err(taken(Kind::Tag, &name, &space.namespace)),
        None => Ok(answer(StatusCode::CREATED, &shown(&part))),
    }
}

pub(super) async fn show(
    service: &Service,
    request: &Request,
    name: &str,
    word: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    read(request, &space)?;
    let part = one(service, &space, word).await?;
    Ok(answer(StatusCode::OK, &shown(&part)))
}

pub(super) async fn update(
    service: &Service,
    mut request: Request,
    name: &str,
    word: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let body = check::check(&schemas::tag(), &READ_ONLY, &body)?;
    let mut part = tag(shape::name(&body, "name")?);
    let space = seen(service, &request, name, &gone(name)).await?;
    write(&request, &space, "modify_metadef_tag")?;
    part.created = one(service, &space, word).await?.created;
    match records::replace(&service.pool, &space.id, word, &part).await? {
        Replaced::Gone => Err(missing(word)),
        Replaced::Taken => Err(taken(Kind::Tag, &part.name, &space.namespace)),
        Replaced::Done => Ok(answer(StatusCode::OK, &shown(&part))),
    }
}

pub(super) async fn delete(
    service: &Service,
    request: &Request,
    name: &str,
    word: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let space = seen(service, request, name, &gone(name)).await?;
    write(request, &space, "delete_metadef_tag")?;
    one(service, &space, word).await?;
    unprotected(&space, "tag", word)?;
    match records::remove(&service.pool, &space.id, Kind::Tag, word).await? {
        true => Ok(empty(StatusCode::NO_CONTENT)),
        false => Err(missing(word)),
    }
}
