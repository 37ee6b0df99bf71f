//! Which builds vendors publish, by their pages.

use futures_util::future::join_all;
use origin::{Family, Route, feed};
use tokio::sync::Semaphore;

use super::answers::Roll;
use super::{Vendors, said};
use crate::plan::Key;
use crate::words::Which;

/// A build as the vendor's pages name it, and the way to it.
pub(super) struct Listed {
    pub(super) build: origin::Build,
    pub(super) route: Route,
}

/// Looks for all of them, which are of one family. Its pages are read once, whatever many releases and architectures they
/// tell of. Each look takes one of the `turns`.
pub(super) async fn of(
    family: &str,
    keys: Vec<Key>,
    vendors: &Vendors<'_>,
    roll: &Roll<'_>,
    turns: &Semaphore,
) -> Vec<(Key, Result<Listed, String>)> {
    let Some(family) = vendors.families.get(family) else {
        let why = format!("there is no family `{family}`, and the definition names no `original`");
        return keys
            .into_iter()
            .map(|key| (key, Err(why.clone())))
            .collect();
    };
    let route = Route::new(family, vendors.mirrors);
    let web = feed::Web {
        client: vendors.client,
        route: &route,
        cache: vendors.cache,
    };
    let pages = feed::Once::new(&web);
    let looks = keys.into_iter().map(async |key| {
        // Never closed, so there is always a turn.
        let _turn = turns.acquire().await;
        roll.begin(&key.family);
        let found = look(&key, family, &pages).await.map(|build| Listed {
            build,
            route: route.clone(),
        });
        (key, found)
    });
    join_all(looks).await
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
