//! Opening an original and finding out what vouches for it.

use disk::{Algorithm, Algorithms};
use origin::beside::{self, Agreement};
use origin::{Address, Answer, Client, Evidence, Found, Opened, Outcome, Search, Signature};
use tokio::runtime::Handle;

use crate::reason::{Code, Kind, Reason};
use crate::verdict::{EvidencePart, LookedPart, ManifestPart, OriginalPart, SignaturePart};

/// An original that can be read, and what vouches for it.
pub(crate) struct Known {
    pub(crate) source: disk::Source,
    pub(crate) part: OriginalPart,
    pub(crate) evidence: EvidencePart,
    found: Option<Box<Found>>,
}

/// An original that cannot be used, as far as it is known.
pub(crate) struct Unusable {
    pub(crate) part: OriginalPart,
    pub(crate) evidence: Option<EvidencePart>,
    pub(crate) reason: Reason,
}

/// Opens the original and looks for the checksum file beside it, or reads the one that the user named.
pub(crate) async fn know(
    address: &Address,
    by_user: bool,
    checksums: Option<&Address>,
    client: &Client,
    handle: &Handle,
) -> Result<Known, Box<Unusable>> {
    let opened = match origin::open(address, client, handle).await {
        Ok(opened) => opened,
        Err(error) => {
            let reason = Reason::of_opening(address, &error);
            return Err(Box::new(Unusable {
                part: OriginalPart::named(address, by_user),
                evidence: None,
                reason,
            }));
        }
    };
    let checksums = checksums.map_or(Checksums::Beside, Checksums::User);
    vouch(opened, by_user, &checksums, client).await
}

