//! What a plan depends on: the definitions that it has steps for, their images, and the images that may stand in their way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wire::image::Image;

use super::cloud::{CloudImages, is_public_generic};
use super::definitions::Definitions;
use super::fit::fingerprint;
use super::owned::{is_claimed, records};
use super::step::Step;

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
    fn is_of(&self, image: &Image) -> bool {
        image.property("architecture") == Some(&self.architecture)
            && image.property("os_distro") == Some(&self.os_distro)
            && image.property("os_version") == Some(&self.os_version)
    }
}

impl Touched {
    /// Whether what is to be done for the definition follows from this image, too.
    fn depends_on(&self, image: &Image, project: &str, tag: &str) -> bool {
        let own = is_claimed(image, project, tag)
            && image.property(records::DEFINITION) == Some(&self.definition);
        let of_system = |system: &System| is_public_generic(image) && system.is_of(image);
        own || self.generic_of.as_ref().is_some_and(of_system)
    }
}

/// The definitions of steps, in the order of the catalogue.
pub(super) fn of(definitions: &Definitions, steps: &[Step]) -> Vec<Touched> {
    definitions
        .iter()
        .filter(|definition| steps.iter().any(|step| step.definition == definition.id))
        .map(|definition| {
            let (architecture, os_distro, os_version) = definition.system();
            let system = || System {
                architecture: architecture.to_owned(),
                os_distro: os_distro.to_owned(),
                os_version: os_version.to_owned(),
            };
            Touched {
                definition: definition.id.clone(),
                generic_of: definition.is_public_generic().then(system),
            }
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
