//! What public clouds say about the images of each family, for `--os FAMILY:VERSION`; and the list of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Column, List};

const FILE: &str = include_str!("../../../assets/presets.yaml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Presets {
    common: BTreeMap<String, String>,
    families: Vec<Family>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    name: String,
    os_distro: String,
    user: String,
    purpose: String,
    versions: Vec<String>,
}

impl Presets {
    fn read() -> Result<Self, Failure> {
        serde_saphyr::from_str(FILE).map_err(|error| Failure::of(Exit::Bug, &error))
    }
}

/// The properties of `FAMILY:VERSION`.
///
/// # Errors
/// A family or a version that is not known, with those that are.
pub(super) fn properties(asked: &str) -> Result<BTreeMap<String, String>, Failure> {
    let presets = Presets::read()?;
    let (name, version) = asked.split_once(':').unwrap_or((asked, ""));
    let Some(family) = presets.families.iter().find(|family| family.name == name) else {
        let known: Vec<&str> = presets.families.iter().map(|f| f.name.as_str()).collect();
        let message = format!("there is no preset for the family `{name}`");
        return Err(
            Failure::new(Exit::Usage, message).cause(format!("known: {}", known.join(", ")))
        );
    };
    if !family.versions.iter().any(|known| known == version) {
        let message = format!("there is no preset for version `{version}` of {name}");
        let known = family.versions.join(", ");
        return Err(Failure::new(Exit::Usage, message)
            .cause(format!("known: {known}"))
            .hint("write it as FAMILY:VERSION; other versions: --property and --os-version"));
    }
    let mut all = presets.common;
    for (key, value) in [
        ("os_distro", family.os_distro.as_str()),
        ("os_version", version),
        ("os_purpose", &family.purpose),
        ("image_original_user", &family.user),
    ] {
        all.insert(key.to_owned(), value.to_owned());
    }
    Ok(all)
}

const COLUMNS: [Column; 5] = [
    Column::shown("Family", "family"),
    Column::shown("Versions", "versions"),
    Column::shown("OS Distro", "os_distro"),
    Column::shown("Purpose", "os_purpose"),
    Column::shown("User", "image_original_user"),
];

/// `ectype image presets`.
pub(super) fn list(context: &Context) -> Result<(), Failure> {
    let row = |family: &Family| {
        vec![
            json!(family.name),
            json!(family.versions.join(", ")),
            json!(family.os_distro),
            json!(family.purpose),
            json!(family.user),
        ]
    };
    context.out.list(&List {
        columns: COLUMNS.to_vec(),
        rows: Presets::read()?.families.iter().map(row).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SCS-0102 v2, `os_purpose`.
    const PURPOSES: [&str; 7] = [
        "generic",
        "oldgeneric",
        "minimal",
        "k8snode",
        "gpu",
        "network",
        "custom",
    ];

    #[test]
    fn every_preset_that_is_listed_can_be_used_and_follows_scs_0102() {
        let presets = Presets::read().unwrap();
        for family in &presets.families {
            assert!(PURPOSES.contains(&family.purpose.as_str()), "{family:?}");
            assert!(!family.versions.is_empty(), "{family:?}");
            for version in &family.versions {
                let all = properties(&format!("{}:{version}", family.name)).unwrap();
                assert!(["scsi", "virtio"].contains(&all["hw_disk_bus"].as_str()));
                assert!(all.values().all(|value| !value.is_empty()), "{all:?}");
                assert_eq!(&all["os_version"], version);
            }
        }
    }

    #[test]
    fn an_unknown_family_or_version_says_which_are_known() {
        let family = properties("debain:13").unwrap_err();
        assert!(family.causes[0].contains("debian"), "{family:?}");
        let version = properties("debian:99").unwrap_err();
        assert!(version.causes[0].contains("13"), "{version:?}");
    }
}
