//! The original of an import: opened, looked at, and held to what the plan says of it, before any cloud hears of it.

use std::sync::Arc;

use delivery::{Goal, Load, Way, gate, measure};
use disk::limits::MAX_VIRTUAL_SIZE;
use disk::write::qcow2;
use disk::{Digest, Look, Meter};
use origin::{Address, Route};
use proof::{Claim, Opened, Reason, Take};
use tokio::runtime::Handle;

use super::{Apply, Error, Event};
use crate::plan::{Build, Import};
use crate::words::{Evidence, Format};

/// What is around the bytes of all images that are imported.
pub(super) const CONTAINER: &str = "bare";

/// An original that may go into a cloud.
pub(super) struct Ready {
    pub(super) way: Way,
    pub(super) load: Load,
    /// What the original was, and what vouched for it, so that it is seen when the vendor publishes anew.
    pub(super) mark: Mark,
    /// The day that the vendor's server gives the file.
    pub(super) modified: Option<String>,
}

/// What tells one state of a vendor's server from another.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Mark {
    etag: Option<String>,
    modified: Option<String>,
    listed: Vec<Digest>,
}

impl Mark {
    fn of(claim: &Claim) -> Self {
        Self {
            etag: claim.original.etag.clone(),
            modified: claim.original.last_modified.clone(),
            listed: claim.listed().to_vec(),
        }
    }
}

impl Apply<'_> {
    /// Opens the original and decides how it is sent.
    pub(super) async fn ready(
        &self,
        definition: &str,
        import: &Import,
        meter: &Arc<Meter>,
    ) -> Result<Ready, Error> {
        let (opened, look) = self.opened(&import.build).await?;
        let (way, opened, look) = self.way(import, opened, look, meter).await?;
        for odd in gate::before(&look, &way, CONTAINER)? {
            let what = gate::line(&odd);
            (self.watch)(Event::Odd { definition, what });
        }
        for warning in &opened.claim.warnings {
            let what = warning.message.clone();
            (self.watch)(Event::Odd { definition, what });
        }
        let mark = Mark::of(&opened.claim);
        Ok(Ready {
            modified: mark.modified.clone(),
            mark,
            load: load(&import.build, opened, &way, &look),
            way,
        })
    }

    /// What the vendor's server says by now.
    pub(super) async fn mark(&self, build: &Build) -> Result<Mark, Error> {
        Ok(Mark::of(&self.open(build).await?.claim))
    }

    /// The way into the cloud that the definition's format means. A qcow2 that is to be made is measured first, for which the
    /// original is read once more.
    async fn way(
        &self,
        import: &Import,
        opened: Opened,
        look: Look,
        meter: &Arc<Meter>,
    ) -> Result<(Way, Opened, Look), Error> {
        let goal = match (import.format, look.format) {
            (Format::Raw, _) => Some(Goal::Raw),
            (Format::Qcow2, disk::Format::Qcow2) => None,
            (Format::Qcow2, _) => Some(Goal::Qcow2),
        };
        let way = Way::of(&look, goal, Some(import.format.word()))?;
        if goal != Some(Goal::Qcow2) {
            return Ok((way, opened, look));
        }
        let options = qcow2::Options::default();
        let largest = self.max_virtual_size;
        let measured = measure(opened.source, options, largest, meter, self.cancel).await?;
        let (opened, look) = self.opened(&import.build).await?;
        let way = Way {
            disk: Some(measured.disk_size()),
            qcow2: Some(measured),
            ..way
        };
        Ok((way, opened, look))
    }

    /// Opens the original, holds what vouches for it to the plan, and looks at its first bytes.
    pub(super) async fn opened(&self, build: &Build) -> Result<(Opened, Look), Error> {
        let Opened { mut source, claim } = self.open(build).await?;
        held(build, &claim)?;
        let largest = self.max_virtual_size.unwrap_or(MAX_VIRTUAL_SIZE);
        let looked = tokio::task::spawn_blocking(move || {
            let look = disk::look(&mut source, largest);
            look.map(|look| (source, look))
        });
        let looked = looked.await;
        let looked = looked.map_err(|error| delivery::Broken::Crashed(error.to_string()))?;
        let (source, look) = looked.map_err(|error| Error::Original(Reason::of_pass(&error)))?;
        Ok((Opened { source, claim }, look))
    }

    async fn open(&self, build: &Build) -> Result<Opened, Error> {
        let vendors = &self.vendors;
        let route = vendors.families.get(&build.family);
        let route = route.map(|family| Route::new(family, vendors.mirrors));
        let (images, pages) = match &route {
            Some(route) => (route.images(vendors.client), route.strict(vendors.client)),
            None => (vendors.client.clone(), vendors.client.clone()),
        };
        let address = Address::Url(build.mirror.as_ref().unwrap_or(&build.url).clone());
        let manifest = build.manifest.as_ref().map(|own| {
            let asked = route.as_ref().and_then(|route| route.ask(own).ok());
            Address::Url(asked.unwrap_or_else(|| own.clone()))
        });
        let own = build.manifest.as_ref().unwrap_or(&build.url);
        let known = vendors.trust.expectation(&Address::Url(own.clone()));
        let trust = vendors.trust.clone().expecting(known);
        let handle = Handle::current();
        let take = Take {
            images: &images,
            pages: &pages,
            handle: &handle,
            address: &address,
            checksums: manifest.as_ref(),
            by_user: false,
            trust: &trust,
            pinned: build
                .digest()
                .filter(|_| build.evidence == Evidence::Pinned),
            wanted: disk::Wanted::default(),
        };
        take.open().await.map_err(|taken| {
            Error::Original(match taken.result {
                Err(reason) => reason,
                Ok(_) => Reason::new(proof::Code::OriginalUnreadable, "it was not opened"),
            })
        })
    }
}

/// Bytes that go on only if they are what the plan says.
fn load(build: &Build, opened: Opened, way: &Way, look: &Look) -> Load {
    let mut claim = opened.claim;
    let recorded = disk::Algorithms::NONE.with(disk::Algorithm::Sha512);
    let file = way.file_digests(look).union(claim.algorithms());
    let unvouched = build.evidence == Evidence::None && claim.listed().is_empty();
    Load {
        source: opened.source,
        file: match build.digest() {
            None => file.union(recorded),
            Some(digest) => file.with(digest.algorithm()),
        },
        judge: Box::new(move |reading| match unvouched {
            true => Ok(()),
            false => claim.judge(reading),
        }),
    }
}

/// Whether what vouches for the original now is what the plan says.
fn held(build: &Build, claim: &Claim) -> Result<(), Error> {
    if matches!(build.evidence, Evidence::None | Evidence::Pinned) {
        return Ok(());
    }
    let now = Evidence::from(claim.class());
    let weaker = |what: String| Error::Evidence {
        build: build.id.clone(),
        what,
    };
    if now < build.evidence {
        return Err(weaker(format!("it is `{now}`, not `{}`", build.evidence)));
    }
    if build.evidence == Evidence::Signed && claim.signer() != build.signer.as_deref() {
        let now = claim.signer().unwrap_or("nobody");
        return Err(weaker(format!("it is signed by {now}")));
    }
    let listed = |digest: &&Digest| claim.listed().contains(digest);
    match build.digests.iter().find(|digest| !listed(digest)) {
        None => Ok(()),
        Some(digest) => Err(Error::Anew {
            build: build.id.clone(),
            what: format!("another {} digest is listed", digest.algorithm()),
        }),
    }
}
