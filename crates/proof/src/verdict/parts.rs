//! The members of a verdict.

use std::collections::BTreeMap;

use disk::{Contents, Differences, Digests};
use serde::Serialize;
use wire::image::Image;

/// Digests by the names of their algorithms, in hexadecimal.
pub(super) type Named = BTreeMap<&'static str, String>;

fn named(digests: &Digests) -> Named {
    digests
        .iter()
        .map(|digest| (digest.algorithm().name(), digest.to_string()))
        .collect()
}

/// The image's record, as the cloud gave it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[allow(
    missing_docs,
    reason = "Glance's own members, under Glance's own names"
)]
pub struct ImagePart {
    pub id: String,
    pub name: Option<String>,
    pub status: String,
    pub visibility: String,
    pub owner: Option<String>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub disk_format: Option<String>,
    pub container_format: Option<String>,
    pub size: Option<u64>,
    pub virtual_size: Option<u64>,
    pub checksum: Option<String>,
    pub os_hash_algo: Option<String>,
    pub os_hash_value: Option<String>,
}

impl ImagePart {
    pub(crate) fn of(image: &Image) -> Self {
        let image = image.clone();
        Self {
            id: image.id,
            name: image.name,
            status: image.status,
            visibility: image.visibility,
            owner: image.owner,
            created_at: image.created_at,
            updated_at: image.updated_at,
            disk_format: image.disk_format,
            container_format: image.container_format,
            size: image.size,
            virtual_size: image.virtual_size,
            checksum: image.checksum,
            os_hash_algo: image.os_hash_algo,
            os_hash_value: image.os_hash_value,
        }
    }
}

/// A size and digests.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContentsPart {
    /// In bytes.
    pub size: u64,
    /// By algorithm.
    pub digests: Named,
}

impl ContentsPart {
    fn of(contents: &Contents) -> Self {
        Self {
            size: contents.size,
            digests: named(&contents.digests),
        }
    }
}

/// The original.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OriginalPart {
    /// As it was asked for, without secrets.
    pub address: String,
    /// Whether the image names it (`image_source`) or the user (`option`).
    pub named_by: &'static str,
    /// Where its bytes came from after redirects, without secrets, if that is another address.
    pub fetched_from: Option<String>,
    /// The host it was fetched from after a redirect, if that is another.
    pub redirected_to: Option<String>,
    /// The server's `ETag`.
    pub etag: Option<String>,
    /// The server's `Last-Modified`.
    pub last_modified: Option<String>,
    /// The part of the address that names no single build (`latest`), if there is one.
    pub moving: Option<String>,
    /// The format found by content.
    pub format: Option<&'static str>,
    /// The compressions around it, outermost first.
    pub packings: Vec<&'static str>,
    /// The file as published.
    pub file: Option<ContentsPart>,
    /// The unpacked file, when it was packed.
    pub unpacked: Option<ContentsPart>,
    /// The disk, when it was decoded.
    pub disk: Option<ContentsPart>,
}

impl OriginalPart {
    /// What is known before the first byte.
    pub(crate) fn of(facts: &origin::Facts, by_user: bool) -> Self {
        Self {
            fetched_from: (facts.address != facts.asked).then(|| facts.address.to_string()),
            redirected_to: facts.redirected_to().map(str::to_owned),
            etag: facts.etag.clone(),
            last_modified: facts.last_modified.clone(),
            moving: facts.moving(),
            ..Self::named(&facts.asked, by_user)
        }
    }

    /// What is known of an original that could not be opened.
    pub(crate) fn named(address: &origin::Address, by_user: bool) -> Self {
        Self {
            address: address.to_string(),
            named_by: if by_user { "option" } else { "image_source" },
            fetched_from: None,
            redirected_to: None,
            etag: None,
            last_modified: None,
            moving: None,
            format: None,
            packings: Vec::new(),
            file: None,
            unpacked: None,
            disk: None,
        }
    }

    /// Adds what a whole pass has established.
    pub(crate) fn read(&mut self, reading: &disk::Reading) {
        self.format = Some(reading.format.name());
        self.packings = reading
            .packings
            .iter()
            .map(|packing| packing.name())
            .collect();
        self.file = Some(ContentsPart::of(&reading.file));
        self.unpacked = reading.unpacked.as_ref().map(ContentsPart::of);
        self.disk = reading.disk.as_ref().map(ContentsPart::of);
    }
}

/// Whose values a recorded one is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// The original's.
    Original,
    /// The stored bytes', as they were read.
    Stored,
}

/// A recorded value beside the one found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// Glance's name for it: `os_hash_value`, `checksum`, `size`, `virtual_size`.
    pub what: &'static str,
    /// The algorithm of a digest.
    pub algorithm: Option<&'static str>,
    /// As recorded.
    pub recorded: String,
    /// As found; `null` when it was not computed.
    pub found: Option<String>,
    /// Found in the original or in the stored bytes.
    pub of: Of,
    /// Whether they are the same.
    pub matches: bool,
}

impl Compared {
    pub(crate) fn sizes(what: &'static str, recorded: u64, found: u64, of: Of) -> Self {
        let matches = recorded == found;
        Self {
            what,
            algorithm: None,
            recorded: recorded.to_string(),
            found: Some(found.to_string()),
            of,
            matches,
        }
    }
}

/// The stored bytes, as they were read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredPart {
    /// In bytes.
    pub size: u64,
    /// By algorithm.
    pub digests: Named,
    /// The first byte that differs.
    pub first_difference: Option<u64>,
    /// How many bytes differ.
    pub differing_bytes: u64,
    /// Ranges that differ: from, and the first byte after.
    pub ranges: Vec<[u64; 2]>,
    /// How many further ranges are not listed.
    pub more_ranges: u64,
}

impl StoredPart {
    pub(crate) fn of(contents: &Contents, differences: &Differences) -> Self {
        Self {
            size: contents.size,
            digests: named(&contents.digests),
            first_difference: differences.first(),
            differing_bytes: differences.bytes,
            ranges: differences
                .ranges
                .iter()
                .map(|range| [range.start, range.end])
                .collect(),
            more_ranges: differences.more,
        }
    }
}

/// Listed digests by the names of their algorithms.
pub(crate) fn listed(digests: &[disk::Digest]) -> Named {
    digests
        .iter()
        .map(|digest| (digest.algorithm().name(), digest.to_string()))
        .collect()
}