/// Where the checksum file of an original is.
#[derive(Clone, Debug)]
pub(crate) enum Checksums<'a> {
    /// Somewhere beside it.
    Beside,
    /// Where the user says.
    User(&'a Address),
    /// Where its family says.
    Family(&'a Address),
}

/// Reads the checksum file of an original that is open.
pub(crate) async fn vouch(
    opened: Opened,
    by_user: bool,
    checksums: &Checksums<'_>,
    client: &Client,
) -> Result<Known, Box<Unusable>> {
    let part = OriginalPart::of(&opened.facts, by_user);
    let search = match checksums {
        Checksums::User(at) | Checksums::Family(at) => {
            beside::given(at, &opened.facts, client).await
        }
        Checksums::Beside => beside::find(&opened.facts, client).await,
    };
    let evidence = evidence(&search, matches!(checksums, Checksums::User(_)));
    let reason = match &search.answer {
        Answer::Contradiction(error) => Some(
            Reason::new(
                Code::ManifestContradictory,
                "the vendor's checksum file contradicts itself",
            )
            .caused_by(Some(error)),
        ),
        Answer::Nothing if !matches!(checksums, Checksums::Beside) => Some(no_answer(&search)),
        _ => None,
    };
    if let Some(reason) = reason {
        return Err(Box::new(Unusable {
            part,
            evidence: Some(evidence),
            reason,
        }));
    }
    let found = match search.answer {
        Answer::Found(found) => Some(found),
        _ => None,
    };
    Ok(Known {
        source: opened.source,
        part,
        evidence,
        found,
    })
}

impl Known {
    /// The digests of the file that are needed to compare it with the checksum file. Without one the verdict still
    /// names the file it speaks of, by its SHA-512.
    pub(crate) fn algorithms(&self) -> Algorithms {
        match &self.found {
            Some(found) => found.algorithms(),
            None => Algorithms::NONE.with(Algorithm::Sha512),
        }
    }

    /// The checksum file that lists it.
    pub(crate) fn found(&self) -> Option<&Found> {
        self.found.as_deref()
    }
}

/// Compares the file that was read with what the checksum file lists; gives the checksum file's name too.
pub(crate) fn agreement(
    found: Option<&Found>,
    evidence: &mut EvidencePart,
    file: &disk::Contents,
) -> Option<(String, Agreement)> {
    let found = found?;
    let agreement = found.compare(file);
    if let Some(manifest) = &mut evidence.manifest {
        manifest.agrees = Some(agreement == Agreement::Agrees);
    }
    Some((found.address.name(), agreement))
}

impl Known {
    /// Takes it apart, so that the bytes can go to another thread.
    pub(crate) fn split(self) -> (disk::Source, OriginalPart, EvidencePart, Option<Box<Found>>) {
        (self.source, self.part, self.evidence, self.found)
    }
}

/// Why the checksum file that the user named does not help.
fn no_answer(search: &Search) -> Reason {
    let Some(looked) = search.looked.first() else {
        return Reason::new(Code::ChecksumsUnavailable, "no checksum file was read");
    };
    let place = &looked.address;
    match &looked.outcome {
        Outcome::Listed | Outcome::NotListed => Reason::new(
            Code::ChecksumsUnlisted,
            format!("{place} does not list the original"),
        ),
        Outcome::Absent => Reason::new(Code::ChecksumsUnavailable, format!("{place} is not there")),
        Outcome::Unusable(error) => {
            let reason = Reason::new(
                Code::ChecksumsUnavailable,
                format!("{place} cannot be used"),
            );
            reason.of_kind(Kind::NotTrusted).caused_by(Some(error))
        }
        Outcome::Unknown(why) => {
            let mut reason = Reason::new(
                Code::ChecksumsUnavailable,
                format!("{place} could not be had"),
            );
            reason.causes.push(why.clone());
            reason.of_kind(Kind::Temporary)
        }
    }
}

fn evidence(search: &Search, by_user: bool) -> EvidencePart {
    let looked = search.looked.iter().map(|looked| LookedPart {
        address: looked.address.to_string(),
        outcome: looked.outcome.name(),
        detail: match &looked.outcome {
            Outcome::Unusable(_) | Outcome::Unknown(_) => Some(looked.outcome.to_string()),
            _ => None,
        },
    });
    let (class, text, manifest) = match &search.answer {
        Answer::Found(found) => (
            found.evidence,
            found_text(found, by_user),
            Some(manifest(found)),
        ),
        Answer::Contradiction(_) => (
            Evidence::None,
            "a checksum file beside the original contradicts itself".to_owned(),
            None,
        ),
        Answer::Nothing if search.is_certain() => (
            Evidence::None,
            "no checksum file that lists the original was found".to_owned(),
            None,
        ),
        Answer::Nothing => {
            let text =
                "it could not be found out whether a checksum file lists the original".to_owned();
            (Evidence::None, text, None)
        }
    };
    EvidencePart {
        class: class.name(),
        text,
        manifest,
        certain: search.is_certain(),
        looked: looked.collect(),
    }
}

fn found_text(found: &Found, by_user: bool) -> String {
    let name = found.address.name();
    let way = match (&found.address, found.evidence) {
        (Address::Path(_), _) => "a local file".to_owned(),
        (address, Evidence::Tls) => format!("over TLS from {}", address.host().unwrap_or_default()),
        (address, Evidence::None) => format!(
            "over plain HTTP from {}, where anybody on the way could have changed it",
            address.host().unwrap_or_default()
        ),
    };
    let way = if by_user {
        format!("{way}, named by you")
    } else {
        way
    };
    let strength = match found.listing.strongest().map(disk::Digest::algorithm) {
        Some(algorithm) if !beside::is_strong(algorithm) => {
            format!("; {algorithm} only, which can be forged")
        }
        _ => String::new(),
    };
    format!(
        "{name} ({way}) lists the original{strength}; {}",
        signature_text(&found.signature)
    )
}

fn signature_text(signature: &Signature) -> String {
    match signature {
        Signature::Inline => "it is signed; the signature was not checked".to_owned(),
        Signature::Detached(address) => format!(
            "signed by {}; the signature was not checked",
            address.name()
        ),
        Signature::NotFound => "no signature was found beside it".to_owned(),
        Signature::Unknown(_) => "whether it is signed could not be found out".to_owned(),
    }
}

fn manifest(found: &Found) -> ManifestPart {
    let (form, address) = match &found.signature {
        Signature::Inline => ("inline", None),
        Signature::Detached(address) => ("detached", Some(address.to_string())),
        Signature::NotFound => ("not-found", None),
        Signature::Unknown(_) => ("unknown", None),
    };
    ManifestPart {
        address: found.address.to_string(),
        name: found.listing.name.clone(),
        digests: crate::verdict::listed(&found.listing.digests),
        size: match found.listing.size {
            Some(origin::manifest::Size::Exact(bytes)) => Some(bytes),
            _ => None,
        },
        agrees: None,
        signature: SignaturePart {
            form,
            address,
            checked: false,
        },
    }
}
