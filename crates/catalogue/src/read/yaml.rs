//! YAML within limits, with errors that name the line.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::Error;

/// The longest line that is shown in an error, in characters.
const LONGEST: usize = 100;

/// Reads `text` as one document. `file` is its name in errors.
///
/// # Errors
/// With the line: what is no YAML, costs too much, or has not the form of `T`.
pub(super) fn read<T: serde::de::DeserializeOwned>(text: &str, file: &str) -> Result<T, Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 500_000,
            max_nodes: 200_000,
            max_depth: 16,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_documents: 1,
            max_merge_keys: 1_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 16,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| syntax(text, file, &error))
}

fn syntax(text: &str, file: &str, error: &serde_saphyr::Error) -> Error {
    let (line, what) = origin::yaml::complaint(error);
    let what = match what.as_str() {
        "invalid u64" | "invalid u32" => "a whole number is wanted",
        other => other,
    };
    let index = line
        .checked_sub(1)
        .and_then(|index| usize::try_from(index).ok());
    let there = index
        .and_then(|index| text.lines().nth(index))
        .map(str::trim);
    match there.filter(|there| !there.is_empty() && there.chars().count() <= LONGEST) {
        Some(there) => Error::at(file, line, format!("`{there}`: {what}")),
        None => Error::at(file, line, what),
    }
}

/// Whose form a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Our own: `images:` is a mapping, or is not there.
    Own,
    /// openstack-image-manager's: `images:` is a list.
    ImageManager,
}

/// Tells whose form a file has.
///
/// # Errors
/// It is no YAML mapping.
pub(super) fn form(text: &str, file: &str) -> Result<Form, Error> {
    #[derive(Deserialize)]
    struct Probe {
        images: Option<Images>,
    }
    let probe: Option<Probe> = read(text, file)?;
    Ok(match probe.and_then(|probe| probe.images) {
        Some(Images { list: true }) => Form::ImageManager,
        _ => Form::Own,
    })
}

struct Images {
    list: bool,
}

impl<'de> Deserialize<'de> for Images {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Images;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("definitions of images")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Images, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Images { list: false })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Images, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Images { list: true })
            }
        }
        deserializer.deserialize_any(Either)
    }
}
