//! A catalogue file as it is written: values for all images, for families, and for single images.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::draft::Patch;

/// The number of the form of catalogue files.
pub(super) const FORM: u32 = 1;

/// A catalogue file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// The number of the form: 1.
    pub(super) catalogue: Spanned<u32>,
    /// The tag of the images that are ours.
    pub(super) tag: Option<Spanned<String>>,
    /// How many images one plan may delete.
    pub(super) max_delete: Option<Spanned<u32>>,
    /// Values for all images.
    #[serde(default)]
    pub(super) defaults: Patch,
    /// Values for the images of a family.
    #[serde(default)]
    pub(super) families: BTreeMap<String, Patch>,
    /// Values for single images, by what they are called in the catalogue.
    #[serde(default)]
    pub(super) images: BTreeMap<String, Patch>,
}
