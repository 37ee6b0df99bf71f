//! What vendors publish, as far as it is known.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use disk::{Algorithm, Digest};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::definition::Definition;
use crate::digests;
use crate::words::{Arch, Evidence, Which};

/// One build of a vendor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The line of images: `debian`.
    pub family: String,
    /// The release: `13`.
    pub release: String,
    /// What it runs on.
    pub arch: Arch,
    /// Its name: `20260712-2537`.
    pub id: String,
    /// The day of the build, in UTC; where the vendor's pages do not tell it, the import finds it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Where the vendor publishes it for good.
    pub url: Url,
    /// A copy that is fetched instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirror: Option<Url>,
    /// The vendor's own address of the checksum file, where it is known; otherwise it is looked for beside the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Url>,
    /// The name of the file.
    pub file: String,
    /// Its length in bytes, where the vendor tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The file digests that are listed for it.
    #[serde(serialize_with = "digests::write", deserialize_with = "digests::read")]
    pub digests: Vec<Digest>,
    /// The evidence that those are the vendor's.
    pub evidence: Evidence,
    /// The full fingerprint of the key that signed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
}

impl Build {
    /// The original that a definition names itself, as a build.
    pub(crate) fn named(definition: &Definition) -> Option<Self> {
        let original = definition.original.as_ref()?;
        let file = original
            .url
            .path_segments()
            .and_then(|mut all| all.next_back());
        Some(Self {
            family: definition.family.clone(),
            release: definition.release.clone(),
            arch: definition.arch,
            id: original.build.clone(),
            date: Some(original.date),
            url: original.url.clone(),
            mirror: original.mirror.clone(),
            manifest: None,
            file: file.unwrap_or_default().to_owned(),
            size: None,
            digests: original.digest.iter().cloned().collect(),
            evidence: match original.digest {
                Some(_) => Evidence::Pinned,
                None => Evidence::None,
            },
            signer: None,
        })
    }

    /// The strongest digest that is listed.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.digests.iter().max_by_key(|digest| digest.algorithm())
    }

    /// Whether a recorded file digest contradicts what is listed. Where no algorithm is the same, nothing does.
    pub(super) fn contradicts(&self, recorded: &Digest) -> bool {
        let listed = |algorithm: Algorithm| {
            let same = self
                .digests
                .iter()
                .filter(move |d| d.algorithm() == algorithm);
            same.collect::<Vec<_>>()
        };
        let same = listed(recorded.algorithm());
        !same.is_empty() && !same.contains(&recorded)
    }
}

/// Which of two builds is the newer one, by their names: not every vendor tells the day.
pub(super) fn newer(one: &str, other: &str) -> Ordering {
    origin::version::compare(one, other)
}

/// What builds are looked for. Definitions that look for the same share what is found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The line of images.
    pub family: String,
    /// The release.
    pub release: String,
    /// What they run on.
    pub arch: Arch,
    /// Which one.
    pub build: Which,
    /// Where it is, when the definition names the original itself.
    pub original: Option<Url>,
}

impl Key {
    /// What a definition looks for.
    #[must_use]
    pub fn of(definition: &Definition) -> Self {
        Self {
            family: definition.family.clone(),
            release: definition.release.clone(),
            arch: definition.arch,
            build: definition.build.clone(),
            original: definition.original.as_ref().map(|one| one.url.clone()),
        }
    }
}

/// What a look at a vendor's pages gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// These builds; never none.
    Builds(Vec<Build>),
    /// The look failed, with the reason.
    Failed(String),
}

/// What is known of the builds that there are. What is not in here is not known, which is never the same as not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Builds(BTreeMap<Key, Found>);

impl Builds {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what a look gave.
    pub fn insert(&mut self, key: Key, found: Found) {
        self.0.insert(key, found);
    }

    /// What is known.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Found> {
        self.0.get(key)
    }
}
