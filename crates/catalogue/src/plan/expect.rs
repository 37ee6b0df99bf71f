//! What the record of an image should be, in each state, and how it differs.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use wire::image::Image;

use super::builds::Build;
use super::owned::{Owned, State, records};
use super::step::Change;
use crate::definition::Definition;
use crate::digests;
use crate::limits::MAX_NAME;

/// GiB in bytes.
const GIB: u64 = 1 << 30;

/// Properties that a definition rules besides those it names: what begins so, or is so, and is not in the definition is
/// taken away.
const RULED: [&str; 3] = ["hw_", "trait:", "os_"];
const RULED_EXACTLY: [&str; 17] = [
    "architecture",
    "hypervisor_type",
    "replace_frequency",
    "uuid_validity",
    "provided_until",
    "hotfix_hours",
    "image_description",
    "image_original_user",
    "patchlevel",
    "maintained_until",
    "license_included",
    "license_required",
    "subscription_included",
    "subscription_required",
    "l1_support_contact",
    "vm_mode",
    "img_config_drive",
];
/// What the image service writes itself.
const NOT_RULED: [&str; 2] = ["os_glance_", "os_hash_"];

/// The name of an image that nobody sees yet.
fn unseen_name(definition: &Definition, build: &Build) -> String {
    format!("{} ({})", definition.name, build.id)
        .chars()
        .take(MAX_NAME)
        .collect()
}

/// The name of a replaced image: the suffix is the one of SCS-0102, the day of the build.
fn old_name(definition: &Definition, date: Date) -> String {
    format!("{} {}", definition.name, date.strftime("%Y%m%d"))
}

/// The properties of an image of `definition`, without those that depend on the build.
fn properties(definition: &Definition) -> BTreeMap<String, String> {
    let mut all = definition.properties.clone();
    let mut set = |name: &str, value: &dyn ToString| all.insert(name.to_owned(), value.to_string());
    set("architecture", &definition.arch);
    set("os_distro", &definition.os_distro);
    set("os_version", &definition.os_version);
    set("os_purpose", &definition.os_purpose);
    set("replace_frequency", &definition.replace_frequency);
    set("uuid_validity", &definition.uuid_validity);
    set("provided_until", &definition.provided_until);
    set("image_description", &definition.image_description);
    set("image_original_user", &definition.login);
    if let Some(hours) = definition.hotfix_hours {
        set("hotfix_hours", &hours);
    }
    all
}

fn tags(definition: &Definition, tag: &str) -> Vec<String> {
    let mut tags = vec![tag.to_owned(), format!("os:{}", definition.os_distro)];
    for own in &definition.tags {
        if !tags.contains(own) {
            tags.push(own.clone());
        }
    }
    tags
}

/// The record that an import creates: of the whole description only what makes it seen is still missing.
pub(super) fn incoming(definition: &Definition, build: &Build, tag: &str) -> Map<String, Value> {
    let mut record = Map::new();
    let mut set = |name: &str, value: Value| record.insert(name.to_owned(), value);
    set("name", json!(unseen_name(definition, build)));
    set("visibility", json!("private"));
    set("os_hidden", json!(true));
    set("disk_format", json!(definition.format));
    set("container_format", json!("bare"));
    set("min_disk", json!(definition.min_disk));
    set("min_ram", json!(definition.min_ram));
    set("tags", json!(tags(definition, tag)));
    for (name, value) in properties(definition) {
        set(&name, json!(value));
    }
    set("image_source", json!(build.url));
    if let Some(date) = build.date {
        set("image_build_date", json!(date));
    }
    set(records::DEFINITION, json!(definition.id));
    set(records::RELEASE, json!(definition.stands_for()));
    set(records::BUILD, json!(build.id));
    set(records::EVIDENCE, json!(build.evidence));
    if let Some(digest) = build.digest() {
        set(records::FILE_DIGEST, json!(digests::text(digest)));
    }
    if let Some(signer) = &build.signer {
        set(records::SIGNER, json!(signer));
    }
    set(records::STATE, json!(State::Incoming.word()));
    record
}

