//! The published schema of catalogue files and the parser agree.

use catalogue::Catalogue;
use catalogue::words::{Arch, Evidence, Format, Frequency, Order, Purpose, Visibility};
use serde_json::{Value, json};

use crate::check::check;

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
