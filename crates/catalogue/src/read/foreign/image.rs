//! One entry of `images:`, with everything that its versions share.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::{Entry, Keys, Reading, slug, text, version};
use crate::read::draft::{Draft, Hours};
use crate::read::settle::settle;
use crate::words::{Format, Order, Which};

/// Keys that say nothing about an image, and why they are ignored.
const IGNORED: [(&str, &str); 6] = [
    (
        "shortname",
        "it names files of openstack-image-manager's own mirror",
    ),
    (
        "latest_url",
        "only the script that updates such files reads it; use the family of the shipped catalogue instead",
    ),
    (
        "latest_checksum_url",
        "only the script that updates such files reads it; use the family of the shipped catalogue instead",
    ),
    ("password", "a password is not published with an image"),
    ("keep", "old builds are kept as `uuid_validity` says"),
    (
        "format",
        "the format of the original is seen from its bytes; it is stored raw",
    ),
];

/// Reads an entry into definitions: one, or without `multi` one for each version.
pub(super) fn read(reading: &mut Reading<'_>, entry: Entry) {
    let Entry { mut keys, versions } = entry;
    let line = keys
        .values()
        .map(|v| v.referenced.line())
        .min()
        .unwrap_or_default();
    let Some(name) = keys.remove("name").and_then(|name| text(&name.value)) else {
        reading.fault("(no name)", line, "`name` is missing");
        return;
    };
    let id = slug(&name);
    let before = reading.foreign.faults.len();
    let shared = Shared {
        versions,
        ..Shared::read(reading, &name, &id, line, &mut keys)
    };
    for (key, value) in &keys {
        let why = IGNORED
            .iter()
            .find(|(known, _)| known == key)
            .map_or("it is not known", |(_, why)| *why);
        reading.ignore(&name, value.referenced.line(), format!("`{key}`"), why);
    }
    if reading.foreign.faults.len() > before {
        return;
    }
    if shared.versions.is_empty() {
        reading.fault(&id, line, "there is no version of it");
    }
    if shared.multi {
        shared.newest(reading);
    } else {
        shared.each(reading);
    }
}

struct Shared {
    name: String,
    id: String,
    line: u64,
    multi: bool,
    separator: String,
    draft: Draft,
    versions: Vec<Keys>,
}

impl Shared {
    fn read(reading: &mut Reading<'_>, name: &str, id: &str, line: u64, keys: &mut Keys) -> Self {
        let mut draft = Draft {
            name: Some(name.to_owned()),
            build: Some(Which::Newest),
            format: Some(Format::Raw),
            rotation: Some(Order::DemoteFirst),
            warn_days: Some(90),
            ..Draft::default()
        };
        let mut take = |key: &str| keys.remove(key);
        let multi = take("multi").is_some_and(|v| v.value == Value::Bool(true));
        let separator = take("separator").and_then(|v| text(&v.value));
        draft.enabled = word(reading, id, "enable", take("enable")).or(Some(true));
        draft.login = word(reading, id, "login", take("login"));
        draft.min_disk = word(reading, id, "min_disk", take("min_disk"));
        draft.min_ram = word(reading, id, "min_ram", take("min_ram"));
        draft.visibility = word(reading, id, "visibility", take("visibility"));
        draft.tags = word(reading, id, "tags", take("tags")).or(Some(Vec::new()));
        if let Some(status) = take("status")
            && status.value != "active"
        {
            let why = "images are published active; use `enabled: false` for none";
            reading.ignore(name, status.referenced.line(), "`status`", why);
        }
        let meta = take("meta");
        if let Some(meta) = meta {
            describe(reading, id, &meta, &mut draft);
        }
        Self {
            name: name.to_owned(),
            id: id.to_owned(),
            line,
            multi,
            separator: separator.unwrap_or_else(|| " ".to_owned()),
            draft,
            versions: Vec::new(),
        }
    }

