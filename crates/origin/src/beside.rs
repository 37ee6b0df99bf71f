//! Finding the vendor's checksum file beside an original.
//!
//! A failed look-up is never taken for "there is none": whoever asks sees every place that was looked at and how each
//! answered.

use std::fmt;

use disk::Algorithm;
use net::Client;

use crate::manifest::{self, Role};
use crate::{Address, Facts, Trust};

mod candidates;
mod fetch;
mod found;
mod look;
mod objection;
mod signature;

pub use candidates::{Candidate, candidates};
pub use found::{Agreement, Found};
pub use objection::Objection;
pub use signature::{Form, Signature};

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
    /// The vendor's family, where it is known to sign everything.
    pub signs: Option<String>,
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
/// lists the original counts, or where the vendor signs, the first signed one. One that does not fit its signature is
/// fetched again a few times, because the vendor may be publishing just then.
pub async fn find(facts: &Facts, client: &Client, trust: &Trust) -> Search {
    healed(trust.pause, async || {
        look::around(facts, client, trust).await
    })
    .await
}

/// Reads the one checksum file that the user names. It speaks of the original if it lists its name or holds nothing
/// but one digest. It is fetched again like one that was found.
pub async fn given(address: &Address, facts: &Facts, client: &Client, trust: &Trust) -> Search {
    let look = async || look::at(address, Role::OneFile, facts, client, trust).await;
    healed(trust.pause, look).await
}

/// Reads the checksum file of a vendor's for several originals that it should list, once for all of them; an answer for
/// each, in their order. It is fetched again like one that was found, and also while one of them is not in it: the
/// vendor's index names that already.
pub async fn listing(
    address: &Address,
    files: &[Address],
    client: &Client,
    trust: &Trust,
) -> Vec<Search> {
    let mut pause = trust.pause;
    let mut searches = look::several(address, files, client, trust).await;
    for _ in 0..crate::limits::MAX_FRESH_LOOKS {
        let early = |search: &Search| search.answer == Answer::Nothing && search.is_certain();
        if !searches.iter().any(|one| one.may_heal() || early(one)) {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        searches = look::several(address, files, client, trust).await;
    }
    searches
}

/// Looks, and a few times again while the file and its signature do not fit each other.
async fn healed(mut pause: std::time::Duration, look: impl AsyncFn() -> Search) -> Search {
    let mut search = look().await;
    for _ in 0..crate::limits::MAX_FRESH_LOOKS {
        if !search.may_heal() {
            break;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        search = look().await;
    }
    search
}

/// The weakest algorithm that still tells a file from one made to look like it.
#[must_use]
pub fn is_strong(algorithm: Algorithm) -> bool {
    algorithm >= Algorithm::Sha256
}
