//! The JSON indexes: simplestreams and Fedora's `releases.json`.

use std::collections::BTreeMap;

use disk::{Algorithm, Digest};
use serde::Deserialize;

use super::{Entry, Unreadable};
use crate::limits::MAX_ENTRIES;

#[derive(Deserialize)]
struct Products {
    #[serde(default)]
    format: String,
    products: BTreeMap<String, Product>,
}

#[derive(Deserialize)]
struct Product {
    #[serde(default)]
    versions: BTreeMap<String, Version>,
}

#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    label: String,
    #[serde(default)]
    items: BTreeMap<String, Item>,
}

#[derive(Deserialize)]
struct Item {
    path: Option<String>,
    sha256: Option<String>,
    sha512: Option<String>,
    size: Option<u64>,
}

/// The items of a simplestreams file of the form `products:1.0`, those of versions with this label.
pub(super) fn products(page: &[u8], label: Option<&str>) -> Result<Vec<Entry>, Unreadable> {
    let read: Products = json(page)?;
    if read.format != "products:1.0" {
        return Err(Unreadable::Json(format!(
            "simplestreams of the form `{}`",
            read.format
        )));
    }
    let mut entries = Vec::new();
    let versions = read.products.into_values().flat_map(|p| p.versions);
    for (_, version) in versions {
        if label.is_some_and(|label| label != version.label) {
            continue;
        }
        for item in version.items.into_values() {
            let Some(name) = item.path else { continue };
            let digests = [
                (Algorithm::Sha512, item.sha512),
                (Algorithm::Sha256, item.sha256),
            ];
            entries.push(Entry {
                name,
                digests: digests
                    .into_iter()
                    .filter_map(|(algorithm, hex)| Digest::parse(algorithm, &hex?).ok())
                    .collect(),
                size: item.size,
                date: None,
            });
        }
        if entries.len() > MAX_ENTRIES {
            return Err(Unreadable::TooMany);
        }
    }
    Ok(entries)
}

#[derive(Deserialize)]
struct Link {
    link: String,
    sha256: Option<String>,
    /// Fedora writes numbers as text.
    size: Option<String>,
}

/// The links of Fedora's `releases.json`.
pub(super) fn releases(page: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    let links: Vec<Link> = json(page)?;
    if links.len() > MAX_ENTRIES {
        return Err(Unreadable::TooMany);
    }
    let entry = |link: Link| Entry {
        name: link.link,
        digests: link
            .sha256
            .and_then(|hex| Digest::parse(Algorithm::Sha256, &hex).ok())
            .into_iter()
            .collect(),
        size: link.size.and_then(|size| size.parse().ok()),
        date: None,
    };
    Ok(links.into_iter().map(entry).collect())
}

fn json<'a, T: Deserialize<'a>>(page: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(page).map_err(|error| Unreadable::Json(error.to_string()))
}
