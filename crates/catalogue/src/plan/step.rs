//! The steps of a plan.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::builds::Build;
use crate::words::Format;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Makes an image from an original, seen by nobody, and compares it.
    Import,
    /// Takes the name from an image, which is then hidden and marked as old: one PATCH.
    Demote,
    /// Gives the name to an image and shows it: one PATCH.
    Promote,
    /// As demote, because there is no support any more: one PATCH.
    Retire,
    /// Sets right what somebody changed, or what the definition says otherwise by now: one PATCH.
    Repair,
    /// Deletes an image that nobody ever saw: an unfinished import, or one that is not needed any more.
    Discard,
    /// Deletes an old image that nobody was promised any longer.
    Delete,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Import,
        Self::Demote,
        Self::Promote,
        Self::Retire,
        Self::Repair,
        Self::Discard,
        Self::Delete,
    ];

    /// The word in JSON and for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Demote => "demote",
            Self::Promote => "promote",
            Self::Retire => "retire",
            Self::Repair => "repair",
            Self::Discard => "discard",
            Self::Delete => "delete",
        }
    }
}

/// The image that a step is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// One that is there, by its id.
    Id(String),
    /// The one that the plan's import for this definition makes.
    Imported(String),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.pad(id),
            Self::Imported(_) => f.pad("(the new image)"),
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// The definition it is for.
    pub definition: String,
    /// The image it is about.
    pub image: Target,
    /// The name of that image before the step.
    pub name: String,
    /// Why.
    pub why: String,
    /// What it changes, all in one request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Import>,
}

/// One field that changes. A value that is not there is `null`; no property of Glance has that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The field or property, as Glance calls it.
    pub field: String,
    /// What it is before.
    pub from: Value,
    /// What it becomes; `null` takes a property away.
    pub to: Value,
}

/// What an import makes.
///
/// It creates the record, uploads, compares what Glance stored with the original, and only then sets `ectype_state` to
/// `ready` (with `ectype_file_digest` and `image_build_date`, if they were not known beforehand). It raises `min_disk` to the size of the disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// The original.
    pub build: Build,
    /// How it is stored.
    pub format: Format,
    /// The record to create, as `POST /v2/images` takes it.
    pub record: Map<String, Value>,
}
