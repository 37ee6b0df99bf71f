//! Values that may be there or not: one layer of a definition, and what several layers give together.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::Spanned;
use url::Url;

use crate::error::Place;
use crate::words::{
    Arch, Evidence, Format, Frequency, Order, Purpose, Until, Validity, Visibility, Which,
};

/// The fields that have one value each, in the order in which they are shown.
macro_rules! fields {
    ($($field:ident: $kind:ty,)+) => {
        /// What one place says about an image. Unknown keys are errors.
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct Patch {
            $(pub(super) $field: Option<Spanned<$kind>>,)+
            /// Custom properties; `null` takes one away that a more general place has set.
            #[serde(default)]
            pub(super) properties: BTreeMap<String, Spanned<Option<String>>>,
        }

        /// What all places say together, the most particular one winning.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Draft {
            $(pub(super) $field: Option<$kind>,)+
            pub(super) properties: BTreeMap<String, Option<String>>,
            /// Where each value stands; properties as `properties.NAME`.
            pub(super) places: BTreeMap<String, Place>,
        }

        /// The names of the fields.
        pub(super) const FIELDS: &[&str] = &[$(stringify!($field)),+];

        impl Draft {
            /// Puts the values of `patch`, which stands in `file`, over what is there.
            pub(super) fn lay(&mut self, patch: &Patch, file: &str) {
                let place = |line| Place { file: file.to_owned(), line };
                $(if let Some(found) = &patch.$field {
                    self.$field = Some(found.value.clone());
                    let line = found.referenced.line();
                    self.places.insert(stringify!($field).to_owned(), place(line));
                })+
                for (name, found) in &patch.properties {
                    self.properties.insert(name.clone(), found.value.clone());
                    let line = found.referenced.line();
                    self.places.insert(format!("properties.{name}"), place(line));
                }
            }
        }
    };
}

fields! {
    name: String,
    enabled: bool,
    family: String,
    release: String,
    arch: Arch,
    build: Which,
    original: OriginalPatch,
    format: Format,
    evidence: Evidence,
    visibility: Visibility,
    min_disk: u64,
    min_ram: u64,
    login: String,
    os_distro: String,
    os_version: String,
    os_purpose: Purpose,
    replace_frequency: Frequency,
    uuid_validity: Validity,
    provided_until: Until,
    hotfix_hours: Hours,
    image_description: String,
    tags: Vec<String>,
    rotation: Order,
    warn_days: u32,
}

/// An original that a definition names itself. It is one value: no layer changes a part of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OriginalPatch {
    pub(super) url: Url,
    pub(super) mirror: Option<Url>,
    pub(super) digest: Option<String>,
    pub(super) build: String,
    pub(super) date: String,
}

/// `hotfix_hours`: a number, or `none` for no commitment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hours(pub(super) Option<u32>);

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "none" => Ok(Self(None)),
            text => text.parse().map(|hours| Self(Some(hours))).map_err(|_| {
                serde::de::Error::custom(format!(
                    "`{text}` is neither a number of hours nor `none`"
                ))
            }),
        }
    }
}