    /// `multi`: the name is the newest version's; the others were newest once.
    fn newest(mut self, reading: &mut Reading<'_>) {
        let of = |keys: &Keys| version::name(keys).unwrap_or_default();
        self.versions
            .sort_by(|a, b| origin::version::compare(&of(a), &of(b)));
        let newest = self.versions.pop();
        for older in &self.versions {
            let what = format!("version {}", of(older));
            let why = "only the newest version is published under the name";
            reading.ignore(&self.name, self.line, what, why);
        }
        if let Some(newest) = newest {
            let (id, name) = (self.id.clone(), self.name.clone());
            self.one(reading, &id, &name, newest);
        }
    }

    /// Without `multi`: every version is an image of its own name.
    fn each(mut self, reading: &mut Reading<'_>) {
        for keys in std::mem::take(&mut self.versions) {
            let version = version::name(&keys).unwrap_or_default();
            let id = slug(&format!("{}-{version}", self.id));
            let name = format!("{}{}{version}", self.name, self.separator);
            self.one(reading, &id, &name, keys);
        }
    }

    fn one(&self, reading: &mut Reading<'_>, id: &str, name: &str, keys: Keys) {
        let mut draft = self.draft.clone();
        draft.name = Some(name.to_owned());
        let before = reading.foreign.faults.len();
        version::read(reading, id, name, self.line, self.multi, keys, &mut draft);
        if reading.foreign.faults.len() > before {
            return;
        }
        // Without release notes openstack-image-manager publishes the name.
        draft
            .image_description
            .get_or_insert_with(|| self.name.clone());
        // `os_distro` is corrected now and then; what an image stands for is not.
        draft.family = Some(id.to_owned());
        match settle(id, &draft) {
            Ok(definition) => {
                reading.foreign.lines.insert(id.to_owned(), self.line);
                reading.foreign.definitions.push(definition);
            }
            Err(faults) => {
                for fault in faults {
                    reading.fault(id, self.line, fault.message);
                }
            }
        }
    }
}

/// One value in its own type.
pub(super) fn word<T: DeserializeOwned>(
    reading: &mut Reading<'_>,
    id: &str,
    key: &str,
    value: Option<Spanned<Value>>,
) -> Option<T> {
    let value = value?;
    match serde_json::from_value(value.value) {
        Ok(word) => Some(word),
        Err(error) => {
            reading.fault(id, value.referenced.line(), format!("`{key}`: {error}"));
            None
        }
    }
}

/// `meta`: properties, some of which have fields of their own with us.
pub(super) fn describe(
    reading: &mut Reading<'_>,
    id: &str,
    meta: &Spanned<Value>,
    draft: &mut Draft,
) {
    let at = meta.referenced;
    let line = at.line();
    let Value::Object(meta) = &meta.value else {
        reading.fault(id, line, "`meta` is no mapping");
        return;
    };
    for (key, value) in meta {
        let Some(said) = text(value) else {
            if value.is_null() {
                draft.properties.insert(key.clone(), None);
            } else {
                reading.fault(id, line, format!("`{key}` is neither a text nor a number"));
            }
            continue;
        };
        let field = Some(Spanned {
            value: Value::String(said.clone()),
            referenced: at,
            defined: at,
        });
        match key.as_str() {
            "architecture" => draft.arch = word(reading, id, key, field),
            "os_distro" => draft.os_distro = Some(said),
            "os_version" => draft.os_version = Some(said),
            "os_purpose" => draft.os_purpose = word(reading, id, key, field),
            "replace_frequency" => draft.replace_frequency = word(reading, id, key, field),
            "uuid_validity" => draft.uuid_validity = word(reading, id, key, field),
            "provided_until" => draft.provided_until = word(reading, id, key, field),
            "hotfix_hours" => draft.hotfix_hours = said.parse().ok().map(|n| Hours(Some(n))),
            "image_description" => draft.image_description = Some(said),
            _ => {
                draft.properties.insert(key.clone(), Some(said));
            }
        }
    }
}
