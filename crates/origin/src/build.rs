//! A build: what a vendor published at one time under an address that stays.

use disk::Digest;
use jiff::civil::Date;
use url::Url;

use crate::family::Fields;
use crate::keys::Expectation;
use crate::{Address, Trust};

/// A build of one release for one architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The family's name.
    pub family: String,
    /// The release's version.
    pub release: String,
    /// Its name among the builds of the release.
    pub build: String,
    /// Our name of the architecture.
    pub arch: String,
    /// The day that its name tells, or else the day that the vendor's page gives it.
    pub date: Option<Date>,
    /// Where the image lies for good.
    pub url: Url,
    /// The image's file name.
    pub file: String,
    /// The checksum file.
    pub manifest: Option<Url>,
    /// Who signs the checksum file, as the family's file says; `None` where nobody does.
    pub signers: Option<Expectation>,
    /// The name under which the checksum file lists the raw disk.
    pub raw: Option<String>,
    /// Digests that the page which named it gives its file. They are as good as that page.
    pub digests: Vec<Digest>,
    /// The length in bytes that the page gives it.
    pub size: Option<u64>,
    /// A digest that the family's file pins.
    pub pinned: Option<Digest>,
    /// The values of all gaps.
    pub fields: Fields,
}

impl Build {
    /// What is known of the signature of its checksum file: by the vendor's own addresses, wherever they are asked for,
    /// and by the family's file where that says more.
    #[must_use]
    pub fn expectation(&self, trust: &Trust) -> Option<Expectation> {
        let vouches = self.manifest.as_ref().unwrap_or(&self.url);
        match trust.expectation(&Address::Url(vouches.clone())) {
            Some(known) if known.signed => Some(known),
            known => self.signers.clone().or(known),
        }
    }
}
