//! What is published about verdicts is what verdicts are: `docs/verify.md` and `docs/verdict.schema.json`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "../crates/origin/tests/gpg/home.rs"]
mod home;
#[path = "verify/run.rs"]
mod run;

use std::path::Path;

use home::{Gpg, How};
use run::{Made, ectype, flip};
use serde_json::Value;

fn document(name: &str) -> String {
    std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("docs")
            .join(name),
    )
    .unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&document("verdict.schema.json")).unwrap()
}

#[test]
fn every_code_is_explained_and_every_explained_code_exists() {
    let kind = |code: &proof::Code| {
        serde_json::to_value(code.kind())
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let real: Vec<_> = proof::Code::ALL
        .iter()
        .map(|code| (code.name().to_owned(), kind(code)))
        .collect();
    let page = document("verify.md");
    let table = page
        .split("## Reasons")
        .nth(1)
        .unwrap()
        .split("\n## ")
        .next()
        .unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let code = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        Some((code.to_owned(), (*cells.get(2)?).to_owned()))
    };
    assert_eq!(table.lines().filter_map(row).collect::<Vec<_>>(), real);
    let codes: Vec<_> = real
        .into_iter()
        .map(|(code, _)| Value::from(code))
        .collect();
    assert_eq!(
        schema()["properties"]["reason"]["properties"]["code"]["enum"],
        Value::Array(codes)
    );
}

#[test]
fn every_warning_is_explained() {
    let page = document("verify.md");
    let schema = schema();
    let published = &schema["properties"]["warnings"]["items"]["properties"]["code"]["enum"];
    let real = proof::Caution::ALL.map(proof::Caution::name);
    assert_eq!(*published, Value::from(real.to_vec()));
    for name in real {
        assert!(page.contains(&format!("| `{name}` | ")), "{name}");
    }
}

#[test]
fn verdicts_of_every_kind_are_as_the_schema_says() {
    let made = Made::new(&["-c"]);
    let home = made.folder.path();
    std::fs::write(
        home.join("SHA256SUMS"),
        made.sums("sha256sum", "disk.qcow2"),
    )
    .unwrap();
    let verify = |more: &[&str]| {
        ectype(
            home,
            &[],
            &[&["verify", "--stored", "disk.raw", "-f", "json"], more].concat(),
        )
    };
    let identical = verify(&["--original", "disk.qcow2"]);
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "30d", None);
    std::fs::write(home.join("vendor.asc"), gpg.export("vendor")).unwrap();
    let sums = std::fs::read(home.join("SHA256SUMS")).unwrap();
    let signature = gpg.sign("vendor", How::Armoured, &sums, &[]);
    std::fs::write(home.join("SHA256SUMS.asc"), signature).unwrap();
    let unknown = verify(&["--original", "disk.qcow2"]);
    let signed = verify(&["--original", "disk.qcow2", "--key", "vendor.asc"]);
    for (run, class, warning) in [
        (&unknown, "none", "signature-unknown-key"),
        (&signed, "signed", "key-expires-soon"),
    ] {
        assert_eq!(run.json()["evidence"]["class"], class);
        assert_eq!(run.json()["warnings"][0]["code"], warning);
    }
    std::fs::write(
        home.join("SHA256SUMS.asc"),
        "-----BEGIN PGP SIGNATURE-----\n",
    )
    .unwrap();
    let bad = verify(&["--original", "disk.qcow2"]);
    std::fs::remove_file(home.join("SHA256SUMS.asc")).unwrap();
    flip(&made.raw, 7);
    let different = verify(&["--original", "disk.qcow2"]);
    let undecided = verify(&["--original", "missing"]);
    let mut all = Vec::new();
    for (run, word) in [
        (identical, "identical"),
        (unknown, "identical"),
        (signed, "identical"),
        (bad, "undecided"),
        (different, "different"),
        (undecided, "undecided"),
    ] {
        assert_eq!(run.json()["verdict"], word);
        check(&schema(), &schema(), &run.json(), "verdict");
        all.push(run.json());
    }
    let several = &schema()["$defs"]["verdicts"];
    check(&schema(), several, &Value::Array(all), "verdicts");
}

/// As much of JSON Schema (draft 2020-12) as the published one uses. Unlike the schema it takes no unknown members:
/// what is printed must be described.
fn check(root: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        return check(
            root,
            root.pointer(name.trim_start_matches('#')).unwrap(),
            value,
            at,
        );
    }
    if let Some(only) = schema.get("const") {
        assert_eq!(value, only, "{at}");
    }
    if let Some(all) = schema["enum"].as_array() {
        assert!(all.contains(value), "{at}: {value}");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = |name: &Value| name == kind || (name == "number" && kind == "integer");
    match &schema["type"] {
        Value::Null => {}
        Value::Array(names) => assert!(names.iter().any(fits), "{at}: {value}"),
        name => assert!(fits(name), "{at}: {value}"),
    }
    for item in value.as_array().into_iter().flatten() {
        check(root, &schema["items"], item, at);
    }
    let Some(members) = value.as_object() else {
        return;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(
            members.contains_key(name.as_str().unwrap()),
            "{at}: no {name}"
        );
    }
    for (name, member) in members {
        let described = schema["properties"]
            .get(name)
            .or(schema.get("additionalProperties"));
        let described = described.unwrap_or_else(|| panic!("{at}.{name} is not described"));
        check(root, described, member, &format!("{at}.{name}"));
    }
}
