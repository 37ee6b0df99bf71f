//! Definitions: one image that should be there, its values settled and checked.

use std::collections::BTreeMap;

use disk::Digest;
use jiff::civil::Date;
use serde::Serialize;
use url::Url;

use crate::digests;
use crate::words::{
    Arch, Evidence, Format, Frequency, Order, Purpose, Until, Validity, Visibility, Which,
};

/// One image that should be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// What it is called in the catalogue: `debian-13`. Images carry it, so it stays when the name changes.
    pub id: String,
    /// Whether anything is done for it.
    pub enabled: bool,
    /// The name of the image, as customers see it.
    pub name: String,
    /// The vendor's line of images: `debian`, `ubuntu-minimal`.
    pub family: String,
    /// The release: `13`, `24.04`.
    pub release: String,
    /// `architecture`.
    pub arch: Arch,
    /// Which build is wanted.
    pub build: Which,
    /// The original itself, where no feed says what there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
    /// How the bytes are stored.
    pub format: Format,
    /// The evidence that an original must have.
    pub evidence: Evidence,
    /// The smallest disk, in GiB.
    pub min_disk: u64,
    /// The least memory, in MiB.
    pub min_ram: u64,
    /// The user that one logs in as, `none` if there is none (`image_original_user`).
    pub login: String,
    /// `os_distro`.
    pub os_distro: String,
    /// `os_version`.
    pub os_version: String,
    /// `os_purpose`.
    pub os_purpose: Purpose,
    /// How often a new build comes at least.
    pub replace_frequency: Frequency,
    /// How long old builds can be used by their ids.
    pub uuid_validity: Validity,
    /// How long there are new builds.
    pub provided_until: Until,
    /// How many hours after a critical fault became known a new build is there; 0 is best effort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotfix_hours: Option<u32>,
    /// A URL or a text with release notes.
    pub image_description: String,
    /// Further properties: `hw_disk_bus` and the like.
    pub properties: BTreeMap<String, String>,
    /// Tags besides the managing one and `os:…`.
    pub tags: Vec<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// What comes first in a rotation.
    pub rotation: Order,
    /// How many days before the end a warning is given.
    pub warn_days: u32,
}

/// An original that a definition itself names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Original {
    /// Where the vendor publishes it: what `image_source` says.
    pub url: Url,
    /// A copy that is fetched instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Url>,
    /// Its file digest.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "digests::write_one"
    )]
    pub digest: Option<Digest>,
    /// The name of the build.
    pub build: String,
    /// The day of the build.
    pub date: Date,
}

impl Definition {
    /// The system that it is an image of, of which there may be one visible generic image (SCS-0102 v2).
    #[must_use]
    pub fn system(&self) -> (&str, &str, &str) {
        (self.arch.word(), &self.os_distro, &self.os_version)
    }

    /// The release that its images are of, for their record: `debian/13/x86_64`.
    #[must_use]
    pub fn stands_for(&self) -> String {
        format!("{}/{}/{}", self.family, self.release, self.arch)
    }

    /// Whether it may be the one generic image of its system.
    #[must_use]
    pub fn is_public_generic(&self) -> bool {
        self.visibility == Visibility::Public && self.os_purpose == Purpose::Generic
    }
}
