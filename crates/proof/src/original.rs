//! Opening an original and finding out what vouches for it.

use disk::{Algorithm, Algorithms};
use origin::beside::{self, Agreement, Objection};
use origin::{Address, Answer, Client, Facts, Found, Opened, Outcome, Search, Trust};
use tokio::runtime::Handle;

use crate::evidence::{evidence, warnings};
use crate::reason::{Code, Kind, Reason};
use crate::verdict::{EvidencePart, OriginalPart, Warning};

/// What vouches for originals: where to look, and what to trust.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    /// The client for checksum files and their signatures.
    pub(crate) client: &'a Client,
    pub(crate) checksums: Checksums<'a>,
    pub(crate) trust: &'a Trust,
}

/// Where the checksum file of an original is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Checksums<'a> {
    /// Somewhere beside it.
    Beside,
    /// Where the user says.
    User(&'a Address),
    /// Where its family says.
    Family(&'a Address),
}

/// An original that can be read, and what vouches for it.
pub(crate) struct Known {
    pub(crate) source: disk::Source,
    pub(crate) part: OriginalPart,
    pub(crate) evidence: EvidencePart,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) facts: Facts,
    pub(crate) found: Option<Box<Found>>,
}

/// What a fresh look found.
pub(crate) struct Fresh {
    pub(crate) evidence: EvidencePart,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) found: Box<Found>,
}

/// An original that cannot be used, as far as it is known.
pub(crate) struct Unusable {
    pub(crate) part: OriginalPart,
    pub(crate) evidence: Option<EvidencePart>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) reason: Reason,
}

/// Opens the original and looks for the checksum file beside it, or reads the one that the user named.
pub(crate) async fn know(
    address: &Address,
    by_user: bool,
    sources: Sources<'_>,
    handle: &Handle,
) -> Result<Known, Box<Unusable>> {
    let opened = match origin::open(address, sources.client, handle).await {
        Ok(opened) => opened,
        Err(error) => {
            let reason = Reason::of_opening(address, &error);
            return Err(Box::new(Unusable {
                part: OriginalPart::named(address, by_user),
                evidence: None,
                warnings: Vec::new(),
                reason,
            }));
        }
    };
    vouch(opened, by_user, sources).await
}

/// Reads the checksum file of an original that is open.
pub(crate) async fn vouch(
    opened: Opened,
    by_user: bool,
    sources: Sources<'_>,
) -> Result<Known, Box<Unusable>> {
    let part = OriginalPart::of(&opened.facts, by_user);
    let search = sources.search(&opened.facts).await;
    let evidence = evidence(&search, sources);
    let warnings = warnings(&search, sources.trust);
    let named = !matches!(sources.checksums, Checksums::Beside);
    if let Some(reason) = distrust(&search, named, sources.trust.allow_unsigned) {
        return Err(Box::new(Unusable {
            part,
            evidence: Some(evidence),
            warnings,
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
        warnings,
        facts: opened.facts,
        found,
    })
}

impl Sources<'_> {
    async fn search(&self, facts: &Facts) -> Search {
        match self.checksums {
            Checksums::User(at) | Checksums::Family(at) => {
                beside::given(at, facts, self.client, self.trust).await
            }
            Checksums::Beside => beside::find(facts, self.client, self.trust).await,
        }
    }

    /// Looks once more, after the original was found not to be what is listed: the vendor may have been publishing
    /// just then. What is found counts only if it can be trusted and lists this very file.
    pub(crate) async fn again(&self, facts: &Facts, file: &disk::Contents) -> Option<Fresh> {
        let search = self.search(facts).await;
        if search.objection(self.trust.allow_unsigned).is_some() {
            return None;
        }
        let (evidence, warnings) = (evidence(&search, *self), warnings(&search, self.trust));
        match search.answer {
            Answer::Found(found) if found.compare(file) == Agreement::Agrees => Some(Fresh {
                evidence,
                warnings,
                found,
            }),
            _ => None,
        }
    }
}

/// Why an original is not trusted after this search for its checksum file; `None` when nothing speaks against it. `named`
/// says that one certain file was to list it.
#[must_use]
pub fn distrust(search: &Search, named: bool, allow_unsigned: bool) -> Option<Reason> {
    match &search.answer {
        Answer::Contradiction(error) => Some(
            Reason::new(
                Code::ManifestContradictory,
                "the vendor's checksum file contradicts itself",
            )
            .caused_by(Some(error)),
        ),
        Answer::Nothing if named => Some(no_answer(search)),
        _ => search
            .objection(allow_unsigned)
            .map(|objection| objected(&objection, search)),
    }
}

/// Why the original is not trusted, for the signature of its checksum file.
fn objected(objection: &Objection, search: &Search) -> Reason {
    let family = search.signs.as_deref().unwrap_or_default();
    let file = match &search.answer {
        Answer::Found(found) => found.address.name(),
        _ => "a checksum file".to_owned(),
    };
    match objection {
        Objection::Bad(error) => {
            let message = format!("the signature of {file} is not good");
            let hint = "the vendor may be publishing just now: try again in an hour; if it stays, do not use this file";
            Reason::new(Code::SignatureBad, message)
                .caused_by(Some(error))
                .hint(hint)
        }
        Objection::UnknownKey(error) => {
            let message = format!("{file} is not signed by a key of {family}");
            let hint =
                "if the vendor has a new key, get it from the vendor and name it: `--key FILE`";
            Reason::new(Code::SignatureUnknownKey, message)
                .caused_by(Some(error))
                .hint(hint)
        }
        Objection::Missing => {
            let message =
                format!("{family} signs its checksum files, and no signed one lists the original");
            let hint = "try again later; `--allow-unsigned` puts up with it";
            Reason::new(Code::SignatureMissing, message).hint(hint)
        }
        Objection::Unavailable(why) => {
            let message =
                format!("{family} signs its checksum files, and the signature could not be had");
            let mut reason = Reason::new(Code::SignatureUnavailable, message);
            reason.causes.push(why.clone());
            reason.hint("try again later")
        }
    }
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
