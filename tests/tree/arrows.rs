//! No crate depends on one that the design does not point it at (docs/architecture.md).

use std::process::Command;

use serde_json::{Value, json};

/// Who may depend on whom. `ectype`, the front door, may depend on everybody.
const ARROWS: &[(&str, &[&str])] = &[
    (
        "ectype-catalogue",
        &[
            "ectype-delivery",
            "ectype-proof",
            "ectype-origin",
            "ectype-cloud",
            "ectype-net",
            "ectype-disk",
            "ectype-wire",
        ],
    ),
    (
        "ectype-delivery",
        &[
            "ectype-proof",
            "ectype-cloud",
            "ectype-net",
            "ectype-disk",
            "ectype-wire",
        ],
    ),
    (
        "ectype-dashboard",
        &[
            "ectype-catalogue",
            "ectype-delivery",
            "ectype-proof",
            "ectype-origin",
            "ectype-cloud",
            "ectype-disk",
            "ectype-net",
            "ectype-wire",
        ],
    ),
    (
        "ectype-proof",
        &[
            "ectype-origin",
            "ectype-cloud",
            "ectype-disk",
            "ectype-wire",
        ],
    ),
    ("ectype-origin", &["ectype-net", "ectype-disk"]),
    ("ectype-cloud", &["ectype-net", "ectype-wire"]),
    ("ectype-net", &[]),
    (
        "ectype-identity",
        &["ectype-database", "ectype-net", "ectype-wire"],
    ),
    (
        "ectype-server",
        &[
            "ectype-identity",
            "ectype-database",
            "ectype-disk",
            "ectype-net",
            "ectype-wire",
        ],
    ),
    ("ectype-database", &[]),
    ("ectype-wire", &[]),
    ("ectype-disk", &[]),
    ("ectype-world", &[]),
];

/// What only tests may use.
const FOR_TESTS: &str = "ectype-world";

fn complaints(metadata: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let allowed = ARROWS
            .iter()
            .find(|(from, _)| *from == name)
            .map(|(_, to)| *to);
        if allowed.is_none() && name != "ectype" && !name.contains("fuzz") {
            complaints.push(format!(
                "{name}: a new room; give it its arrows here and in docs/architecture.md"
            ));
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            let tests_only = dependency["kind"] == "dev";
            let fine = !to.starts_with("ectype")
                || (to == FOR_TESTS && tests_only)
                || (to != FOR_TESTS && allowed.is_none_or(|allowed| allowed.contains(&to)));
            if !fine {
                complaints.push(format!("{name} → {to} is not one of the design's arrows"));
            }
        }
    }
    complaints
}

#[test]
fn dependencies_point_as_designed() {
    let out = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--offline",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(super::root())
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert!(metadata["packages"].as_array().unwrap().len() > ARROWS.len());
    super::none(&complaints(&metadata));
}

#[test]
fn an_arrow_that_points_back_is_noticed() {
    let package = |name: &str, to: &str, kind: Value| json!({ "packages": [{ "name": name, "dependencies": [{ "name": to, "kind": kind }] }] });
    for (name, to, kind) in [
        ("ectype-disk", "ectype-net", Value::Null),
        ("ectype-disk", "ectype-net", json!("dev")),
        ("ectype-cloud", "ectype-disk", json!("build")),
        ("ectype-proof", "ectype-net", Value::Null),
        ("ectype", "ectype-world", Value::Null),
        ("ectype-unheard-of", "serde", Value::Null),
    ] {
        assert_eq!(
            complaints(&package(name, to, kind)).len(),
            1,
            "{name} → {to}"
        );
    }
    for (name, to, kind) in [
        ("ectype", "ectype-proof", Value::Null),
        ("ectype-net", "ectype-world", json!("dev")),
        ("ectype-net", "serde", Value::Null),
    ] {
        assert!(
            complaints(&package(name, to, kind)).is_empty(),
            "{name} → {to}"
        );
    }
}
