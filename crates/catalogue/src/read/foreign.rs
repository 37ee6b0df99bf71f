//! openstack-image-manager's catalogue files (`etc/images/*.yml`), read as they are, with a report of what was ignored.
//!
//! The form is the one of its schema `etc/schema.yaml`. A version becomes an original with a pinned digest.

mod image;
mod version;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use super::yaml;
use crate::definition::Definition;
use crate::error::{Error, Fault, Place};

/// What one of its files says, in our words.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// The file.
    pub file: String,
    /// The definitions.
    pub definitions: Vec<Definition>,
    /// What is wrong with those that could not be read.
    pub faults: Vec<Fault>,
    /// What was ignored.
    pub ignored: Vec<Ignored>,
    lines: BTreeMap<String, u64>,
}

/// Something that is not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Where it stands.
    pub place: Place,
    /// The image that it is about.
    pub image: String,
    /// What it is.
    pub what: String,
    /// Why it is not used.
    pub why: String,
}

impl Foreign {
    /// Where a definition stands.
    pub(super) fn place(&self, id: &str) -> Place {
        Place {
            file: self.file.clone(),
            line: self.lines.get(id).copied().unwrap_or_default(),
        }
    }
}

/// A mapping whose values keep their lines.
type Keys = BTreeMap<String, Spanned<Value>>;

#[derive(Deserialize)]
struct File {
    images: Vec<Entry>,
}

/// One of `images:`. The versions are apart, so that their keys keep their lines, too.
#[derive(Default)]
struct Entry {
    keys: Keys,
    versions: Vec<Keys>,
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Mapping;
        impl<'de> Visitor<'de> for Mapping {
            type Value = Entry;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a definition of an image")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
                let mut entry = Entry::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "versions" {
                        entry.versions = map.next_value::<Option<_>>()?.unwrap_or_default();
                    } else {
                        entry.keys.insert(key, map.next_value()?);
                    }
                }
                Ok(entry)
            }
        }
        deserializer.deserialize_map(Mapping)
    }
}

/// Reads a file.
///
/// # Errors
/// It is no YAML of this form at all. What is wrong with single images is kept as faults.
pub(super) fn read(text: &str, file: &str) -> Result<Foreign, Error> {
    let parsed: File = yaml::read(text, file)?;
    let mut reading = Reading {
        file,
        foreign: Foreign {
            file: file.to_owned(),
            definitions: Vec::new(),
            faults: Vec::new(),
            ignored: Vec::new(),
            lines: BTreeMap::new(),
        },
    };
    for entry in parsed.images {
        image::read(&mut reading, entry);
    }
    Ok(reading.foreign)
}

struct Reading<'a> {
    file: &'a str,
    foreign: Foreign,
}

impl Reading<'_> {
    fn place(&self, line: u64) -> Place {
        Place {
            file: self.file.to_owned(),
            line,
        }
    }

    fn ignore(&mut self, image: &str, line: u64, what: impl Into<String>, why: impl Into<String>) {
        let place = self.place(line);
        self.foreign.ignored.push(Ignored {
            place,
            image: image.to_owned(),
            what: what.into(),
            why: why.into(),
        });
    }

    fn fault(&mut self, definition: &str, line: u64, message: impl Into<String>) {
        let place = Some(self.place(line));
        self.foreign.faults.push(Fault {
            definition: definition.to_owned(),
            place,
            message: message.into(),
        });
    }
}

/// A scalar as text; a list, a mapping or nothing is none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // As Python writes it, and so as openstack-image-manager puts it into Glance.
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text as what images are called in our catalogue.
fn slug(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let dashed: String = text.chars().map(plain).collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}
