//! Taking an original: read once into a sink, and handed on only when it is what its vendor lists.

use std::io;
use std::sync::Arc;

use disk::{Cancel, Digest, Ends, Meter, Output, Reading, Wanted};
use origin::{Address, Client, Trust};
use tokio::runtime::Handle;

use crate::claim::{Claim, Opened};
use crate::original::{self, Checksums, Sources};
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
        let again = match self.open().await {
            Ok(opened) => listed(&opened.claim.evidence),
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
        let Opened { source, mut claim } = match self.open().await {
            Ok(opened) => opened,
            Err(taken) => return *taken,
        };
        let mut wanted = self.wanted;
        wanted.file = wanted.file.union(claim.algorithms());
        let result = match sink() {
            Err(source) => Err(Reason::of_pass(&disk::Error::Output { source })),
            Ok(output) => {
                let ends = Ends {
                    stored: None,
                    output: Some(output),
                };
                let (meter, cancel) = (Arc::clone(meter), cancel.clone());
                let read = tokio::task::spawn_blocking(move || {
                    disk::read(source, &wanted, ends, &meter, &cancel)
                });
                match read.await {
                    Ok(read) => read.map_err(|error| Reason::of_pass(&error)),
                    Err(_) => Err(Reason::new(
                        Code::Cancelled,
                        "the pass did not come to an end",
                    )),
                }
            }
        };
        let result = result.and_then(|reading| claim.judge(&reading).map(|()| reading));
        Taken {
            original: claim.original,
            evidence: Some(claim.evidence),
            warnings: claim.warnings,
            result,
        }
    }

    /// Opens the original and finds out what vouches for it; nothing of it is read yet.
    ///
    /// # Errors
    /// It cannot be had, or what vouches for it is not trusted: [`Taken::result`] says why.
    pub async fn open(&self) -> Result<Opened, Box<Taken>> {
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
        let known = known.map_err(|unusable| {
            Box::new(Taken {
                original: unusable.part,
                evidence: unusable.evidence,
                warnings: unusable.warnings,
                result: Err(unusable.reason),
            })
        })?;
        Ok(Claim::of(known, self.pinned))
    }
}