/// What makes `image` the image of its name. `build` is what is known of its build by now, which says whether the address
/// and the day that it states are right; nothing else of another build ever gets into its record.
pub(super) fn current(
    definition: &Definition,
    image: &Image,
    tag: &str,
    build: Option<&Build>,
) -> Vec<Change> {
    let mut changes = Changes::of(image);
    changes.set("name", json!(definition.name));
    changes.set("visibility", json!(definition.visibility));
    changes.set("os_hidden", json!(false));
    let disk = image.virtual_size.filter(|bytes| *bytes > 0);
    // Where the cloud does not tell the size of the disk, what the import has written is all that is known of it.
    let least = disk.map_or(image.min_disk, |bytes| bytes.div_ceil(GIB));
    changes.set("min_disk", json!(definition.min_disk.max(least)));
    changes.set("min_ram", json!(definition.min_ram));
    changes.tags(&tags(definition, tag));
    let mut wanted = properties(definition);
    wanted.insert(records::STATE.to_owned(), State::Current.word().to_owned());
    if let Some(build) = build {
        wanted.insert("image_source".to_owned(), build.url.to_string());
        if let Some(date) = build.date {
            wanted.insert("image_build_date".to_owned(), date.to_string());
        }
    }
    changes.properties(&wanted);
    changes.unwanted(&wanted);
    changes.all
}

/// What makes `image` an old one.
pub(super) fn old(definition: &Definition, image: &Image, owned: &Owned) -> Vec<Change> {
    let mut changes = Changes::of(image);
    if let Some(date) = owned.date {
        changes.set("name", json!(old_name(definition, date)));
    }
    changes.set("os_hidden", json!(true));
    let mut wanted = BTreeMap::new();
    wanted.insert(records::STATE.to_owned(), State::Old.word().to_owned());
    if image.property("os_purpose") == Some("generic") {
        wanted.insert("os_purpose".to_owned(), "oldgeneric".to_owned());
    }
    changes.properties(&wanted);
    changes.all
}

/// The differences between a record and what it should be.
struct Changes<'a> {
    image: &'a Image,
    all: Vec<Change>,
}

impl<'a> Changes<'a> {
    fn of(image: &'a Image) -> Self {
        Self {
            image,
            all: Vec::new(),
        }
    }

    fn change(&mut self, field: &str, from: Value, to: Value) {
        if from != to {
            self.all.push(Change {
                field: field.to_owned(),
                from,
                to,
            });
        }
    }

    fn set(&mut self, field: &str, to: Value) {
        let from = match field {
            "name" => json!(self.image.name),
            "visibility" => json!(self.image.visibility),
            "os_hidden" => json!(self.image.os_hidden),
            "min_disk" => json!(self.image.min_disk),
            "min_ram" => json!(self.image.min_ram),
            _ => Value::Null,
        };
        self.change(field, from, to);
    }

    /// Tags are only added: an operator may use others for other things.
    fn tags(&mut self, wanted: &[String]) {
        let mut tags = self.image.tags.clone();
        tags.extend(
            wanted
                .iter()
                .filter(|tag| !self.image.tags.contains(tag))
                .cloned(),
        );
        self.change("tags", json!(self.image.tags), json!(tags));
    }

    fn properties(&mut self, wanted: &BTreeMap<String, String>) {
        for (name, value) in wanted {
            let from = self.image.properties.get(name).cloned().unwrap_or_default();
            self.change(name, from, json!(value));
        }
    }

    fn unwanted(&mut self, wanted: &BTreeMap<String, String>) {
        for (name, value) in &self.image.properties {
            let begins = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
            let ruled = begins(&RULED) && !begins(&NOT_RULED);
            if (ruled || RULED_EXACTLY.contains(&name.as_str())) && !wanted.contains_key(name) {
                self.change(name, value.clone(), Value::Null);
            }
        }
    }
}
