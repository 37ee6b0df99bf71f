//! Lists of namespaces and of tags: filtered, sorted, in pages.

use std::cmp::Ordering;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::json as answer;
use super::{absent, found, lists, namespaces, reads, types};
use crate::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::records::metadefs::{self as records, Kind, Namespace};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// What namespaces can be sorted by.
const OF_NAMESPACES: [&str; 9] = [
    "created_at",
    "updated_at",
    "namespace",
    "display_name",
    "description",
    "visibility",
    "owner",
    "protected",
    "id",
];

/// What tags can be sorted by.
const OF_TAGS: [&str; 4] = ["created_at", "updated_at", "name", "id"];

type Query = [(String, String)];

fn wanted<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    let found = query.iter().rev().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// In which order, and which part of a list is asked for.
pub(super) struct Order {
    key: String,
    descending: bool,
    limit: Option<u64>,
    /// The name of the one behind which the page begins.
    pub(super) marker: Option<String>,
}

impl Order {
    fn of(query: &Query, keys: &[&str], visibilities: &[&str]) -> Result<Self, Refused> {
        let limit = wanted(query, "limit").map(limit).transpose()?;
        let direction = wanted(query, "sort_dir").unwrap_or("desc");
        if !["asc", "desc"].contains(&direction) {
            return Err(Refused::bad(format!("Invalid sort direction: {direction}")));
        }
        let visibility = wanted(query, "visibility").unwrap_or_default();
        if !visibility.is_empty() && !visibilities.contains(&visibility) {
            return Err(Refused::bad(format!(
                "Invalid visibility value: {visibility}"
            )));
        }
        let key = wanted(query, "sort_key").unwrap_or("created_at");
        if !keys.contains(&key) {
            return Err(Refused::bad(format!("Invalid sort key: {key}")));
        }
        let marker = wanted(query, "marker").filter(|marker| !marker.is_empty());
        Ok(Self {
            key: key.to_owned(),
            descending: direction == "desc",
            limit,
            marker: marker.map(str::to_owned),
        })
    }

    /// The order of a list of tags.
    ///
    /// # Errors
    /// 400.
    pub(super) fn of_tags(query: &Query) -> Result<Self, Refused> {
        // An empty limit is none here.
        let empty = |(key, value): &(String, String)| key == "limit" && value.is_empty();
        let kept = query.iter().filter(|pair| !empty(pair)).cloned();
        let kept: Vec<(String, String)> = kept.collect();
        Self::of(&kept, &OF_TAGS, &["public", "private", "shared"])
    }
}

/// Refuses what a list of objects cannot be asked for; such a list is always whole and in the order of the names.
///
/// # Errors
/// 400.
pub(super) fn objects(query: &Query) -> Result<(), Refused> {
    if wanted(query, "limit").map(limit).transpose()? == Some(0) {
        return Err(Refused::bad("limit param must be positive"));
    }
    let rest: Vec<(String, String)> = query
        .iter()
        .filter(|(key, _)| key != "sort_key")
        .cloned()
        .collect();
    Order::of_tags(&rest).map(drop)
}

fn limit(text: &str) -> Result<u64, Refused> {
    let limit: i64 = text
        .trim()
        .parse()
        .map_err(|_| Refused::bad("limit param must be an integer"))?;
    u64::try_from(limit).map_err(|_| Refused::bad("limit param must be positive"))
}

/// By a value of each: nothing first, then false and true, numbers, and texts.
fn compare(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_i64().cmp(&other.as_i64()),
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => (!one.is_null()).cmp(&!other.is_null()),
    }
}

/// The page that is asked for of entries that come in the order of their making.
pub(super) fn page<T>(
    mut all: Vec<T>,
    order: &Order,
    name: fn(&T) -> &str,
    value: fn(&T, &str) -> Value,
) -> Vec<T> {
    // A stable sort: what is equal stays in the order of its making, and is turned round with the rest.
    all.sort_by(|one, other| compare(&value(one, &order.key), &value(other, &order.key)));
    if order.descending {
        all.reverse();
    }
    let marker = order.marker.as_deref();
    let before = marker.and_then(|marker| all.iter().position(|one| name(one) == marker));
    let from = before.map_or(0, |before| before.saturating_add(1));
    let limit = order.limit.and_then(|limit| usize::try_from(limit).ok());
    let rest = all.into_iter().skip(from);
    rest.take(limit.unwrap_or(usize::MAX)).collect()
}

