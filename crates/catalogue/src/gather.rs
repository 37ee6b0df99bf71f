//! What plans are made from: what vendors publish and what vouches for it, and the images of a cloud. Small requests that
//! change nothing.

mod answers;
mod evidence;
mod images;
mod newest;

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use jiff::civil::Date;
use origin::{Cache, Client, Families, Mirror, Trust};
use tokio::sync::Semaphore;

pub use answers::Answers;
pub use images::{Error, cloud};

use self::answers::Roll;
use crate::definition::Definition;
use crate::limits::LOOKS_AT_ONCE;
use crate::plan::{Build, Builds, Definitions, Found, Key};
use crate::words::Until;

/// How vendors are asked.
#[derive(Clone, Copy)]
pub struct Vendors<'a> {
    /// How each of them publishes.
    pub families: &'a Families,
    /// The client for their servers.
    pub client: &'a Client,
    /// Whose signatures count.
    pub trust: &'a Trust,
    /// What is asked instead of them.
    pub mirrors: &'a [Mirror],
    /// Where pages are kept for the next time.
    pub cache: Option<&'a Cache>,
}

/// Asks the vendors for the builds that the definitions want, and finds out what vouches for each: the newest build or the
/// named one from the vendor's pages, its checksum file and the signature of that. A page or checksum file that several
/// definitions need is fetched once; at most [`LOOKS_AT_ONCE`] looks are under way at the same time.
///
/// A failure is what is known of the definitions that it concerns, and of no other. A checksum file that does not fit its
/// signature, or does not list yet what the vendor's pages name, is fetched again a few times: the vendor may be publishing.
///
/// Not asked for is what no plan of the day `now` (in UTC) needs: what is switched off, whose support has ended, or whose
/// original the definition itself names with all the evidence that it asks for. `watch` is told when a vendor is asked first,
/// and when one has told all that is wanted of it.
pub async fn builds(
    definitions: &Definitions,
    vendors: &Vendors<'_>,
    now: Date,
    watch: &dyn Fn(Answers),
) -> Builds {
    let mut wanted: BTreeMap<Key, &Definition> = BTreeMap::new();
    for definition in definitions.iter().filter(|one| is_needed(one, now)) {
        let key = Key::of(definition);
        // Of those that name the same original the one that asks for most is looked at.
        let most = wanted.get(&key).map(|known| known.evidence);
        if most.is_none_or(|most| most < definition.evidence) {
            wanted.insert(key, definition);
        }
    }
    let roll = Roll::new(wanted.keys().map(|key| key.family.as_str()), watch);
    let (named, listed): (Vec<_>, Vec<_>) = wanted
        .into_iter()
        .partition(|(key, _)| key.original.is_some());
    let mut families: BTreeMap<String, Vec<Key>> = BTreeMap::new();
    for (key, _) in listed {
        families.entry(key.family.clone()).or_default().push(key);
    }
    // A family does not wait for another one: what its pages name is looked up while others' pages are still read.
    let turns = Semaphore::new(LOOKS_AT_ONCE);
    let all = families.into_iter().map(async |(family, keys)| {
        let listed = newest::of(&family, keys, vendors, &roll, &turns).await;
        evidence::of_listed(listed, vendors, &roll, &turns).await
    });
    let mut builds = Builds::new();
    for (key, found) in join_all(all).await.into_iter().flatten() {
        builds.insert(key, found);
    }
    let mut looks = futures_util::stream::iter(named)
        .map(async |(key, definition)| {
            roll.begin(&key.family);
            let found = evidence::of_named(definition, vendors).await;
            roll.end(&key.family);
            (key, found)
        })
        .buffer_unordered(LOOKS_AT_ONCE);
    while let Some((key, found)) = looks.next().await {
        if let Some(found) = found {
            builds.insert(key, found);
        }
    }
    builds
}

fn is_needed(definition: &Definition, now: Date) -> bool {
    let over = matches!(definition.provided_until, Until::Day(end) if now > end);
    definition.enabled && !over
}

/// What is known when a look has ended.
fn known(result: Result<Build, String>) -> Found {
    match result {
        Ok(build) => Found::Builds(vec![build]),
        Err(why) => Found::Failed(why),
    }
}

/// An error and what is behind it, on one line, each only once.
fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let line = error.to_string();
        if !line.is_empty() && !text.ends_with(&line) {
            text = format!("{text}: {line}");
        }
        next = error.source();
    }
    text
}
