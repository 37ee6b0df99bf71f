//! Finding the vendor's checksum file beside an original.
//!
//! A failed look-up is never taken for "there is none": whoever asks sees every place that was looked at and how each
//! answered.

use std::fmt;

use disk::{Algorithm, Digest};
use net::Client;

use crate::manifest::{self, Listing, Manifest, Role, Size};
use crate::{Address, Evidence, Facts};

mod candidates;
mod fetch;

pub use candidates::{Candidate, candidates};
pub use fetch::signature;

/// How many places may leave us without an answer before the search ends: each may have cost a minute of retries.
const MAX_UNKNOWN: usize = 3;
/// How many places are asked at once.
const AT_ONCE: usize = 4;

/// A checksum file that lists the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it came from, after redirects.
    pub address: Address,
    /// What it says.
    pub listing: Listing,
    /// What is known of its signature.
    pub signature: Signature,
    /// What it is evidence of.
    pub evidence: Evidence,
}

/// How the original's file compares with what the checksum file says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// All listed digests are the file's, and so is the length.
    Agrees,
    /// The length is another.
    OtherLength {
        /// As listed, in bytes.
        listed: u64,
    },
    /// A digest is another.
    OtherDigest {
        /// As listed.
        listed: Digest,
    },
}

impl Found {
    /// The algorithms whose digests are needed to compare the original with it.
    #[must_use]
    pub fn algorithms(&self) -> disk::Algorithms {
        self.listing.digests.iter().map(Digest::algorithm).collect()
    }

    /// Compares the original's file with what is listed. A digest that was not computed counts as another one.
    #[must_use]
    pub fn compare(&self, file: &disk::Contents) -> Agreement {
        for listed in &self.listing.digests {
            if file.digests.get(listed.algorithm()) != Some(listed) {
                return Agreement::OtherDigest {
                    listed: listed.clone(),
                };
            }
        }
        match self.listing.size {
            Some(Size::Exact(listed)) if listed != file.size => Agreement::OtherLength { listed },
            _ => Agreement::Agrees,
        }
    }
}

/// What is known of a checksum file's signature. None is checked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// The file itself is cleartext-signed.
    Inline,
    /// A signature lies beside it.
    Detached(Address),
    /// None was found beside it.
    NotFound,
    /// Whether there is one could not be found out.
    Unknown(String),
}

/// One place that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Where.
    pub address: Address,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of looking at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A checksum file that lists the original.
    Listed,
    /// A checksum file that does not list it.
    NotListed,
    /// Nothing there: 404, 403, 410, no such file. (Object stores answer 403 for what does not exist.)
    Absent,
    /// Something else is there: a web page, a file that contradicts itself.
    Unusable(manifest::Error),
    /// It could not be found out.
    Unknown(String),
}

impl Outcome {
    /// The name in JSON and documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::NotListed => "not-listed",
            Self::Absent => "absent",
            Self::Unusable(_) => "unusable",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed => f.write_str("lists the file"),
            Self::NotListed => f.write_str("does not list the file"),
            Self::Absent => f.write_str("not there"),
            Self::Unusable(error) => error.fmt(f),
            Self::Unknown(reason) => write!(f, "could not be found out: {reason}"),
        }
    }
}

/// The answer of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This one lists the original.
    Found(Box<Found>),
    /// One that is there gives the original two different digests.
    Contradiction(manifest::Error),
    /// Nobody lists it. [`Search::is_certain`] says whether that is known.
    Nothing,
}

/// A search and everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// What was found.
    pub answer: Answer,
    /// Every place looked at, in order.
    pub looked: Vec<Looked>,
}

impl Search {
    /// Whether every place gave a clear answer. When not, "nothing found" does not mean that there is nothing.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        !self
            .looked
            .iter()
            .any(|l| matches!(l.outcome, Outcome::Unknown(_) | Outcome::Unusable(_)))
    }
}

