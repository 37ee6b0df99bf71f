//! Changes to a record, in the two dialects of JSON patch that Glance speaks; all in one write, or none.

mod pointer;

use axum::response::Response;
use http::{HeaderName, StatusCode};
use serde_json::{Map, Value};

use super::create::{properties, tags};
use super::images::change;
use super::json;
use super::validate::{check, is_base, set, settable};
use crate::policy;
use crate::records::{Image, Visibility};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

const KINDS: [(&str, Dialect); 2] = [
    (
        "application/openstack-images-v2.0-json-patch",
        Dialect::Draft4,
    ),
    (
        "application/openstack-images-v2.1-json-patch",
        Dialect::Draft10,
    ),
];
const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
const OPERATIONS: [&str; 3] = ["add", "remove", "replace"];

/// Which draft of JSON patch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// `{"add": "/key", "value": …}`
    Draft4,
    /// `{"op": "add", "path": "/key", "value": …}`
    Draft10,
}

/// One change.
struct Change {
    operation: &'static str,
    key: String,
    value: Value,
    dialect: Dialect,
}

pub(crate) async fn image(
    service: &Service,
    mut request: Request,
    id: &str,
) -> Result<Response, Refused> {
    let kind = request.media_type();
    let Some((_, dialect)) = KINDS.into_iter().find(|(name, _)| *name == kind) else {
        let allowed = KINDS.map(|(name, _)| name).join(", ");
        let detail = format!("Image PATCH expects Content-Type one of: {allowed}");
        return Err(Refused::media_type(&kind, detail).header(ACCEPT_PATCH, &allowed));
    };
    let body = request.json().await?;
    let changes = parse(&body, dialect)?;
    let image = if changes.is_empty() {
        super::seen(service, &request, id).await?
    } else {
        change(service, &request, id, |image| {
            for change in &changes {
                apply(&request, image, change)?;
            }
            properties(image.properties.len())?;
            tags(image.tags.len())
        })
        .await?
    };
    Ok(json(StatusCode::OK, &image.shown(&service.settings.store)))
}

fn parse(body: &Value, dialect: Dialect) -> Result<Vec<Change>, Refused> {
    let Value::Array(body) = body else {
        return Err(Refused::bad(
            "Request body must be a JSON array of operation objects.",
        ));
    };
    body.iter().map(|raw| one(raw, dialect)).collect()
}

fn one(raw: &Value, dialect: Dialect) -> Result<Change, Refused> {
    let Value::Object(raw) = raw else {
        return Err(Refused::bad("Operations must be JSON objects."));
    };
    let (operation, path) = match dialect {
        Dialect::Draft10 => draft10(raw)?,
        Dialect::Draft4 => draft4(raw)?,
    };
    let Value::String(path) = path else {
        return Err(Refused::bad(format!("Pointer `{path}` is not a text.")));
    };
    let path = pointer::decode(path)?;
    let key = path.first().cloned().unwrap_or_default();
    let depth = if key == "locations" && operation != "replace" {
        2
    } else {
        1
    };
    if path.len() != depth {
        return Err(Refused::bad(format!(
            "Invalid JSON pointer for this resource: '/{}'",
            path.join("/")
        )));
    }
    let value = match (operation, raw.get("value")) {
        ("remove", _) => Value::Null,
        (_, Some(value)) => value.clone(),
        _ => {
            return Err(Refused::bad(format!(
                "Operation \"{operation}\" requires a member named \"value\"."
            )));
        }
    };
    settable(&key)?;
    if operation != "remove" && depth == 2 {
        check(&key, &Value::Array(vec![value.clone()]))?;
    }
    if operation != "remove" && depth == 1 {
        check(&key, &value)?;
    }
    Ok(Change {
        operation,
        key,
        value,
        dialect,
    })
}

fn draft10(raw: &Map<String, Value>) -> Result<(&'static str, &Value), Refused> {
    let available = OPERATIONS.join(", ");
    let Some(wanted) = raw.get("op").filter(|op| !op.is_null()) else {
        return Err(Refused::bad(format!(
            "Unable to find `op` in JSON Schema change. It must be one of the following: {available}."
        )));
    };
    let operation = OPERATIONS.into_iter().find(|name| wanted == name);
    let operation = operation.ok_or_else(|| {
        let wanted = wanted
            .as_str()
            .map_or_else(|| wanted.to_string(), str::to_owned);
        Refused::bad(format!(
            "Invalid operation: `{wanted}`. It must be one of the following: {available}."
        ))
    })?;
    let path = raw
        .get("path")
        .ok_or_else(|| Refused::bad("Unable to find 'path' in JSON Schema change"))?;
    Ok((operation, path))
}

fn draft4(raw: &Map<String, Value>) -> Result<(&'static str, &Value), Refused> {
    let mut found = OPERATIONS
        .into_iter()
        .filter_map(|name| Some((name, raw.get(name)?)));
    let Some(first) = found.next() else {
        return Err(Refused::bad(
            "Operation objects must contain exactly one member named \"add\", \"remove\", or \"replace\".",
        ));
    };
    match found.next() {
        None => Ok(first),
        Some(_) => Err(Refused::bad(
            "Operation objects must contain only one member named \"add\", \"remove\", or \"replace\".",
        )),
    }
}

fn apply(request: &Request, image: &mut Image, change: &Change) -> Result<(), Refused> {
    let (key, value) = (change.key.as_str(), &change.value);
    let caller = &request.caller;
    if key == "locations" {
        policy::change(caller, image, "set_image_location")?;
        let word = match change.operation {
            "add" => "add",
            "remove" => "remove",
            _ if value.as_array().is_some_and(Vec::is_empty) => {
                return Err(Refused::forbidden("Cannot set locations to empty list."));
            }
            _ => "update",
        };
        return Err(Refused::forbidden(format!(
            "It's not allowed to {word} locations if locations are invisible."
        )));
    }
    if key == "owner" && change.operation == "replace" && !caller.is_admin() {
        return Err(Refused::denied("Owner can't be updated by non admin."));
    }
    if key == "visibility"
        && let Some(visibility) = value.as_str().and_then(Visibility::of)
    {
        policy::publish(caller, visibility, image.owner.as_deref())?;
    }
    policy::change(caller, image, "modify_image")?;
    if key == "owner" && change.operation == "add" && !caller.is_admin() {
        return Err(Refused::denied("Owner can't be updated by non admin."));
    }
    let there = is_base(key) || image.properties.contains_key(key);
    match change.operation {
        "remove" if is_base(key) => Err(Refused::denied(format!(
            "Property {key} may not be removed."
        ))),
        "remove" | "replace" if !there => {
            Err(Refused::clash(format!("Property {key} does not exist.")))
        }
        "remove" => {
            image.properties.shift_remove(key);
            Ok(())
        }
        "add" if there && change.dialect == Dialect::Draft4 => {
            Err(Refused::clash(format!("Property {key} already present.")))
        }
        _ => {
            if !set(image, key, value)? {
                image.properties.insert(key.to_owned(), value.clone());
            }
            Ok(())
        }
    }
}
