//! Documents by which services tell which versions of their API they speak, and where.

use serde::{Deserialize, Serialize};

/// A link of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What the link is: `self` is the version's own endpoint.
    #[serde(default)]
    pub rel: String,
    /// Where it is. Behind a proxy the host and scheme in here are often wrong.
    #[serde(default)]
    pub href: String,
}

/// One version of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Such as `v2.17` or `v3.14`.
    pub id: String,
    /// Glance: `CURRENT`, `SUPPORTED`, `DEPRECATED`, `EXPERIMENTAL`. Keystone: `stable`, `deprecated`.
    #[serde(default)]
    pub status: String,
    /// Where it is served.
    #[serde(default)]
    pub links: Vec<Link>,
}

impl Version {
    /// The major and the minor number of the version; `v3` is 3.0.
    #[must_use]
    pub fn number(&self) -> Option<(u32, u32)> {
        let text = self.id.strip_prefix('v')?;
        let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
        Some((major.parse().ok()?, minor.parse().ok()?))
    }

    /// The `self` link's address.
    #[must_use]
    pub fn href(&self) -> Option<&str> {
        self.links
            .iter()
            .find(|link| link.rel == "self")
            .map(|link| link.href.as_str())
    }
}

/// Any of the three forms that are met: `{"versions": […]}` (Glance), `{"versions": {"values": […]}}` (Keystone)
/// and `{"version": {…}}` (the answer of one version about itself).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Versions {
    /// Glance's form.
    List {
        /// The versions.
        versions: Vec<Version>,
    },
    /// Keystone's form.
    Values {
        /// The versions, one level down.
        versions: Values,
    },
    /// A single version.
    One {
        /// The version.
        version: Version,
    },
}

/// The inner object of Keystone's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Values {
    /// The versions.
    pub values: Vec<Version>,
}

impl Versions {
    /// The versions, whatever the form.
    #[must_use]
    pub fn all(&self) -> &[Version] {
        match self {
            Self::List { versions } => versions,
            Self::Values { versions } => &versions.values,
            Self::One { version } => std::slice::from_ref(version),
        }
    }

    /// The highest version with this major number.
    #[must_use]
    pub fn highest(&self, major: u32) -> Option<&Version> {
        self.all()
            .iter()
            .filter(|version| version.number().is_some_and(|(found, _)| found == major))
            .max_by_key(|version| version.number())
    }
}
