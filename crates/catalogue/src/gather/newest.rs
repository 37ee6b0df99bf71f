//! Which builds vendors publish, by their pages.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use origin::{Family, Route, feed};

use super::answers::Roll;
use super::{Vendors, said};
use crate::limits::LOOKS_AT_ONCE;
use crate::plan::Key;
use crate::words::Which;

/// A build as the vendor's pages name it, and the way to it.
pub(super) struct Listed {
    pub(super) build: origin::Build,
    pub(super) route: Route,
}

/// Looks for all of them. The pages of a family are read once, whatever many releases and architectures they tell of.
pub(super) async fn of(
    keys: Vec<Key>,
    vendors: &Vendors<'_>,
    roll: &Roll<'_>,
) -> Vec<(Key, Result<Listed, String>)> {
    let mut routes: BTreeMap<&str, (&Family, Route)> = BTreeMap::new();
    for family in keys
        .iter()
        .filter_map(|key| vendors.families.get(&key.family))
    {
        let route = || (family, Route::new(family, vendors.mirrors));
        routes.entry(&family.family).or_insert_with(route);
    }
    let webs: BTreeMap<&str, feed::Web<'_>> = routes
        .iter()
        .map(|(name, (_, route))| {
            let web = feed::Web {
                client: vendors.client,
                route,
                cache: vendors.cache,
            };
            (*name, web)
        })
        .collect();
    let pages: BTreeMap<&str, feed::Once<'_>> = webs
        .iter()
        .map(|(name, web)| (*name, feed::Once::new(web)))
        .collect();
    futures_util::stream::iter(keys)
        .map(async |key| {
            roll.begin(&key.family);
            let way = routes.get(key.family.as_str());
            let found = match (way, pages.get(key.family.as_str())) {
                (Some((family, route)), Some(pages)) => {
                    look(&key, family, pages).await.map(|build| Listed {
                        build,
                        route: route.clone(),
                    })
                }
                _ => Err(format!(
                    "there is no family `{}`, and the definition names no `original`",
                    key.family
                )),
            };
            (key, found)
        })
        .buffered(LOOKS_AT_ONCE)
        .collect()
        .await
}

async fn look(key: &Key, family: &Family, pages: &dyn feed::Feed) -> Result<origin::Build, String> {
    let wanted = feed::Wanted {
        arch: key.arch.word(),
        release: Some(&key.release),
        build: match &key.build {
            Which::Newest => None,
            Which::Pinned(build) => Some(build),
        },
    };
    let mut found = feed::newest(family, wanted, &|_| true, pages).await;
    match (found.pop(), found.is_empty()) {
        (Some((_, build)), true) => build.map_err(|error| said(&error)),
        _ => Err(format!(
            "the pages of {} tell of several releases `{}`, or of none",
            family.name, key.release
        )),
    }
}
