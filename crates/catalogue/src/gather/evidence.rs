//! What vouches for a build: the vendor's checksum file and its signature, or a digest that is pinned.

use disk::Digest;
use futures_util::future::join_all;
use origin::keys::Expectation;
use origin::{Address, Answer, Facts, Found as Listing, Search, Signature, beside, manifest};
use tokio::sync::Semaphore;

use super::answers::Roll;
use super::newest::Listed;
use super::{Vendors, known, said};
use crate::definition::Definition;
use crate::plan::{Build, Found, Key};
use crate::words::Evidence;

/// What is known of a build before its checksum file is read.
struct Plain {
    build: Build,
    pinned: Option<Digest>,
}

/// A checksum file, and the builds that it has to list.
struct Sheet {
    address: Address,
    expectation: Option<Expectation>,
    client: origin::Client,
    builds: Vec<(Key, Plain, Address)>,
}

/// Reads the checksum files of the builds, each once; each takes one of the `turns`.
pub(super) async fn of_listed(
    looks: Vec<(Key, Result<Listed, String>)>,
    vendors: &Vendors<'_>,
    roll: &Roll<'_>,
    turns: &Semaphore,
) -> Vec<(Key, Found)> {
    let (mut all, mut sheets) = (Vec::new(), Vec::<Sheet>::new());
    for (key, look) in looks {
        let put = look.and_then(|listed| put(&key, &listed, vendors, &mut sheets));
        let found = match put {
            Ok(None) => continue,
            Ok(Some(build)) => known(Ok(build)),
            Err(why) => known(Err(why)),
        };
        roll.end(&key.family);
        all.push((key, found));
    }
    let reads = sheets.into_iter().map(async |sheet| {
        let _turn = turns.acquire().await;
        let found = sheet.read(vendors).await;
        found.iter().for_each(|(key, _)| roll.end(&key.family));
        found
    });
    all.extend(join_all(reads).await.into_iter().flatten());
    all
}

/// Puts a build to the others of its checksum file. One that needs none is complete at once.
fn put(
    key: &Key,
    listed: &Listed,
    vendors: &Vendors<'_>,
    sheets: &mut Vec<Sheet>,
) -> Result<Option<Build>, String> {
    let (of, route) = (&listed.build, &listed.route);
    let asked = route.ask(&of.url).map_err(|error| said(&error))?;
    let plain = Plain {
        build: plain(key, listed, &asked),
        pinned: of.pinned.clone(),
    };
    let expectation = of.expectation(vendors.trust);
    let signed = expectation.as_ref().is_some_and(|known| known.signed);
    let manifest = match &of.manifest {
        // What is pinned is surer than a checksum file that nobody signs.
        Some(manifest) if plain.pinned.is_none() || signed => manifest,
        _ => return Ok(Some(plain.alone())),
    };
    let address = Address::Url(route.ask(manifest).map_err(|error| said(&error))?);
    let file = Address::Url(asked);
    let same = |sheet: &&mut Sheet| sheet.address == address && sheet.expectation == expectation;
    match sheets.iter_mut().find(same) {
        Some(sheet) => sheet.builds.push((key.clone(), plain, file)),
        None => sheets.push(Sheet {
            address,
            expectation,
            client: route.strict(vendors.client),
            builds: vec![(key.clone(), plain, file)],
        }),
    }
    Ok(None)
}

/// The one place where what a vendor publishes becomes what a plan knows.
fn plain(key: &Key, listed: &Listed, asked: &url::Url) -> Build {
    let of = &listed.build;
    Build {
        family: key.family.clone(),
        release: key.release.clone(),
        arch: key.arch,
        id: of.build.clone(),
        date: of.date,
        url: of.url.clone(),
        mirror: (*asked != of.url).then(|| asked.clone()),
        manifest: of.manifest.clone(),
        file: of.file.clone(),
        size: of.size,
        digests: Vec::new(),
        evidence: Evidence::None,
        signer: None,
    }
}

impl Sheet {
    async fn read(self, vendors: &Vendors<'_>) -> Vec<(Key, Found)> {
        let trust = vendors.trust.clone().expecting(self.expectation);
        let files: Vec<Address> = self
            .builds
            .iter()
            .map(|(_, _, file)| file.clone())
            .collect();
        let searches = beside::listing(&self.address, &files, &self.client, &trust).await;
        let each = self.builds.into_iter().zip(searches);
        each.map(|((key, plain, _), search)| {
            let vouched = plain.vouched(&search, true, trust.allow_unsigned);
            (key, known(vouched))
        })
        .collect()
    }
}

impl Plain {
    /// The build when nothing else vouches for it than what is pinned.
    fn alone(mut self) -> Build {
        if let Some(pinned) = self.pinned {
            self.build.digests = vec![pinned];
            self.build.evidence = Evidence::Pinned;
        }
        self.build
    }

    /// The build with what a search for its checksum file has found. `named` says that one certain file was to list it.
    fn vouched(
        mut self,
        search: &Search,
        named: bool,
        allow_unsigned: bool,
    ) -> Result<Build, String> {
        if let Some(reason) = proof::distrust(search, named, allow_unsigned) {
            let said: Vec<String> = std::iter::once(reason.message)
                .chain(reason.causes)
                .collect();
            return Err(said.join(": "));
        }
        let Answer::Found(found) = &search.answer else {
            return Ok(self.alone());
        };
        if let Some(pinned) = &self.pinned {
            let other =
                |listed: &&Digest| listed.algorithm() == pinned.algorithm() && *listed != pinned;
            if found.listing.digests.iter().any(|listed| other(&listed)) {
                let name = found.address.name();
                return Err(format!(
                    "{name} lists another {} digest than the one that is pinned",
                    pinned.algorithm()
                ));
            }
        }
        let (evidence, digests) = strong(found);
        if self.pinned.is_some() && evidence < Evidence::Pinned {
            return Ok(self.alone());
        }
        if let Some(manifest::Size::Exact(size)) = found.listing.size {
            self.build.size = Some(size);
        }
        if let (Signature::Good(_, signer), Evidence::Signed) = (&found.signature, evidence) {
            self.build.signer = Some(signer.signed.fingerprint.clone());
        }
        self.build.digests = digests;
        self.build.evidence = evidence;
        Ok(self.build)
    }
}

/// What a checksum file is evidence of, and the digests that it lists. One that lists only digests which can be forged is
/// evidence of nothing.
fn strong(found: &Listing) -> (Evidence, Vec<Digest>) {
    let strong = |digest: &&Digest| beside::is_strong(digest.algorithm());
    let digests: Vec<Digest> = found
        .listing
        .digests
        .iter()
        .filter(strong)
        .cloned()
        .collect();
    match digests.is_empty() {
        true => (Evidence::None, digests),
        false => (found.evidence.into(), digests),
    }
}

/// What vouches for the original that a definition names; `None` when it asks for no more than it says itself.
pub(super) async fn of_named(definition: &Definition, vendors: &Vendors<'_>) -> Option<Found> {
    let build = Build::named(definition)?;
    if build.evidence >= definition.evidence {
        return None;
    }
    let place = Address::Url(build.url.clone());
    let facts = Facts {
        asked: place.clone(),
        address: place,
        len: None,
        etag: None,
        last_modified: None,
    };
    let plain = Plain {
        pinned: build.digests.first().cloned(),
        build: Build {
            digests: Vec::new(),
            evidence: Evidence::None,
            ..build
        },
    };
    let search = beside::find(&facts, vendors.client, vendors.trust).await;
    Some(known(plain.vouched(
        &search,
        false,
        vendors.trust.allow_unsigned,
    )))
}
