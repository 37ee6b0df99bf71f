//! The shipped family files: the addresses that they give are those of real builds, and a wrong file says where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use origin::family::{Fields, Template};
use origin::{Families, Family};
use serde_json::Value;

/// The vendor's other name for the same tree, and where CirrOS publishes the same file a second time.
fn one_name(url: &str) -> String {
    url.replace(
        "https://cdimage.debian.org/cdimage/cloud/",
        "https://cloud.debian.org/images/cloud/",
    )
    .replace(
        "https://download.fedoraproject.org/",
        "https://dl.fedoraproject.org/",
    )
    .replace(
        "https://github.com/cirros-dev/cirros/releases/download/",
        "https://download.cirros-cloud.net/",
    )
    .replace(
        "http://ftp-archive.freebsd.org/pub/FreeBSD-Archive/old-releases/",
        "https://download.freebsd.org/releases/",
    )
}

#[test]
fn the_addresses_of_known_builds_are_those_that_the_families_give() {
    let families = Families::load(&[]).unwrap_or_else(|e| panic!("{e}"));
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let known = std::fs::read_to_string(samples.join("known-builds.txt")).unwrap();
    let known: Vec<(&str, &str)> = known
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect();
    assert!(known.len() > 70);
    for (name, url) in known {
        let family = families.get(name).unwrap();
        let whole = family
            .url
            .to_string()
            .replace("{build}", &family.build.to_string());
        let template = Template::parse(&whole).unwrap();
        let mut patterns = family.fields.clone();
        patterns.insert("release".to_owned(), r"[0-9]+(\.[0-9]+)?".to_owned());
        patterns.insert("codename".to_owned(), "[a-z]+".to_owned());
        let fits = family.architectures.keys().any(|arch| {
            let mut fields: Fields = family.arch(arch).unwrap();
            fields.insert("base".to_owned(), family.base.to_string());
            template
                .reader(&fields, &patterns)
                .unwrap()
                .read(&one_name(url))
                .is_some()
        });
        assert!(fits, "{name}: {url}\n{whole}");
    }
}

#[test]
fn a_family_file_that_is_wrong_says_where() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/families/debian.yaml");
    let good = std::fs::read_to_string(shipped).unwrap();
    let path = PathBuf::from("debian.yaml");
    assert!(Family::parse(&good, &path).is_ok());
    let line = |text: &str| {
        let lines = good.lines().map(str::trim_start);
        1 + lines
            .into_iter()
            .position(|line| line.starts_with(text))
            .unwrap()
    };
    for (from, to, at, says) in [
        ("hosts:", "hostz:", line("hosts:"), "hostz"),
        (
            "https://cloud.debian.org/images/cloud/",
            "http://cloud.debian.org/",
            line("base:"),
            "https",
        ),
        ("[cloud.debian.org, cd", "[cd", line("base:"), "hosts"),
        ("'[0-9]+'", "'[0-9'", line("number:"), "pattern"),
        ("build: \"{date}", "build: \"{dote}", line("build:"), "dote"),
        (
            "read: listing",
            "read: list",
            line("- read: listing"),
            "list",
        ),
        ("min_ram: 512", "min_ram: much", line("min_ram:"), ""),
    ] {
        assert!(good.contains(from), "{from}");
        let error = Family::parse(&good.replace(from, to), &path)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("line {at}:")) && error.contains(says),
            "{to}: {error}"
        );
    }
}

/// The texts of the shipped files, by name.
fn shipped() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/families");
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn every_file_of_the_folder_is_shipped_and_is_as_the_schema_says() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/family.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let families = Families::load(&[]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(families.iter().count(), shipped().len());
    for (name, text) in shipped() {
        assert!(families.get(&name).is_some(), "{name}");
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        fits(&value, &schema, &name);
    }
}

/// The few words of JSON Schema that the schema uses for the forms of objects and arrays.
fn fits(value: &Value, schema: &Value, at: &str) {
    if let Some(words) = schema["enum"].as_array() {
        assert!(words.contains(value), "{at}: {value}");
    }
    match value {
        Value::Object(members) => {
            for name in schema["required"].as_array().into_iter().flatten() {
                assert!(members.contains_key(name.as_str().unwrap()), "{at}: {name}");
            }
            for (name, member) in members {
                let own = match &schema["properties"][name] {
                    Value::Null => &schema["additionalProperties"],
                    own => own,
                };
                assert!(own.is_object(), "{at}: {name} is not in the schema");
                // The one choice there is: a text or an object.
                let own = own["oneOf"].as_array().map_or(own, |of| &of[1]);
                fits(member, own, &format!("{at}.{name}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                fits(item, &schema["items"], at);
            }
        }
        _ => {}
    }
}

#[test]
fn the_schema_names_every_key_that_a_file_may_have() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/family.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let debian = shipped()
        .into_iter()
        .find(|(name, _)| name == "debian")
        .unwrap()
        .1;
    let insides = [
        ("family: debian\n", "nonsense: 1\nfamily: debian\n", &schema),
        (
            "- {release: \"13\",",
            "- {nonsense: 1, release: \"13\",",
            &schema["properties"]["releases"]["items"],
        ),
        (
            "- read: listing\n",
            "- nonsense: 1\n    read: listing\n",
            &schema["properties"]["find"]["items"],
        ),
        (
            "{product: debian,",
            "{nonsense: 1, product: debian,",
            &schema["properties"]["lifecycle"],
        ),
        (
            "  login: debian\n",
            "  nonsense: 1\n  login: debian\n",
            &schema["properties"]["image"],
        ),
    ];
    for (from, to, part) in insides {
        assert!(debian.contains(from), "{from}");
        let error = Family::parse(&debian.replace(from, to), Path::new("x"))
            .unwrap_err()
            .to_string();
        let said = error
            .split("expected")
            .nth(1)
            .unwrap_or_else(|| panic!("{error}"));
        let names: BTreeSet<&str> = said
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| !matches!(*word, "" | "one" | "of" | "or"))
            .collect();
        let known: BTreeSet<&str> = part["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(names, known, "{error}");
    }
}
