//! Taking an original: read once into a sink, and handed on only when it is what its vendor lists.

use std::io;
use std::sync::Arc;

use disk::{Cancel, Digest, Ends, Meter, Output, Reading, Wanted};
use origin::beside::Agreement;
use origin::{Address, Client, Found, Trust};
use tokio::runtime::Handle;

use crate::judge::disagreement;
use crate::original::{self, Checksums, Known, Sources};
use crate::reason::{Code, Reason};
use crate::verdict::{EvidencePart, OriginalPart, Warning};

/// An original to take.
pub struct Take<'a> {
    /// The client for the original itself, which may be sent on to mirrors.
    pub images: &'a Client,
    /// The client for its checksum file.
    pub pages: &'a Client,
    /// The runtime that the download runs on.
    pub handle: &'a Handle,
    /// Where the original is asked for.
    pub address: &'a Address,
    /// The checksum file; without one it is looked for beside the original.
    pub checksums: Option<&'a Address>,
    /// Whether the user named the checksum file, and not the family.
    pub by_user: bool,
    /// Which signatures are trusted.
    pub trust: &'a Trust,
    /// A digest of the file that is known from elsewhere, and that it must have.
    pub pinned: Option<&'a Digest>,
    /// The digests that are wanted.
    pub wanted: Wanted,
}

/// What came of it.
pub struct Taken {
    /// The original, as far as it is known.
    pub original: OriginalPart,
    /// How we know that it is the vendor's.
    pub evidence: Option<EvidencePart>,
    /// What may be wrong with that.
    pub warnings: Vec<Warning>,
    /// The reading, its sink still to be finished; or why the original is not to be used.
    pub result: Result<Reading, Reason>,
}

impl Take<'_> {
    /// Reads the original into the sink that `sink` makes.
    ///
    /// When what was read is not what the checksum file lists, the vendor may just be publishing: the checksum file is
    /// read again, and if it is another one by then, the original too, once.
    pub async fn run(
        &self,
        sink: &dyn Fn() -> io::Result<Output>,
        meter: &Arc<Meter>,
        cancel: &Cancel,
    ) -> Taken {
        let first = self.once(sink, meter, cancel).await;
        let listed = |evidence: &EvidencePart| Some(evidence.manifest.as_ref()?.digests.clone());
        let disagrees = |taken: &Taken| matches!(&taken.result, Err(reason) if reason.code == Code::ManifestDisagrees);
        if !disagrees(&first) {
            return first;
        }
        let again = match self.know().await {
            Ok(known) => listed(&known.evidence),
            Err(_) => return first,
        };
        if again == first.evidence.as_ref().and_then(listed) {
            return first;
        }
        self.once(sink, meter, cancel).await
    }

    async fn once(
        &self,
        sink: &dyn Fn() -> io::Result<Output>,
        meter: &Arc<Meter>,
        cancel: &Cancel,
    ) -> Taken {
        let known = match self.know().await {
            Ok(known) => known,
            Err(taken) => return *taken,
        };
        let mut wanted = self.wanted;
        wanted.file = wanted.file.union(known.algorithms());
        if let Some(pinned) = self.pinned {
            wanted.file = wanted.file.with(pinned.algorithm());
        }
        let Known {
            source,
            part,
            evidence,
            warnings,
            facts: _,
            found,
        } = known;
        let mut taken = Taken {
            original: part,
            evidence: Some(evidence),
            warnings,
            result: Err(Reason::new(
                Code::Cancelled,
                "the pass did not come to an end",
            )),
        };
        let output = match sink() {
            Ok(output) => Some(output),
            Err(source) => {
                taken.result = Err(Reason::of_pass(&disk::Error::Output { source }));
                return taken;
            }
        };
        let ends = Ends {
            stored: None,
            output,
        };
        let (meter, cancel) = (Arc::clone(meter), cancel.clone());
        let read =
            tokio::task::spawn_blocking(move || disk::read(source, &wanted, ends, &meter, &cancel));
        if let Ok(read) = read.await {
            taken.result = read.map_err(|error| Reason::of_pass(&error));
        }
        self.settle(&mut taken, found.as_deref());
        taken
    }

    /// Holds what was read to what vouches for it.
    fn settle(&self, taken: &mut Taken, found: Option<&Found>) {
        let (Ok(reading), Some(evidence)) = (&taken.result, &mut taken.evidence) else {
            return;
        };
        taken.original.read(reading);
        if let Some(reason) = self.objection(found, evidence, reading) {
            taken.result = Err(reason);
        }
    }

    async fn know(&self) -> Result<Known, Box<Taken>> {
        let opened = origin::open(self.address, self.images, self.handle).await;
        let opened = opened.map_err(|error| {
            Box::new(Taken {
                original: OriginalPart::named(self.address, true),
                evidence: None,
                warnings: Vec::new(),
                result: Err(Reason::of_opening(self.address, &error)),
            })
        })?;
        let checksums = match self.checksums {
            None => Checksums::Beside,
            Some(at) if self.by_user => Checksums::User(at),
            Some(at) => Checksums::Family(at),
        };
        let sources = Sources {
            client: self.pages,
            checksums,
            trust: self.trust,
        };
        let known = original::vouch(opened, true, sources).await;
        known.map_err(|unusable| {
            Box::new(Taken {
                original: unusable.part,
                evidence: unusable.evidence,
                warnings: unusable.warnings,
                result: Err(unusable.reason),
            })
        })
    }

    /// Why the file that was read is not to be used.
    fn objection(
        &self,
        found: Option<&Found>,
        evidence: &mut EvidencePart,
        reading: &Reading,
    ) -> Option<Reason> {
        if let Some(pinned) = self.pinned {
            if reading.file.digests.get(pinned.algorithm()) != Some(pinned) {
                let message = format!(
                    "the original's {} digest is not the one that is pinned",
                    pinned.algorithm()
                );
                return Some(Reason::new(Code::ManifestDisagrees, message));
            }
            if found.is_none_or(|found| found.evidence == origin::Evidence::None) {
                evidence.class = "pinned";
                "the original has the digest that is pinned".clone_into(&mut evidence.text);
            }
        }
        match original::agreement(found, evidence, &reading.file) {
            None if self.pinned.is_some() => None,
            None => Some(
                Reason::new(
                    Code::ChecksumsUnlisted,
                    "no checksum file lists the original, so that nothing vouches for it",
                )
                .hint("name it, or a digest that you trust: `--checksums URL|PATH`, `--digest sha256:…`"),
            ),
            Some((_, Agreement::Agrees)) => None,
            Some((name, agreement)) => disagreement(&name, &agreement, Some(evidence)),
        }
    }
}
