//! Families: what there is to know of how a vendor publishes, as data.
//!
//! A family is a YAML file (`docs/families.md`, `docs/family.schema.json`). Some are shipped inside the program; files of
//! the same name in a folder of the user's replace them, files of other names add to them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use url::Url;

use crate::keys::Expectation;

mod check;
mod error;
mod set;
mod template;

pub use error::Error;
pub use set::Families;
pub use template::{Fields, Reader, Template};

/// How one vendor publishes one line of images.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// Its name on the command line: `debian`, `ubuntu-minimal`. The file is called so, too.
    pub family: String,
    /// Its name for people: `Debian`, `Ubuntu Minimal`.
    pub name: String,
    /// Where everything lies; `{base}` in templates. Ends with `/`.
    pub base: Url,
    /// The hosts that publish it: pages, checksum files and images come from these and no others.
    pub hosts: Vec<String>,
    /// Further hosts that downloads of images may be sent on to; `*` for mirrors of any name. Pages and checksum files
    /// come from `hosts` alone.
    #[serde(default)]
    pub redirects: Vec<String>,
    /// Our names of architectures (`x86_64`, `aarch64`) with the vendor's.
    pub architectures: BTreeMap<String, Arch>,
    /// The releases; without any they are what the first page lists.
    #[serde(default)]
    pub releases: Vec<Release>,
    /// Patterns (regular expressions) of the gaps that are read from pages.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Pages to read, one after the other, each finding values for the next.
    pub find: Vec<Step>,
    /// The name of a build: what sorts builds, and what is after `@` on the command line.
    pub build: Template,
    /// Where the image of a build lies for good.
    pub url: Template,
    /// The checksum file that lists it.
    pub manifest: Option<Template>,
    /// The name under which the same file lists the raw disk of the image, where the vendor publishes that.
    pub raw: Option<Template>,
    /// How the checksum file is signed.
    #[serde(default)]
    pub signature: Signature,
    /// Releases whose checksum files are not signed although others are.
    #[serde(default)]
    pub unsigned: Vec<String>,
    /// The names of the keys that sign it.
    #[serde(default)]
    pub keys: Vec<Template>,
    /// Digests known from elsewhere, by the name of the file: `sha256:…`, `sha512:…`.
    #[serde(default)]
    pub pinned: BTreeMap<String, String>,
    /// Which ends of support count.
    pub lifecycle: Option<Lifecycle>,
    /// How an image of it is described in a cloud.
    pub image: ImageFacts,
}

/// The vendor's names for an architecture.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Arch {
    /// One name, for the gap `{arch}`.
    One(String),
    /// Values for several gaps, `arch` among them.
    Several(Fields),
}

/// A release that is known beforehand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its version: `13`, `24.04`.
    pub release: String,
    /// The vendor's name for it, for the gap `{codename}`.
    pub codename: Option<String>,
    /// The architectures it is published for, when that is fewer than the family's.
    #[serde(default)]
    pub architectures: Vec<String>,
}

/// A page to read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What kind of page it is.
    pub read: Kind,
    /// Where it is.
    pub at: Template,
    /// What the names of the entries that count look like.
    pub entry: Template,
    /// simplestreams: the label of the versions that count.
    pub label: Option<String>,
}

/// Kinds of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A directory as a web server shows it (Apache, nginx, MirrorBrain): the names that it links to.
    Listing,
    /// A checksum file: the names that it lists.
    Manifest,
    /// simplestreams' `products:1.0` in JSON: the paths of its items.
    Streams,
    /// Fedora's `releases.json`: its links.
    Releases,
    /// A text: its lines.
    Text,
}

/// How a checksum file is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// The vendor signs none.
    #[default]
    None,
    /// The text itself is wrapped in a signature.
    Inline,
    /// `<checksum file>.gpg` beside it.
    Gpg,
    /// `<checksum file>.asc` beside it.
    Asc,
    /// `<checksum file>.sig` beside it.
    Sig,
    /// `<checksum file>.sign` beside it.
    Sign,
}

/// Which ends of support count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// The product in the life-cycle data.
    pub product: String,
    /// The kinds of support that count: a release is supported until the last of them ends.
    #[serde(default = "security")]
    pub support: Vec<String>,
}

fn security() -> Vec<String> {
    vec!["security".to_owned()]
}

/// How an image of the family is described in a cloud (SCS-0102).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFacts {
    /// The user that one logs in as.
    pub login: String,
    /// `os_distro`.
    pub os_distro: String,
    /// `os_version`: the release, unless said otherwise.
    pub os_version: Option<Template>,
    /// `os_purpose`.
    pub os_purpose: String,
    /// Memory that it needs, in MiB.
    pub min_ram: u64,
    /// Further properties: `hw_disk_bus` and the like.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

impl ImageFacts {
    /// The `os_version` of a build.
    #[must_use]
    pub fn version(&self, build: &crate::Build) -> String {
        let own = self.os_version.as_ref();
        own.and_then(|template| template.fill(&build.fields))
            .unwrap_or_else(|| build.release.clone())
    }
}

impl Family {
    /// Reads a family file. Pure, and bounded in time and memory. `from` is its name in errors.
    ///
    /// # Errors
    /// With the line: what is no YAML, a key that there is not, a template or pattern that is none.
    pub fn parse(text: &str, from: &Path) -> Result<Self, Error> {
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_events: 50_000,
                max_nodes: 20_000,
                max_depth: 16,
                max_aliases: 100,
                max_anchors: 100,
                max_documents: 1,
                max_merge_keys: 100,
            },
            with_snippet: false,
        };
        let family: Self = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| Error::syntax(from, &error))?;
        check::family(&family).map_err(|what| Error::at(from, text, what))?;
        Ok(family)
    }

    /// The values of the gaps for our name of an architecture.
    #[must_use]
    pub fn arch(&self, ours: &str) -> Option<Fields> {
        Some(match self.architectures.get(ours)? {
            Arch::One(name) => Fields::from([("arch".to_owned(), name.clone())]),
            Arch::Several(fields) => fields.clone(),
        })
    }

    /// Who signs the checksum file of the build with these values; `None` where nobody does.
    #[must_use]
    pub fn signers(&self, fields: &Fields) -> Option<Expectation> {
        let release = fields.get("release");
        let unsigned = release.is_some_and(|release| self.unsigned.contains(release));
        if self.signature == Signature::None || unsigned {
            return None;
        }
        let keys = self.keys.iter().filter_map(|key| key.fill(fields));
        Some(Expectation {
            family: self.family.clone(),
            keys: keys.collect(),
            signed: true,
        })
    }

    /// Whether one of the family's hosts publishes what is at `url`.
    #[must_use]
    pub fn publishes(&self, url: &Url) -> bool {
        url.host_str()
            .is_some_and(|host| self.hosts.iter().any(|own| own == host))
    }
}

/// Reads a digest that somebody pins: `sha256:…` or `sha512:…`.
///
/// # Errors
/// It is none of these.
pub fn pin(text: &str) -> Result<disk::Digest, String> {
    digest(text).ok_or_else(|| format!("`{text}` is neither `sha256:…` nor `sha512:…`"))
}

/// Reads `sha256:…` or `sha512:…`.
pub(crate) fn digest(text: &str) -> Option<disk::Digest> {
    let (algorithm, hex) = text.split_once(':')?;
    let algorithm: disk::Algorithm = algorithm.parse().ok()?;
    matches!(algorithm, disk::Algorithm::Sha256 | disk::Algorithm::Sha512)
        .then(|| disk::Digest::parse(algorithm, hex).ok())?
}
