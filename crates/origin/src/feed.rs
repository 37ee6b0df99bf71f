//! How a vendor tells what there is: pages, read by pure functions, fetched through a thin seam.

use std::future::Future;
use std::pin::Pin;

use disk::Digest;
use jiff::civil::Date;
use url::Url;

use crate::family::{Kind, Step};

mod dates;
mod listing;
mod once;
mod recorded;
mod search;
mod streams;
mod web;

pub use once::Once;
pub use recorded::Recorded;
pub use search::{Error, Found, Wanted, newest};
pub use web::Web;

/// What [`Feed::page`] returns.
pub type PageFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<Vec<u8>>, crate::Error>> + Send + 'a>>;

/// Gives the pages of a vendor.
pub trait Feed: Send + Sync {
    /// The page at `url`, whole; `None` when it is not there. A failed look-up is an error, never `None`.
    fn page<'a>(&'a self, url: &'a Url) -> PageFuture<'a>;
}

/// Something that a page names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its name, a path or an address, as the page has it, decoded.
    pub name: String,
    /// The digests that the page gives it.
    pub digests: Vec<Digest>,
    /// Its length in bytes.
    pub size: Option<u64>,
    /// The day that the page gives it.
    pub date: Option<Date>,
}

/// Why a page names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The checksum file is none.
    #[error(transparent)]
    Manifest(#[from] crate::manifest::Error),
    /// The JSON is none, or of another form.
    #[error("not the JSON that was expected: {0}")]
    Json(String),
    /// More entries than any page has.
    #[error("more than {} entries", crate::limits::MAX_ENTRIES)]
    TooMany,
    /// A checksum file lists the same name twice with different digests.
    #[error("it gives `{0}` two different digests")]
    Contradiction(String),
}

/// What a page names, in its order. Pure, and bounded in time and memory.
///
/// # Errors
/// It is no page of this kind.
pub fn entries(step: &Step, page: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    let entries = match step.read {
        Kind::Listing => listing::entries(page)?,
        Kind::Manifest => listed(page)?,
        Kind::Streams => streams::products(page, step.label.as_deref())?,
        Kind::Releases => streams::releases(page)?,
        Kind::Text => lines(page),
    };
    Ok(entries)
}

fn lines(page: &[u8]) -> Vec<Entry> {
    String::from_utf8_lossy(page)
        .lines()
        .take(crate::limits::MAX_ENTRIES)
        .map(|line| Entry {
            name: line.trim().to_owned(),
            ..Entry::default()
        })
        .collect()
}

/// The names in a checksum file, with what it says of each.
fn listed(page: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    let manifest = crate::manifest::Manifest::parse(page)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for line in manifest.entries() {
        let Some(name) = &line.name else { continue };
        let name = name.trim_start_matches("./");
        let place = *places.entry(name.to_owned()).or_insert_with(|| {
            entries.push(Entry {
                name: name.to_owned(),
                ..Entry::default()
            });
            entries.len() - 1
        });
        let Some(entry) = entries.get_mut(place) else {
            continue;
        };
        let same = |digest: &&Digest| digest.algorithm() == line.digest.algorithm();
        match entry.digests.iter().find(same) {
            Some(known) if *known != line.digest => {
                return Err(Unreadable::Contradiction(name.to_owned()));
            }
            Some(_) => {}
            None => entry.digests.push(line.digest.clone()),
        }
    }
    Ok(entries)
}