/// Looks for a checksum file beside the original: SHA-2 ones first, in the order of [`candidates`]; the first that
/// lists the original counts.
pub async fn find(facts: &Facts, client: &Client) -> Search {
    let mut looked = Vec::new();
    let places = candidates(&facts.asked);
    for some in places.chunks(AT_ONCE) {
        let read = some.iter().map(|place| fetch::read(&place.address, client));
        let read = futures_util::future::join_all(read).await;
        for (place, read) in some.iter().zip(read) {
            let (outcome, found) = judge(read, place.role, facts);
            let contradiction = match &outcome {
                Outcome::Unusable(error @ manifest::Error::Contradiction { .. }) => {
                    Some(error.clone())
                }
                _ => None,
            };
            looked.push(Looked {
                address: place.address.clone(),
                outcome,
            });
            if let Some(error) = contradiction {
                return Search {
                    answer: Answer::Contradiction(error),
                    looked,
                };
            }
            if let Some((address, manifest, listing)) = found {
                let found = complete(&place.address, address, &manifest, listing, client).await;
                return Search {
                    answer: Answer::Found(Box::new(found)),
                    looked,
                };
            }
        }
        if looked
            .iter()
            .filter(|l| matches!(l.outcome, Outcome::Unknown(_)))
            .count()
            >= MAX_UNKNOWN
        {
            break;
        }
    }
    Search {
        answer: Answer::Nothing,
        looked,
    }
}

/// Reads the one checksum file that the user names. It speaks of the original if it lists its name or holds nothing
/// but one digest.
pub async fn given(address: &Address, facts: &Facts, client: &Client) -> Search {
    let (outcome, found) = judge(fetch::read(address, client).await, Role::OneFile, facts);
    let answer = match (&outcome, found) {
        (_, Some((from, manifest, listing))) => Answer::Found(Box::new(
            complete(address, from, &manifest, listing, client).await,
        )),
        (Outcome::Unusable(error @ manifest::Error::Contradiction { .. }), None) => {
            Answer::Contradiction(error.clone())
        }
        (_, None) => Answer::Nothing,
    };
    Search {
        answer,
        looked: vec![Looked {
            address: address.clone(),
            outcome,
        }],
    }
}

type Hit = (Address, Manifest, Listing);

/// What a place says about the original, under the name asked for or the one that a redirect led to.
fn judge(read: fetch::Read, role: Role, facts: &Facts) -> (Outcome, Option<Hit>) {
    let (address, manifest) = match read {
        fetch::Read::Manifest(address, manifest) => (address, manifest),
        fetch::Read::Absent => return (Outcome::Absent, None),
        fetch::Read::Unusable(error) => return (Outcome::Unusable(error), None),
        fetch::Read::Unknown(reason) => return (Outcome::Unknown(reason), None),
    };
    for path in [facts.asked.path(), facts.address.path()] {
        match manifest.lookup(&path, role) {
            Ok(Some(listing)) => return (Outcome::Listed, Some((address, manifest, listing))),
            Ok(None) => {}
            Err(error) => return (Outcome::Unusable(error), None),
        }
    }
    (Outcome::NotListed, None)
}

/// Adds what is known of the signature, and the class of evidence.
async fn complete(
    asked: &Address,
    from: Address,
    manifest: &Manifest,
    listing: Listing,
    client: &Client,
) -> Found {
    let signature = if manifest.is_clearsigned() {
        Signature::Inline
    } else {
        signature(asked, client).await
    };
    // Every step must have been over TLS: an unprotected first one may have been redirected by anybody.
    let evidence = if asked.is_tls() && from.is_tls() {
        Evidence::Tls
    } else {
        Evidence::None
    };
    Found {
        address: from,
        listing,
        signature,
        evidence,
    }
}

/// The weakest algorithm that still tells a file from one made to look like it.
#[must_use]
pub fn is_strong(algorithm: Algorithm) -> bool {
    algorithm >= Algorithm::Sha256
}
