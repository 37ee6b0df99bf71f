//! Catalogue files laid over each other: which value counts, and where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use super::document::{Document, FORM};
use super::draft::{Draft, FIELDS};
use super::foreign::{self, Foreign};
use super::settle::settle;
use super::{shipped, yaml};
use crate::definition::Definition;
use crate::error::{Error, Place};
use crate::limits::{MAX_DEFINITIONS, MAX_FILE};
use crate::plan::Definitions;

/// Catalogue files in the order in which they are laid over each other.
#[derive(Debug)]
pub struct Catalogue {
    documents: Vec<(String, Document)>,
    foreign: Vec<Foreign>,
}

/// What a catalogue says.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The definitions, to plan with.
    pub definitions: Definitions,
    /// Every value of every definition with its place, by definition.
    pub settings: BTreeMap<String, Vec<Setting>>,
    /// The family of each image, also of those with a fault where it is known, by definition.
    pub families: BTreeMap<String, Option<String>>,
}

/// What was named and is not in the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no image of the catalogue {what} `{name}`")]
pub struct NotNamed {
    /// What is said of images: `is called`, `is of the family`.
    pub what: &'static str,
    /// What was named.
    pub name: String,
    /// What could have been named.
    pub known: Vec<String>,
}

impl Settled {
    /// The definitions that are called so or are of one of these families; all of them when nothing is named. What is
    /// found to be wrong with one of them in view of the others stays wrong.
    ///
    /// # Errors
    /// Something is named that there is not.
    pub fn only(self, ids: &[String], families: &[String]) -> Result<Definitions, NotNamed> {
        if ids.is_empty() && families.is_empty() {
            return Ok(self.definitions);
        }
        let not_named = |what, name: &String, known: BTreeSet<&String>| NotNamed {
            what,
            name: name.clone(),
            known: known.into_iter().cloned().collect(),
        };
        if let Some(id) = ids.iter().find(|id| !self.families.contains_key(*id)) {
            return Err(not_named("is called", id, self.families.keys().collect()));
        }
        let known: BTreeSet<&String> = self.families.values().flatten().collect();
        if let Some(family) = families.iter().find(|family| !known.contains(family)) {
            return Err(not_named("is of the family", family, known));
        }
        let named = |(id, family): &(&String, &Option<String>)| {
            ids.contains(id) || family.as_ref().is_some_and(|one| families.contains(one))
        };
        let scope = self.families.iter().filter(named);
        let scope = scope.map(|(id, _)| id.clone()).collect();
        Ok(self.definitions.only(scope))
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The field; properties as `properties.NAME`.
    pub field: String,
    /// Its value.
    pub value: Value,
    /// Where it stands, or what it follows from does.
    pub place: Option<Place>,
}

impl Catalogue {
    /// The shipped catalogue.
    ///
    /// # Errors
    /// What is shipped cannot be read, which is a bug.
    pub fn shipped() -> Result<Self, Error> {
        Self::of(&shipped::FILES)
    }

    /// A catalogue of the user's files alone, with the shipped default values but no shipped image.
    ///
    /// # Errors
    /// What is shipped cannot be read, which is a bug.
    pub fn empty() -> Result<Self, Error> {
        Self::of(&[shipped::DEFAULTS])
    }

    fn of(files: &[(&str, &str)]) -> Result<Self, Error> {
        let mut catalogue = Self {
            documents: Vec::new(),
            foreign: Vec::new(),
        };
        for (name, text) in files {
            catalogue.add(text, name)?;
        }
        Ok(catalogue)
    }

    /// Lays a file over what is there: one of ours, or one of openstack-image-manager's.
    ///
    /// # Errors
    /// It cannot be read, or is no catalogue.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Error> {
        let unreadable = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        let name = path.display().to_string();
        let file = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 > MAX_FILE {
            let message = format!("it is longer than {} MiB", MAX_FILE >> 20);
            return Err(Error::at(&name, 0, message));
        }
        let text =
            String::from_utf8(bytes).map_err(|_| Error::at(&name, 0, "it is no UTF-8 text"))?;
        self.add(&text, &name)
    }

    /// Lays a text over what is there. `file` is its name in errors. Pure, and bounded in time and memory.
    ///
    /// # Errors
    /// It is no catalogue.
    pub fn add(&mut self, text: &str, file: &str) -> Result<(), Error> {
        match yaml::form(text, file)? {
            yaml::Form::ImageManager => self.foreign.push(foreign::read(text, file)?),
            yaml::Form::Own => {
                let document: Document = yaml::read(text, file)?;
                check(&document, file)?;
                self.documents.push((file.to_owned(), document));
            }
        }
        Ok(())
    }

    /// What was read of openstack-image-manager's files, and what of them was ignored.
    #[must_use]
    pub fn foreign(&self) -> &[Foreign] {
        &self.foreign
    }

