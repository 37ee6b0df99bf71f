//! Definitions as they are kept: each attribute in the type that Glance's model gives it, and none that it does not have.

use serde_json::{Map, Number, Value, json};

use crate::limits::MAX_DEFINITION;
use crate::python;
use crate::refused::Refused;

/// What the service alone says of a definition. It is in what clients have read, so it may come back inside a namespace.
const OWN: [&str; 4] = ["created_at", "updated_at", "self", "schema"];

fn wrong(key: &str, value: &Value, why: &str) -> Refused {
    let value = python::repr(value);
    Refused::bad(format!(
        "Invalid input for field/attribute {key}. Value: {value}. {why}"
    ))
}

/// A name that a path can hold and a database too.
///
/// # Errors
/// 400.
pub(super) fn name(members: &Map<String, Value>, key: &str) -> Result<String, Refused> {
    let value = members.get(key).unwrap_or(&Value::Null);
    match value.as_str() {
        None => Err(wrong(key, value, "Mandatory field missing.")),
        Some("") => Err(wrong(key, value, "It is empty.")),
        Some(text) if text.chars().count() > MAX_DEFINITION => {
            Err(wrong(key, value, "It is too long."))
        }
        Some(text) if text.contains('\0') => Err(wrong(key, value, "It has a NUL in it.")),
        Some(text) => Ok(text.to_owned()),
    }
}

fn text(key: &str, value: &Value) -> Result<Value, Refused> {
    match value {
        Value::String(_) => Ok(value.clone()),
        _ => Err(wrong(key, value, "It is no text.")),
    }
}

fn texts(key: &str, value: &Value) -> Result<Value, Refused> {
    match value.as_array() {
        // Glance takes a null among them; a list of texts alone it asks for in its schema.
        Some(items) if items.iter().all(|item| item.is_string() || item.is_null()) => {
            Ok(value.clone())
        }
        _ => Err(wrong(key, value, "It is no list of texts.")),
    }
}

fn flag(key: &str, value: &Value) -> Result<Value, Refused> {
    match value {
        Value::Bool(_) => Ok(value.clone()),
        _ => Err(wrong(key, value, "It is neither true nor false.")),
    }
}

/// A whole number; what is behind the point goes.
fn whole(key: &str, value: &Value) -> Result<Value, Refused> {
    if value.is_i64() || value.is_u64() {
        return Ok(value.clone());
    }
    let number = value
        .as_f64()
        .map(|number| format!("{:.0}", number.trunc()));
    let number = number.and_then(|number| number.parse::<i64>().ok());
    let number = number.map(|number| Value::Number(Number::from(number)));
    number.ok_or_else(|| wrong(key, value, "It is no number, or too large a one."))
}

/// The default of a property: text, whatever it was.
fn default(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        Value::Bool(_) | Value::Number(_) => json!(python::repr(value)),
        Value::Null | Value::Array(_) | Value::Object(_) => Value::Null,
    }
}

fn items(value: &Value) -> Result<Value, Refused> {
    let members = value.as_object();
    let members = members.ok_or_else(|| wrong("items", value, "It is no object."))?;
    let mut kept = Map::new();
    for (key, value) in members {
        let value = match key.as_str() {
            "type" => text(key, value)?,
            "enum" => texts(key, value)?,
            _ => return Err(unknown(key)),
        };
        kept.insert(key.clone(), value);
    }
    match kept.contains_key("type") {
        true => Ok(Value::Object(kept)),
        false => Err(wrong("type", &Value::Null, "Mandatory field missing.")),
    }
}

fn unknown(key: &str) -> Refused {
    Refused::bad(format!("Unknown attribute: {key}"))
}

/// One property.
///
/// # Errors
/// 400.
pub(super) fn property(members: &Map<String, Value>) -> Result<Map<String, Value>, Refused> {
    let mut kept = Map::new();
    for (key, value) in members {
        let value = match key.as_str() {
            "name" | "type" | "title" | "description" | "pattern" => text(key, value)?,
            "operators" | "enum" => texts(key, value)?,
            "readonly" | "confidential" | "uniqueItems" | "additionalItems" => flag(key, value)?,
            "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems" => {
                whole(key, value)?
            }
            "default" => default(value),
            "items" => items(value)?,
            _ => return Err(unknown(key)),
        };
        kept.insert(key.clone(), value);
    }
    Ok(kept)
}

/// Properties by their names.
///
/// # Errors
/// 400.
pub(super) fn properties(value: &Value) -> Result<Map<String, Value>, Refused> {
    let members = value.as_object();
    let members = members.ok_or_else(|| wrong("properties", value, "It is no object."))?;
    let mut kept = Map::new();
    for (key, value) in members {
        let one = value.as_object();
        let one = one.ok_or_else(|| wrong(key, value, "It is no object."))?;
        kept.insert(key.clone(), Value::Object(property(one)?));
    }
    Ok(kept)
}

/// One object.
///
/// # Errors
/// 400.
pub(super) fn object(members: &Map<String, Value>) -> Result<Map<String, Value>, Refused> {
    let mut kept = Map::new();
    for (key, value) in members {
        let value = match key.as_str() {
            "name" | "description" => text(key, value)?,
            "required" => texts(key, value)?,
            "properties" => Value::Object(properties(value)?),
            own if OWN.contains(&own) => continue,
            _ => return Err(unknown(key)),
        };
        kept.insert(key.clone(), value);
    }
    Ok(kept)
}

/// Something of which only these texts are known: a tag, or the association with a resource type.
///
/// # Errors
/// 400.
pub(super) fn plain(
    members: &Map<String, Value>,
    known: &[&str],
) -> Result<Map<String, Value>, Refused> {
    let mut kept = Map::new();
    for (key, value) in members {
        match key.as_str() {
            word if known.contains(&word) => kept.insert(key.clone(), text(key, value)?),
            "created_at" | "updated_at" => continue,
            _ => return Err(unknown(key)),
        };
    }
    Ok(kept)
}
