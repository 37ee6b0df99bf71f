//! The published schema of catalogue files and the parser agree.

use catalogue::Catalogue;
use catalogue::words::{Arch, Evidence, Format, Frequency, Order, Purpose, Visibility};
use serde_json::{Value, json};

fn schema() -> Value {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/definition.schema.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn shipped() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/catalogue");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        files.push((
            path.display().to_string(),
            serde_saphyr::from_str(&text).unwrap(),
        ));
    }
    assert_eq!(files.len(), 8);
    files
}

#[test]
fn the_shipped_catalogue_is_as_the_schema_says() {
    for (name, value) in shipped() {
        let wrong = check(&schema(), &schema(), &value);
        assert_eq!(wrong, None, "{name}");
    }
}

#[test]
fn the_words_are_the_same() {
    let values = schema()["$defs"]["values"]["properties"].clone();
    fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Value {
        all.iter().map(|one| word(*one)).collect()
    }
    for (field, words) in [
        ("arch", words(Arch::ALL, Arch::word)),
        ("format", words(Format::ALL, Format::word)),
        ("evidence", words(Evidence::ALL, Evidence::word)),
        ("os_purpose", words(Purpose::ALL, Purpose::word)),
        ("replace_frequency", words(Frequency::ALL, Frequency::word)),
        ("visibility", words(Visibility::ALL, Visibility::word)),
        ("rotation", words(Order::ALL, Order::word)),
    ] {
        assert_eq!(values[field]["enum"], words, "{field}");
    }
}

/// Every key of the schema is taken by the parser, and no other is.
#[test]
fn the_keys_are_the_same() {
    let values = schema()["$defs"]["values"]["properties"].clone();
    for (field, about) in values.as_object().unwrap() {
        let example = &about["examples"][0];
        assert!(!example.is_null(), "{field} has no example");
        let text = json!({"catalogue": 1, "images": {"a": {field: example}}}).to_string();
        Catalogue::empty().unwrap().add(&text, "a").unwrap();
        assert_eq!(check(&schema(), about, example), None, "{field}");
    }
    let error = Catalogue::empty()
        .unwrap()
        .add("catalogue: 1\nimages: {a: {zzz: 1}}", "a");
    let error = error.unwrap_err().to_string();
    let expected: Vec<_> = error
        .split("expected one of")
        .nth(1)
        .unwrap()
        .split(['`', ',', ' '])
        .collect();
    let expected: Vec<_> = expected
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect();
    assert_eq!(
        expected.len(),
        values.as_object().unwrap().len(),
        "{expected:?}"
    );
    for name in expected {
        assert!(values.get(name).is_some(), "{name} is not in the schema");
    }
}

#[test]
fn what_the_schema_refuses_the_parser_refuses() {
    for (patch, parsed) in [
        (json!({"min_disk": "much"}), false),
        (json!({"min_disk": -1}), false),
        (json!({"arch": "riscv"}), false),
        (json!({"colour": "red"}), false),
        (json!({"uuid_validity": "last"}), false),
        (json!({"provided_until": "forever"}), false),
        (json!({"hotfix_hours": "soon"}), false),
        (json!({"original": {"url": "https://example.org"}}), false),
        (
            json!({"uuid_validity": "last-5", "hotfix_hours": 24, "properties": {"a": null}}),
            true,
        ),
    ] {
        let value = json!({"catalogue": 1, "images": {"a": patch}});
        let fine = check(&schema(), &schema(), &value).is_none();
        let read = Catalogue::empty()
            .unwrap()
            .add(&value.to_string(), "a")
            .is_ok();
        assert_eq!((fine, read), (parsed, parsed), "{value}");
    }
}

// long: one keyword after the other.
/// As much of JSON Schema (draft 2020-12) as the published one uses; what is wrong, if anything is.
fn check(root: &Value, schema: &Value, value: &Value) -> Option<String> {
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
