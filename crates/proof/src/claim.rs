//! What is claimed of an original before its first byte is read, and holding its bytes to that.

use disk::{Algorithms, Digest, Reading, Source};
use origin::beside::Agreement;
use origin::{Evidence, Found, Signature};

use crate::judge::disagreement;
use crate::original::{self, Known};
use crate::reason::{Code, Reason};
use crate::verdict::{EvidencePart, OriginalPart, Warning};

/// An original that can be read, and what is claimed of it.
pub struct Opened {
    /// Its bytes.
    pub source: Source,
    /// What they have to be.
    pub claim: Claim,
}

/// What an original has to be.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The original, as far as it is known.
    pub original: OriginalPart,
    /// How we know that it is the vendor's.
    pub evidence: EvidencePart,
    /// What may be wrong with that.
    pub warnings: Vec<Warning>,
    found: Option<Box<Found>>,
    pinned: Option<Digest>,
    algorithms: Algorithms,
}

impl Claim {
    pub(crate) fn of(known: Known, pinned: Option<&Digest>) -> Opened {
        let algorithms = known.algorithms();
        let algorithms = pinned.map_or(algorithms, |pinned| algorithms.with(pinned.algorithm()));
        Opened {
            source: known.source,
            claim: Self {
                original: known.part,
                evidence: known.evidence,
                warnings: known.warnings,
                found: known.found,
                pinned: pinned.cloned(),
                algorithms,
            },
        }
    }

    /// The digests of the file that are needed to judge it.
    #[must_use]
    pub fn algorithms(&self) -> Algorithms {
        self.algorithms
    }

    /// The digests that the checksum file lists for the original, strongest first; none without one.
    #[must_use]
    pub fn listed(&self) -> &[Digest] {
        let found = self.found.as_ref();
        found.map_or(&[], |found| &found.listing.digests)
    }

    /// The digests that it lists for the raw disk in the original, strongest first.
    #[must_use]
    pub fn listed_disk(&self) -> &[Digest] {
        let raw = self
            .found
            .as_ref()
            .and_then(|found| found.listing.raw.as_ref());
        raw.map_or(&[], |raw| &raw.digests)
    }

    /// The class of evidence that the checksum file is.
    #[must_use]
    pub fn class(&self) -> Evidence {
        let found = self.found.as_ref();
        found.map_or(Evidence::None, |found| found.evidence)
    }

    /// The full fingerprint of the key whose signature of the checksum file is good.
    #[must_use]
    pub fn signer(&self) -> Option<&str> {
        match &self.found.as_ref()?.signature {
            Signature::Good(_, signer) => Some(&signer.signed.fingerprint),
            _ => None,
        }
    }

    /// Holds what was read to what vouches for it.
    ///
    /// # Errors
    /// Why the file that was read is not to be used.
    pub fn judge(&mut self, reading: &Reading) -> Result<(), Reason> {
        self.original.read(reading);
        self.objection(reading).map_or(Ok(()), Err)
    }

    fn objection(&mut self, reading: &Reading) -> Option<Reason> {
        if let Some(pinned) = &self.pinned {
            if reading.file.digests.get(pinned.algorithm()) != Some(pinned) {
                let message = format!(
                    "the original's {} digest is not the one that is pinned",
                    pinned.algorithm()
                );
                return Some(Reason::new(Code::ManifestDisagrees, message));
            }
            if self.class() != Evidence::Signed {
                self.evidence.class = "pinned";
                "the original has the digest that is pinned".clone_into(&mut self.evidence.text);
            }
        }
        let found = self.found.as_deref();
        match original::agreement(found, &mut self.evidence, &reading.file) {
            None if self.pinned.is_some() => None,
            None => Some(
                Reason::new(
                    Code::ChecksumsUnlisted,
                    "no checksum file lists the original, so that nothing vouches for it",
                )
                .hint("name it, or a digest that you trust: `--checksums URL|PATH`, `--digest sha256:…`"),
            ),
            Some((_, Agreement::Agrees)) => None,
            Some((name, agreement)) => disagreement(&name, &agreement, Some(&self.evidence)),
        }
    }
}