fn value(space: &Namespace, key: &str) -> Value {
    let shown = |key: &str| space.shown.get(key).cloned().unwrap_or_default();
    match key {
        "namespace" => json!(space.namespace),
        "display_name" | "description" => shown(key),
        "visibility" => json!(space.visibility()),
        "owner" => json!(space.owner),
        "protected" => json!(space.protected),
        "updated_at" => json!(space.updated),
        _ => json!(space.created),
    }
}

/// Only those for one of these resource types.
async fn only_for(
    service: &Service,
    all: Vec<Namespace>,
    wanted: &str,
) -> Result<Vec<Namespace>, Refused> {
    let wanted: Vec<&str> = wanted.split(',').collect();
    let mut kept = Vec::new();
    for space in all {
        let associations = records::of(&service.pool, &space.id, Kind::Type).await?;
        let mut names = associations.iter().map(|part| part.name.as_str());
        if names.any(|name| wanted.contains(&name)) {
            kept.push(space);
        }
    }
    Ok(kept)
}

pub(super) async fn namespaces(service: &Service, request: &Request) -> Result<Response, Refused> {
    let query = request.query();
    let mut order = Order::of(&query, &OF_NAMESPACES, &["public", "private"])?;
    let limit = order.limit.unwrap_or(DEFAULT_PAGE).min(MAX_PAGE);
    order.limit = Some(limit);
    lists(request)?;
    if let Some(marker) = &order.marker {
        let hidden = Refused::forbidden(format!(
            "Forbidding request, metadata definition namespace={marker} is not visible."
        ));
        found(service, request, marker, &absent(marker), &hidden).await?;
    }
    let caller = &request.caller;
    let all = records::all(&service.pool, caller.is_admin(), caller.project.as_deref()).await?;
    let mut all: Vec<Namespace> = all
        .into_iter()
        .filter(|space| reads(request, space))
        .collect();
    if let Some(visibility) = wanted(&query, "visibility").filter(|text| !text.is_empty()) {
        all.retain(|space| space.visibility() == visibility);
    }
    if let Some(types) = wanted(&query, "resource_types") {
        all = only_for(service, all, types).await?;
    }
    all.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
    let page = page(all, &order, |space| space.namespace.as_str(), value);
    let mut shown = Vec::new();
    for space in &page {
        let mut one = namespaces::shown(space);
        let associations = records::of(&service.pool, &space.id, Kind::Type).await?;
        if !associations.is_empty() {
            let associations = associations.iter().map(types::shown).collect();
            one.insert("resource_type_associations".to_owned(), associations);
        }
        shown.push(Value::Object(one));
    }
    let full = !page.is_empty() && u64::try_from(page.len()).is_ok_and(|length| length == limit);
    let last = page.last().filter(|_| full);
    let last = last.map(|space| space.namespace.as_str());
    Ok(answer(
        StatusCode::OK,
        &Value::Object(links(&query, last, shown)),
    ))
}

/// The list with the links to its first and its next page.
fn links(query: &Query, last: Option<&str>, shown: Vec<Value>) -> Map<String, Value> {
    let path = "/v2/metadefs/namespaces";
    let kept = query.iter().filter(|(key, _)| key != "marker");
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(kept.clone());
    let text = text.finish();
    let first = match text.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{text}"),
    };
    let mut body = Map::new();
    body.insert("first".to_owned(), json!(first));
    body.insert(
        "schema".to_owned(),
        json!("/v2/schemas/metadefs/namespaces"),
    );
    if let Some(last) = last {
        let mut next = url::form_urlencoded::Serializer::new(text);
        next.append_pair("marker", last);
        body.insert(
            "next".to_owned(),
            json!(format!("{path}?{}", next.finish())),
        );
    }
    body.insert("namespaces".to_owned(), Value::Array(shown));
    body
}
