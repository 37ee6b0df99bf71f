//! Looking at places for a checksum file that lists the original.

use net::Client;

use super::{
    Answer, Candidate, Found, Looked, Outcome, Search, Signature, candidates, fetch, signature,
};
use crate::manifest::{self, Listing, Role};
use crate::{Address, Evidence, Facts, Trust};

/// How many places may leave us without an answer before the search ends: each may have cost a minute of retries.
const MAX_UNKNOWN: usize = 3;
/// How many places are asked at once.
const AT_ONCE: usize = 4;

/// Looks beside the original, once.
pub(super) async fn around(facts: &Facts, client: &Client, trust: &Trust) -> Search {
    let mut search = empty(&facts.asked, trust);
    // Where everything is signed an unsigned file is only what is left when no signed one is found.
    let mut unsigned = None;
    let places = candidates(&facts.asked);
    for some in places.chunks(AT_ONCE) {
        let read = some.iter().map(|place| fetch::read(&place.address, client));
        let read = futures_util::future::join_all(read).await;
        for (place, read) in some.iter().zip(&read) {
            match one(place, read, facts, client, trust, &mut search).await {
                Some(Answer::Found(found))
                    if search.signs.is_some() && found.signature == Signature::Missing =>
                {
                    unsigned = unsigned.or(Some(found));
                }
                Some(answer) => return Search { answer, ..search },
                None => {}
            }
        }
        let unknown = search
            .looked
            .iter()
            .filter(|l| matches!(l.outcome, Outcome::Unknown(_)));
        if unknown.count() >= MAX_UNKNOWN {
            break;
        }
    }
    if let Some(found) = unsigned {
        search.answer = Answer::Found(found);
    }
    search
}

/// Looks at one place that somebody named.
pub(super) async fn at(
    address: &Address,
    role: Role,
    facts: &Facts,
    client: &Client,
    trust: &Trust,
) -> Search {
    let mut search = empty(address, trust);
    let place = Candidate {
        address: address.clone(),
        role,
    };
    let read = fetch::read(address, client).await;
    if let Some(answer) = one(&place, &read, facts, client, trust, &mut search).await {
        search.answer = answer;
    }
    search
}

/// Looks at one place for several originals, once for all of them.
pub(super) async fn several(
    address: &Address,
    files: &[Address],
    client: &Client,
    trust: &Trust,
) -> Vec<Search> {
    let place = Candidate {
        address: address.clone(),
        role: match files {
            [_] => Role::OneFile,
            _ => Role::Directory,
        },
    };
    let read = fetch::read(address, client).await;
    let mut known = None;
    let mut searches = Vec::with_capacity(files.len());
    for file in files {
        let mut search = empty(address, trust);
        match note(&place, &read, &[file], &mut search) {
            Noted::Hit(body, listing) => {
                let signature = match known.take() {
                    Some(signature) => signature,
                    None => signature::of(body, address, client, trust).await,
                };
                known = Some(signature.clone());
                search.answer = found(&place, body, listing, signature);
            }
            Noted::Contradiction(error) => search.answer = Answer::Contradiction(error),
            Noted::Nothing => {}
        }
        searches.push(search);
    }
    searches
}

fn empty(address: &Address, trust: &Trust) -> Search {
    let expectation = trust.expectation(address);
    Search {
        answer: Answer::Nothing,
        looked: Vec::new(),
        signs: expectation.filter(|e| e.signed).map(|e| e.family),
    }
}

/// What came of looking at a place.
enum Noted<'a> {
    /// It lists the original.
    Hit(&'a fetch::Body, Listing),
    /// It lists it twice, differently.
    Contradiction(manifest::Error),
    /// It does not list it, or is not there, or nothing is known.
    Nothing,
}

/// Looks at what was read at a place, and gives the answer if it is one.
async fn one(
    place: &Candidate,
    read: &fetch::Read,
    facts: &Facts,
    client: &Client,
    trust: &Trust,
    search: &mut Search,
) -> Option<Answer> {
    match note(place, read, &[&facts.asked, &facts.address], search) {
        Noted::Hit(body, listing) => {
            let signature = signature::of(body, &place.address, client, trust).await;
            Some(found(place, body, listing, signature))
        }
        Noted::Contradiction(error) => Some(Answer::Contradiction(error)),
        Noted::Nothing => None,
    }
}

/// Notes what came of looking at a place. The original has these names: the one asked for, the one that a redirect led
/// to.
fn note<'a>(
    place: &Candidate,
    read: &'a fetch::Read,
    names: &[&Address],
    search: &mut Search,
) -> Noted<'a> {
    let (outcome, hit) = judge(read, place.role, names);
    let contradiction = match &outcome {
        Outcome::Unusable(error @ manifest::Error::Contradiction { .. }) => Some(error.clone()),
        _ => None,
    };
    search.looked.push(Looked {
        address: place.address.clone(),
        outcome,
    });
    match (contradiction, hit) {
        (Some(error), _) => Noted::Contradiction(error),
        (None, Some((body, listing))) => Noted::Hit(body, listing),
        (None, None) => Noted::Nothing,
    }
}

/// A file of the vendor's is signed by the vendor's keys, wherever a redirect led.
fn found(place: &Candidate, body: &fetch::Body, listing: Listing, signature: Signature) -> Answer {
    let evidence = Evidence::of(&signature, place.address.is_tls() && body.address.is_tls());
    Answer::Found(Box::new(Found {
        address: body.address.clone(),
        listing,
        signature,
        evidence,
    }))
}

/// What a place says about the original under one of its names.
fn judge<'a>(
    read: &'a fetch::Read,
    role: Role,
    names: &[&Address],
) -> (Outcome, Option<(&'a fetch::Body, Listing)>) {
    let body = match read {
        fetch::Read::Manifest(body) => body,
        fetch::Read::Absent => return (Outcome::Absent, None),
        fetch::Read::Unusable(error) => return (Outcome::Unusable(error.clone()), None),
        fetch::Read::Unknown(reason) => return (Outcome::Unknown(reason.clone()), None),
    };
    for name in names {
        match body.manifest.lookup(&name.path(), role) {
            Ok(Some(listing)) => return (Outcome::Listed, Some((body, listing))),
            Ok(None) => {}
            Err(error) => return (Outcome::Unusable(error), None),
        }
    }
    (Outcome::NotListed, None)
}
