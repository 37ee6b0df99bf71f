//! What a plan depends on: the definitions that it has steps for, their images, and the images that may stand in their way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::image::Image;

use super::cloud::{CloudImages, is_public_generic};
use super::definitions::Definitions;
use super::fit::fingerprint;
use super::owned::{is_claimed, records};
use super::step::Step;
use crate::definition::Definition;

/// A definition that a plan has steps for. Images of others may change before it is carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// What the catalogue calls it.
    pub definition: String,
    /// The system that it is to be the one public generic image of (SCS-0102 v2); none for an image of another kind.
    pub generic_of: Option<System>,
}

/// An operating system, as the properties of images name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// `architecture`.
    pub architecture: String,
    /// `os_distro`.
    pub os_distro: String,
    /// `os_version`.
    pub os_version: String,
}

impl System {
    /// The one that a definition's image is to be the public generic image of, if it is to be one.
    pub(super) fn of(definition: &Definition) -> Option<Self> {
        let (architecture, os_distro, os_version) = definition.system();
        definition.is_public_generic().then(|| Self {
            architecture: architecture.to_owned(),
            os_distro: os_distro.to_owned(),
            os_version: os_version.to_owned(),
        })
    }

    /// Whether an image is a public generic one of it.
    pub(super) fn is_served_by(&self, image: &Image) -> bool {
        is_public_generic(image)
            && image.property("architecture") == Some(&self.architecture)
            && image.property("os_distro") == Some(&self.os_distro)
            && image.property("os_version") == Some(&self.os_version)
    }
}

impl Touched {
    /// Whether what is to be done for the definition follows from this image, too.
    fn depends_on(&self, image: &Image, project: &str, tag: &str) -> bool {
        let own = is_claimed(image, project, tag)
            && image.property(records::DEFINITION) == Some(&self.definition);
        let served = |system: &System| system.is_served_by(image);
        own || self.generic_of.as_ref().is_some_and(served)
    }
}

/// The definitions of steps, in the order of the catalogue.
pub(super) fn of(definitions: &Definitions, steps: &[Step]) -> Vec<Touched> {
    definitions
        .iter()
        .filter(|definition| steps.iter().any(|step| step.definition == definition.id))
        .map(|definition| Touched {
            definition: definition.id.clone(),
            generic_of: System::of(definition),
        })
        .collect()
}

/// The fingerprints of the records that the steps follow from: those of the definitions' own images, and of public generic
/// images of their systems, whoever has them.
pub(super) fn seen(
    cloud: &CloudImages,
    tag: &str,
    touched: &[Touched],
) -> BTreeMap<String, String> {
    let counts = |image: &&Image| {
        let mut all = touched.iter();
        all.any(|one| one.depends_on(image, cloud.project(), tag))
    };
    let images = cloud.iter().filter(counts);
    images
        .map(|image| (image.id.clone(), fingerprint(image)))
        .collect()
}
