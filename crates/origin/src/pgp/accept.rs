//! Whether a signature that a key has in fact made counts: by its hash, its date, and the state of the key.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::cert::prelude::*;
use openpgp::packet::{Signature, key};
use openpgp::policy::{HashAlgoSecurity, Policy as _};
use openpgp::types::RevocationStatus;

use super::policy::Rules;
use super::{Error, Key, Signed, Window, keyring};
use crate::limits::MAX_CLOCK_SKEW;

type Candidate<'a> = ErasedKeyAmalgamation<'a, key::PublicParts>;

/// Judges a signature whose mathematics is right.
pub(super) fn accept(
    key: &Key,
    candidate: &Candidate<'_>,
    signature: &Signature,
    made_at: SystemTime,
    now: SystemTime,
) -> Result<Signed, Error> {
    let rules = Rules::at(now);
    by_itself(key, &rules, signature, made_at, now)?;
    let Window { from, until } = key.window;
    if from.is_some_and(|from| made_at < from) || until.is_some_and(|until| made_at > until) {
        return Err(Error::OutsideWindow {
            fingerprint: key.fingerprint(),
            made_at,
        });
    }
    // A key that is pinned up to a day is judged as it was when it signed; every other one as it is now.
    let at = if until.is_some() { made_at } else { now };
    let ends = by_key(key, candidate, &rules, at)?;
    Ok(Signed {
        fingerprint: key.fingerprint(),
        signing_key: candidate.key().fingerprint().to_hex(),
        user_id: key
            .cert
            .userids()
            .next()
            .map(|id| keyring::text(id.userid().value())),
        made_at,
        hash: signature.hash_algo().to_string(),
        // A key that is pinned up to a day has its end behind it, as it should.
        expires: ends.filter(|_| until.is_none()),
    })
}

/// What can be said without looking at the state of the key.
fn by_itself(
    key: &Key,
    rules: &Rules,
    signature: &Signature,
    made_at: SystemTime,
    now: SystemTime,
) -> Result<(), Error> {
    let fingerprint = key.fingerprint();
    let hash = signature.hash_algo();
    if rules.is_weak(hash) {
        return Err(Error::WeakHash {
            fingerprint,
            hash: hash.to_string(),
        });
    }
    if let Err(error) = rules.signature(signature, HashAlgoSecurity::CollisionResistance) {
        return Err(Error::Unsupported {
            reason: error.to_string(),
        });
    }
    if now
        .checked_add(MAX_CLOCK_SKEW)
        .is_some_and(|latest| made_at > latest)
    {
        return Err(Error::FromTheFuture {
            fingerprint,
            made_at,
        });
    }
    let end = signature
        .signature_validity_period()
        .filter(|valid| !valid.is_zero())
        .and_then(|valid| made_at.checked_add(valid));
    if end.is_some_and(|end| end <= now) {
        return Err(Error::SignatureExpired { fingerprint });
    }
    Ok(())
}

/// Whether the key could sign at that time; gives when it expires.
fn by_key(
    key: &Key,
    candidate: &Candidate<'_>,
    rules: &Rules,
    at: SystemTime,
) -> Result<Option<SystemTime>, Error> {
    let fingerprint = key.fingerprint();
    let unusable = |reason: String| Error::KeyUnusable {
        fingerprint: key.fingerprint(),
        reason,
    };
    let valid = candidate
        .clone()
        .with_policy(rules, at)
        .map_err(|error| unusable(error.to_string()))?;
    let primary = valid.valid_cert();
    let revoked = |status| matches!(status, RevocationStatus::Revoked(_));
    if revoked(primary.revocation_status()) || revoked(valid.revocation_status()) {
        return Err(Error::KeyRevoked { fingerprint });
    }
    if primary.alive().is_err() || valid.alive().is_err() {
        return Err(Error::KeyExpired { fingerprint });
    }
    if !valid.for_signing() {
        return Err(unusable("it is not meant for signing".to_owned()));
    }
    let ends = [
        valid.key_expiration_time(),
        primary.primary_key().key_expiration_time(),
    ];
    Ok(ends.into_iter().flatten().min())
}
