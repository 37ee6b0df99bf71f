//! The signature of a checksum file: found inside or beside it, and checked.

use net::Client;

use super::fetch::{self, Body};
use crate::limits::MAX_SIGNATURE;
use crate::pgp;
use crate::{Address, Signer, Trust};

/// The endings of signatures beside a checksum file.
const ENDINGS: [&str; 4] = [".gpg", ".asc", ".sign", ".sig"];

/// Where a signature is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The checksum file itself is cleartext-signed.
    Inline,
    /// It lies beside the checksum file.
    Detached(Address),
}

/// What is known of a checksum file's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// A good one by a trusted key.
    Good(Form, Box<Signer>),
    /// One by a key that is not pinned.
    UnknownKey(Form, pgp::Error),
    /// One that does not count: forged, damaged, by an expired or a revoked key.
    Bad(Form, pgp::Error),
    /// There is none.
    Missing,
    /// Whether there is one could not be found out.
    Unavailable(String),
}

/// Looks for the signature of a checksum file that was asked for at `asked`, and checks it.
pub(super) async fn of(body: &Body, asked: &Address, client: &Client, trust: &Trust) -> Signature {
    if let Some(clear) = body.manifest.signed_text() {
        let signer = trust.check(asked, |keys| pgp::cleartext(keys, clear, trust.now));
        return judged(Form::Inline, signer);
    }
    let (place, signature) = match beside(asked, client).await {
        Ok(Some(found)) => found,
        Ok(None) => return Signature::Missing,
        Err(reason) => return Signature::Unavailable(reason),
    };
    let signer = trust.check(asked, |keys| {
        pgp::detached(keys, &signature, &body.bytes, trust.now)
    });
    judged(Form::Detached(place), signer)
}

fn judged(form: Form, signer: Result<Signer, pgp::Error>) -> Signature {
    match signer {
        Ok(signer) => Signature::Good(form, Box::new(signer)),
        Err(error) if error.is_unknown_key() => Signature::UnknownKey(form, error),
        Err(error) => Signature::Bad(form, error),
    }
}

/// The signature beside the checksum file, and where it lies.
async fn beside(address: &Address, client: &Client) -> Result<Option<(Address, Vec<u8>)>, String> {
    for ending in ENDINGS {
        let Some(place) = address.with_ending(ending) else {
            continue;
        };
        match fetch::get(&place, client, MAX_SIGNATURE).await? {
            Some((_, body)) if is_signature(&body) => return Ok(Some((place, body))),
            _ => {}
        }
    }
    Ok(None)
}

/// Armoured, or a binary OpenPGP packet (its first bit is set: RFC 9580 §4.2) that is no text.
fn is_signature(body: &[u8]) -> bool {
    body.trim_ascii_start()
        .starts_with(b"-----BEGIN PGP SIGNATURE-----")
        || body
            .first()
            .is_some_and(|b| b & 0x80 != 0 && std::str::from_utf8(body).is_err())
}
