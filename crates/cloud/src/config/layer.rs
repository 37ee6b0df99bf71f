//! Settings of one source, and how a higher source covers a lower one.

use std::collections::BTreeMap;

use super::Sources;
use super::document::{Entry, Section};
use super::files::Loaded;
use super::key::{KEYS, Key};
use super::setting::{Origin, Setting};

/// Settings by the name of their key.
pub(crate) type Layer = BTreeMap<&'static str, Setting>;

/// Settings that say the same thing in different ways: who gives one of them takes the others back.
const CHOICES: &[&[&str]] = &[
    &["username", "user_id"],
    &["user_domain_name", "user_domain_id"],
    &["project_domain_name", "project_domain_id"],
    &["project_name", "project_id", "system_scope", "trust_id"],
    &["domain_name", "domain_id"],
    &["application_credential_id", "application_credential_name"],
    &["verify", "insecure"],
];

/// What one cloud, profile or region of a file says.
pub(crate) fn from_section(section: &Section, file: &Loaded, cloud: &str) -> Layer {
    let mut layer = Layer::new();
    let setting = |entry: &Entry, place: String| Setting {
        value: entry.value.clone(),
        origin: Origin::File {
            path: file.path.clone(),
            label: file.label.clone(),
            cloud: cloud.to_owned(),
            key: place,
            line: Some(entry.line).filter(|line| *line > 0),
        },
    };
    for key in KEYS {
        let outer = spelled(&section.outer, key).map(|entry| setting(entry, entry.key.clone()));
        let inner =
            spelled(&section.auth, key).map(|entry| setting(entry, format!("auth.{}", entry.key)));
        let found = if key.outer_wins {
            outer.or(inner)
        } else {
            inner.or(outer)
        };
        if let Some(found) = found {
            layer.insert(key.name, found);
        }
    }
    layer
}

/// The entry of a key, its own name before older spellings.
fn spelled<'a>(entries: &'a [Entry], key: &Key) -> Option<&'a Entry> {
    let named = |name: &str| entries.iter().rfind(|entry| entry.key == name);
    named(key.name).or_else(|| key.aliases.iter().find_map(|alias| named(alias)))
}

/// What the environment says.
pub(crate) fn from_env(sources: &Sources) -> Layer {
    let variable = |name: &str| {
        let name = format!("OS_{}", name.to_uppercase());
        let value = sources.variable(&name)?;
        Some(Setting::new(value, Origin::Env(name)))
    };
    from_names(variable)
}

/// What the flags say.
pub(crate) fn from_flags(sources: &Sources) -> Layer {
    from_names(|name| {
        let value = sources.flags.get(name).filter(|value| !value.is_empty())?;
        Some(Setting::new(value, Origin::Flag(super::key::flag(name))))
    })
}

fn from_names(look: impl Fn(&str) -> Option<Setting>) -> Layer {
    let find =
        |key: &Key| look(key.name).or_else(|| key.aliases.iter().find_map(|alias| look(alias)));
    KEYS.iter()
        .filter_map(|key| Some((key.name, find(key)?)))
        .collect()
}

/// Lays `higher` over `lower`.
pub(crate) fn cover(lower: &mut Layer, higher: Layer) {
    for choice in CHOICES {
        if choice.iter().any(|name| higher.contains_key(name)) {
            lower.retain(|name, _| !choice.contains(name));
        }
    }
    lower.extend(higher);
}

/// Whether a layer says who asks or where: then it is a connection of its own.
pub(crate) fn credentials(layer: &Layer) -> impl Iterator<Item = &Setting> {
    KEYS.iter()
        .filter(|key| key.credential)
        .filter_map(|key| layer.get(key.name))
}