    /// What all files say together. A value for an image goes before one for its family, that before one for all
    /// images; of two at the same place the one in the later file counts.
    #[must_use]
    pub fn settle(&self) -> Settled {
        let mut definitions = Vec::new();
        let mut faults = Vec::new();
        let mut settings: BTreeMap<String, Vec<Setting>> = BTreeMap::new();
        let mut families: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut tag = String::new();
        let mut max_delete = 0;
        for (_, document) in &self.documents {
            if let Some(found) = &document.tag {
                tag.clone_from(&found.value);
            }
            if let Some(found) = &document.max_delete {
                max_delete = found.value;
            }
        }
        for id in self.ids() {
            let draft = self.draft(id);
            families.insert(id.to_owned(), draft.family.clone());
            let settled = settle(id, &draft);
            let of = |definition: &Definition| shown(definition, &draft);
            match settled {
                Ok(definition) => {
                    settings.insert(id.to_owned(), of(&definition));
                    definitions.push(definition);
                }
                Err(found) => faults.extend(found),
            }
        }
        for foreign in &self.foreign {
            for fault in &foreign.faults {
                families.entry(fault.definition.clone()).or_default();
            }
            for definition in &foreign.definitions {
                families.insert(definition.id.clone(), Some(definition.family.clone()));
                let place = Some(foreign.place(&definition.id));
                let all = shown(definition, &Draft::default());
                let all = all.into_iter().map(|one| Setting {
                    place: place.clone(),
                    ..one
                });
                settings.insert(definition.id.clone(), all.collect());
                definitions.push(definition.clone());
            }
            faults.extend(foreign.faults.iter().cloned());
        }
        let mut definitions = Definitions::new(tag, max_delete, definitions, faults);
        definitions.locate(|id| {
            let named = settings.get(id)?.iter().find(|one| one.field == "name");
            named?.place.clone()
        });
        Settled {
            definitions,
            settings,
            families,
        }
    }

    fn ids(&self) -> BTreeSet<&str> {
        self.documents
            .iter()
            .flat_map(|(_, document)| document.images.keys().map(String::as_str))
            .take(MAX_DEFINITIONS)
            .collect()
    }

    fn draft(&self, id: &str) -> Draft {
        let documents = || self.documents.iter();
        let mut family: Option<&str> = None;
        let images = || documents().filter_map(|(file, d)| Some((file, d.images.get(id)?)));
        for (_, patch) in images() {
            family = patch.family.as_ref().map(|f| f.value.as_str()).or(family);
        }
        let mut draft = Draft::default();
        for (file, document) in documents() {
            draft.lay(&document.defaults, file);
        }
        for (file, document) in documents() {
            if let Some(patch) = family.and_then(|family| document.families.get(family)) {
                draft.lay(patch, file);
            }
        }
        for (file, patch) in images() {
            draft.lay(patch, file);
        }
        draft
    }
}

/// What a file may not say.
fn check(document: &Document, file: &str) -> Result<(), Error> {
    let form = &document.catalogue;
    if form.value != FORM {
        let message = format!(
            "form {} of catalogues is not known; this is form {FORM}",
            form.value
        );
        return Err(Error::at(file, form.referenced.line(), message));
    }
    if let Some(tag) = &document.tag
        && (tag.value.trim().is_empty() || tag.value.len() > crate::limits::MAX_TEXT)
    {
        return Err(Error::at(
            file,
            tag.referenced.line(),
            "`tag` must be a tag",
        ));
    }
    let general = [&document.defaults]
        .into_iter()
        .chain(document.families.values());
    for patch in general {
        let lines = [
            ("name", patch.name.as_ref().map(|v| v.referenced.line())),
            ("family", patch.family.as_ref().map(|v| v.referenced.line())),
            (
                "original",
                patch.original.as_ref().map(|v| v.referenced.line()),
            ),
        ];
        for (field, line) in lines {
            if let Some(line) = line {
                let message = format!("`{field}` is for single images, under `images`");
                return Err(Error::at(file, line, message));
            }
        }
    }
    let good = |id: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
        !id.is_empty() && id.len() <= 100 && id.bytes().all(plain)
    };
    if let Some(id) = document.images.keys().find(|id| !good(id)) {
        let message = format!("`{id}`: images are called by small letters, digits, `-`, `.`, `_`");
        return Err(Error::at(file, 0, message));
    }
    Ok(())
}

/// Every value of a definition with its place.
fn shown(definition: &Definition, draft: &Draft) -> Vec<Setting> {
    let Ok(Value::Object(values)) = serde_json::to_value(definition) else {
        return Vec::new();
    };
    let place = |field: &str| {
        // The version of a system is its release where nothing else is said.
        let derived = || {
            (field == "os_version")
                .then(|| draft.places.get("release"))
                .flatten()
        };
        draft.places.get(field).or_else(derived).cloned()
    };
    let setting = |field: String, value: Value| Setting {
        place: place(&field),
        field,
        value,
    };
    let mut all: Vec<Setting> = FIELDS
        .iter()
        .filter_map(|field| Some(setting((*field).to_owned(), values.get(*field)?.clone())))
        .collect();
    for (name, value) in &definition.properties {
        all.push(setting(format!("properties.{name}"), value.clone().into()));
    }
    all
}
