//! Whether a document is as a schema says; only the words of JSON Schema that our own schemas use.

use serde_json::{Map, Value};

use crate::python;
use crate::refused::Refused;

/// # Errors
/// 400, with the first thing that is not as the schema says; 403 for a member that only the service writes.
pub(in crate::api) fn check(
    schema: &Value,
    read_only: &[&str],
    body: &Value,
) -> Result<Map<String, Value>, Refused> {
    let name = schema.get("name").and_then(Value::as_str);
    let wrong = |why: String| {
        let name = name.unwrap_or_default();
        Refused::bad(format!(
            "Provided object does not match schema '{name}': {why}"
        ))
    };
    let Value::Object(members) = body else {
        return Err(wrong(format!(
            "{} is not of type 'object'",
            python::repr(body)
        )));
    };
    if let Some(key) = read_only.iter().find(|key| members.contains_key(**key)) {
        return Err(Refused::forbidden(format!(
            "Attribute '{key}' is read-only."
        )));
    }
    meets(schema, schema, body).map_err(wrong)?;
    Ok(members.clone())
}

/// Whether a value meets a part of the schema `root`.
fn meets(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let word = |word: &str| schema.get(word);
    if let Some(Value::String(place)) = word("$ref") {
        let place = place.trim_start_matches('#');
        return root
            .pointer(place)
            .map_or(Ok(()), |schema| meets(root, schema, value));
    }
    for part in word("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        meets(root, part, value)?;
    }
    if let Some(Value::String(kind)) = word("type")
        && !is_of(kind, value)
    {
        return Err(format!("{} is not of type '{kind}'", python::repr(value)));
    }
    if let Some(Value::Array(kinds)) = word("type")
        && !kinds
            .iter()
            .filter_map(Value::as_str)
            .any(|kind| is_of(kind, value))
    {
        let kinds: Vec<String> = kinds.iter().map(python::repr).collect();
        let kinds = kinds.join(", ");
        return Err(format!("{} is not of type {kinds}", python::repr(value)));
    }
    if let Some(Value::Array(choices)) = word("enum")
        && !choices.contains(value)
    {
        let choices = python::list(choices);
        return Err(format!("{} is not one of {choices}", python::repr(value)));
    }
    match value {
        Value::String(text) => {
            let longest = word("maxLength").and_then(Value::as_u64);
            let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            match longest.is_some_and(|longest| length > longest) {
                true => Err(format!("{} is too long", python::quoted(text))),
                false => Ok(()),
            }
        }
        Value::Number(number) => {
            let least = word("minimum").and_then(Value::as_f64);
            let below = |least: f64| number.as_f64().is_some_and(|number| number < least);
            match least.filter(|least| below(*least)) {
                Some(least) => Err(format!("{number} is less than the minimum of {least}")),
                None => Ok(()),
            }
        }
        Value::Array(items) => list(root, schema, items),
        Value::Object(members) => object(root, schema, members),
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => {
            let whole = |number: f64| number.fract() == 0.0;
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(whole)
        }
        "array" => value.is_array(),
        "null" => value.is_null(),
        _ => value.is_object(),
    }
}

fn list(root: &Value, schema: &Value, items: &[Value]) -> Result<(), String> {
    let least = schema.get("minItems").and_then(Value::as_u64);
    if items.is_empty() && least.is_some_and(|least| least > 0) {
        return Err("[] should be non-empty".to_owned());
    }
    let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
    let mut texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    texts.sort_unstable();
    if unique && texts.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(format!("{} has non-unique elements", python::list(items)));
    }
    match schema.get("items") {
        Some(schema) => items.iter().try_for_each(|item| meets(root, schema, item)),
        None => Ok(()),
    }
}

fn object(root: &Value, schema: &Value, members: &Map<String, Value>) -> Result<(), String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, value) in members {
        match (
            properties.and_then(|properties| properties.get(key)),
            schema.get("additionalProperties"),
        ) {
            (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => {
                meets(root, schema, value)?;
            }
            (None, Some(Value::Bool(false))) => {
                return Err(format!(
                    "Additional properties are not allowed ({} was unexpected)",
                    python::quoted(key)
                ));
            }
            (None, _) => {}
        }
    }
    let required = schema.get("required").and_then(Value::as_array);
    for key in required.into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(key) {
            return Err(format!("'{key}' is a required property"));
        }
    }
    Ok(())
}
