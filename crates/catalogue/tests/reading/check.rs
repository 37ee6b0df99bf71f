//! As much of JSON Schema as the published schemas use.

use serde_json::{Value, json};

// long: one keyword after the other.
/// Holds a value against a schema (draft 2020-12); what is wrong, if anything is.
pub(crate) fn check(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return check(
            root,
            root.pointer(name.trim_start_matches('#')).unwrap(),
            value,
        );
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let all: Option<Vec<_>> = any.iter().map(|one| check(root, one, value)).collect();
        return all.map(|all| all.join(" and "));
    }
    let wrong = |what: &str| Some(format!("{value} {what}"));
    if schema.get("const").is_some_and(|only| only != value) {
        return wrong("is not the one value");
    }
    if schema["enum"]
        .as_array()
        .is_some_and(|all| !all.contains(value))
    {
        return wrong("is none of the words");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() || number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if let Some(kinds) = schema.get("type") {
        let allowed = kinds == kind
            || kinds
                .as_array()
                .is_some_and(|all| all.contains(&json!(kind)));
        if !allowed {
            return wrong("is of another type");
        }
    }
    if schema["minimum"]
        .as_i64()
        .is_some_and(|least| value.as_i64().is_some_and(|n| n < least))
    {
        return wrong("is too small");
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
        && !matches(pattern, text)
    {
        return wrong("is of another form");
    }
    match value {
        Value::Array(items) => items
            .iter()
            .find_map(|item| check(root, &schema["items"], item)),
        Value::Object(members) => {
            for name in schema["required"].as_array().into_iter().flatten() {
                if !members.contains_key(name.as_str().unwrap()) {
                    return wrong("lacks a key");
                }
            }
            members.iter().find_map(|(name, member)| {
                match (
                    schema["properties"].get(name),
                    schema.get("additionalProperties"),
                ) {
                    (Some(own), _) => check(root, own, member),
                    (None, Some(Value::Bool(false))) => Some(format!("`{name}` is not known")),
                    (None, Some(others)) => check(root, others, member),
                    (None, None) => None,
                }
            })
        }
        _ => None,
    }
}

/// The patterns that the schema has, each by its own few lines.
fn matches(pattern: &str, text: &str) -> bool {
    let day = catalogue::words::day(text).is_some();
    match pattern {
        "^(none|notice|[0-9]{4}-[0-9]{2}-[0-9]{2})$" => ["none", "notice"].contains(&text) || day,
        "^(none|notice|forever|last-[0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2})$" => {
            let last = text.strip_prefix("last-");
            let last = last.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
            ["none", "notice", "forever"].contains(&text) || last || day
        }
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" => day,
        "^sha(256:[0-9A-Fa-f]{64}|512:[0-9A-Fa-f]{128})$" => {
            catalogue::digests::parse(text).is_ok()
        }
        other => panic!("no reader for {other}"),
    }
}
