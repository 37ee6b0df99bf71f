//! Taking a step on a copy of the records, so that the step after it can be found.

use jiff::civil::Date;
use serde_json::Value;
use wire::image::Image;

use super::cloud::CloudImages;
use super::owned::{State, records};
use super::step::{Change, Import, Step, Target};
use crate::digests;

/// The id that an image has in the copy before it has one.
fn placeholder(definition: &str) -> String {
    format!("imported:{definition}")
}

/// How a step names the image of this id.
pub(super) fn target(id: &str) -> Target {
    match id.strip_prefix("imported:") {
        Some(definition) => Target::Imported(definition.to_owned()),
        None => Target::Id(id.to_owned()),
    }
}

/// Takes the step. Each action has the effect on the records that it will have in the cloud.
pub(super) fn take(cloud: &mut CloudImages, step: &Step, now: Date) {
    use super::step::Action::{Delete, Demote, Discard, Import, Promote, Repair, Retire};
    let id = match &step.image {
        Target::Id(id) => id.clone(),
        Target::Imported(definition) => placeholder(definition),
    };
    match step.action {
        Import => {
            if let Some(import) = &step.import
                && let Some(image) = imported(&id, cloud.project(), import, now)
            {
                cloud.insert(image);
            }
        }
        Demote | Promote | Retire | Repair => {
            if let Some(image) = cloud.get_mut(&id) {
                step.changes.iter().for_each(|one| change(image, one));
            }
        }
        Discard | Delete => cloud.remove(&id),
    }
}

/// The record at the end of an import.
fn imported(id: &str, project: &str, import: &Import, now: Date) -> Option<Image> {
    let mut record = import.record.clone();
    record.insert("id".to_owned(), id.into());
    record.insert("owner".to_owned(), project.into());
    record.insert("status".to_owned(), "active".into());
    record.insert(records::STATE.to_owned(), State::Ready.word().into());
    if import.build.date.is_none() {
        record.insert("image_build_date".to_owned(), now.to_string().into());
    }
    if import.build.digest().is_none() {
        // What it will be is not known yet, only that it will be there.
        let unknown = format!("sha512:{}", "0".repeat(128));
        let digest = digests::parse(&unknown).ok()?;
        record.insert(
            records::FILE_DIGEST.to_owned(),
            digests::text(&digest).into(),
        );
    }
    serde_json::from_value(Value::Object(record)).ok()
}

/// Makes a change to a record.
pub(crate) fn change(image: &mut Image, change: &Change) {
    let to = &change.to;
    match change.field.as_str() {
        "name" => image.name = to.as_str().map(ToOwned::to_owned),
        "visibility" => to
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut image.visibility),
        "os_hidden" => image.os_hidden = to.as_bool().unwrap_or_default(),
        "min_disk" => image.min_disk = to.as_u64().unwrap_or_default(),
        "min_ram" => image.min_ram = to.as_u64().unwrap_or_default(),
        "tags" => image.tags = serde_json::from_value(to.clone()).unwrap_or_default(),
        name if to.is_null() => {
            image.properties.shift_remove(name);
        }
        name => {
            image.properties.insert(name.to_owned(), to.clone());
        }
    }
}
