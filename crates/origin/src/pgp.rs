//! OpenPGP: whether a signature on a checksum file is good, and whose. The only place that knows the library for it.
//!
//! Trust comes from the key's full fingerprint, which whoever calls has pinned. Which signatures count, and when a key's
//! expiry or revocation matters: `docs/decisions/0008-openpgp.md`.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::packet::Signature;
use openpgp::parse::{PacketParser, PacketParserResult, Parse as _};
use openpgp::types::SignatureType;
use openpgp::{Packet, packet};

use crate::limits::{MAX_SIGNATURE, MAX_SIGNATURES};

mod accept;
mod armour;
mod clear;
mod error;
mod keyring;
mod policy;

use accept::accept;
pub use clear::{Clear, NotClear};
pub use error::Error;

pub use keyring::{About, Key, Keyring, Loaded, NoKeys, Window};

/// A good signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Full fingerprint of the primary key, in capital hexadecimal digits.
    pub fingerprint: String,
    /// Full fingerprint of the key that signed: the primary key or a subkey of it.
    pub signing_key: String,
    /// The key's first user id.
    pub user_id: Option<String>,
    /// When it was made, as it says.
    pub made_at: SystemTime,
    /// The hash algorithm: `SHA512`.
    pub hash: String,
    /// When the key expires, or the subkey that signed if that is earlier; `None` for never.
    pub expires: Option<SystemTime>,
}

/// Checks signatures that lie beside the data, armoured or binary. One good signature by a key of the ring is enough,
/// and one that is forged in a key's name is too many.
///
/// # Errors
/// Why no signature is good.
pub fn detached(
    keys: &Keyring,
    signatures: &[u8],
    data: &[u8],
    now: SystemTime,
) -> Result<Signed, Error> {
    all(keys, signatures, now, |signature| match signature.typ() {
        SignatureType::Binary => Some(data.to_vec()),
        SignatureType::Text => Some(with_crlf(data)),
        _ => None,
    })
}

/// Checks a cleartext-signed text, as [`detached`] does.
///
/// # Errors
/// Why no signature is good.
pub fn cleartext(keys: &Keyring, message: &Clear, now: SystemTime) -> Result<Signed, Error> {
    all(keys, message.signatures(), now, |signature| {
        (signature.typ() == SignatureType::Text).then(|| message.text().to_vec())
    })
}

/// Judges every signature; `covered` gives the bytes that one of its type covers.
fn all(
    keys: &Keyring,
    signatures: &[u8],
    now: SystemTime,
    covered: impl Fn(&Signature) -> Option<Vec<u8>>,
) -> Result<Signed, Error> {
    let (mut good, mut issuers, mut unusable) = (None, Vec::new(), None);
    for found in read(signatures)? {
        let judged = match &found {
            Found::Signature(signature) => match covered(signature) {
                Some(data) => judge(keys, signature, &data, now),
                None => Err(Error::Type),
            },
            Found::Unknown(reason) => Err(Error::Unsupported {
                reason: reason.clone(),
            }),
        };
        match judged {
            Ok(signed) => good = good.or(Some(signed)),
            Err(error @ Error::Forged { .. }) => return Err(error),
            Err(Error::UnknownKey { issuers: more }) => issuers.extend(more),
            Err(error) => unusable = unusable.or(Some(error)),
        }
    }
    match (good, unusable) {
        (Some(signed), _) => Ok(signed),
        (None, Some(error)) => Err(error),
        (None, None) => Err(Error::UnknownKey { issuers }),
    }
}

/// A signature as it was read.
enum Found {
    Signature(Box<Signature>),
    /// One of a version or algorithm that is not known.
    Unknown(String),
}

/// Reads a file of signatures: nothing else may be in it.
fn read(bytes: &[u8]) -> Result<Vec<Found>, Error> {
    if bytes.len() > MAX_SIGNATURE {
        return Err(Error::TooLarge { len: bytes.len() });
    }
    let malformed = |reason: String| Error::Malformed { reason };
    let blocks = armour::blocks(bytes, "SIGNATURE");
    let mut binary = Vec::new();
    for block in &blocks {
        let opened = armour::open(block, openpgp::armor::Kind::Signature).map_err(malformed)?;
        binary.extend(opened);
    }
    let bytes = if blocks.is_empty() { bytes } else { &binary };
    let mut found = Vec::new();
    let mut next = PacketParser::from_bytes(bytes).map_err(|error| malformed(error.to_string()))?;
    while let PacketParserResult::Some(parser) = next {
        let (packet, rest) = parser
            .next()
            .map_err(|error| malformed(error.to_string()))?;
        next = rest;
        match packet {
            Packet::Signature(signature) => found.push(Found::Signature(Box::new(signature))),
            Packet::Unknown(unknown) if unknown.tag() == packet::Tag::Signature => {
                found.push(Found::Unknown(unknown.error().to_string()));
            }
            Packet::Marker(_) | Packet::Padding(_) => {}
            other => {
                return Err(malformed(format!(
                    "a packet of another kind: {}",
                    other.tag()
                )));
            }
        }
        if found.len() > MAX_SIGNATURES {
            return Err(malformed(format!("more than {MAX_SIGNATURES} signatures")));
        }
    }
    if found.is_empty() {
        return Err(malformed("no signature in it".to_owned()));
    }
    Ok(found)
}

/// Judges one signature by the keys it may be of. Only the mathematics can tell which of them it is.
fn judge(
    keys: &Keyring,
    signature: &Signature,
    data: &[u8],
    now: SystemTime,
) -> Result<Signed, Error> {
    let issuers = signature.get_issuers();
    if issuers.is_empty() {
        return Err(Error::UnknownKey {
            issuers: Vec::new(),
        });
    }
    let made_at = signature
        .signature_creation_time()
        .ok_or_else(|| Error::Malformed {
            reason: "it has no date".to_owned(),
        })?;
    // What is wrong with the signature as one of this key: a key that can be used may come yet.
    let mut wrong = None;
    for key in keys.keys() {
        for candidate in key.cert.keys().key_handles(issuers.iter()) {
            let fingerprint = key.fingerprint();
            if made_at < candidate.key().creation_time() {
                wrong = wrong.or(Some(Error::OlderThanKey { fingerprint }));
                continue;
            }
            if signature.hash_algo().context().is_err() {
                return Err(Error::WeakHash {
                    fingerprint,
                    hash: signature.hash_algo().to_string(),
                });
            }
            if signature.verify_message(candidate.key(), data).is_err() {
                wrong = wrong.or(Some(Error::Forged { fingerprint }));
                continue;
            }
            // The same key may be here twice, renewed in one copy; but revoked in one is revoked.
            match accept(key, &candidate, signature, made_at, now) {
                Err(error) if !matches!(error, Error::KeyRevoked { .. }) => wrong = Some(error),
                judged => return judged,
            }
        }
    }
    Err(wrong.unwrap_or_else(|| Error::UnknownKey {
        issuers: issuers.iter().map(openpgp::KeyHandle::to_hex).collect(),
    }))
}

/// The text with line ends as a text signature covers them (RFC 9580 §5.2.4).
fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 16);
    let mut last = 0;
    for byte in text {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    out
}
