//! What vouches for an original, put into the words and members of a verdict.

use std::time::Duration;

use origin::beside::{self, Form};
use origin::{
    Address, Answer, Evidence, Found, Outcome, Search, Signature, Signer, Trust, Vouched,
};

use crate::original::{Checksums, Sources};
use crate::verdict::{
    Caution, EvidencePart, LookedPart, ManifestPart, SignaturePart, SignerPart, Warning,
};

/// How long before its end a key is warned of: two months leave time to get the renewed one.
const SOON: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// What a search has found, for the verdict.
pub(crate) fn evidence(search: &Search, sources: Sources<'_>) -> EvidencePart {
    let by_user = matches!(sources.checksums, Checksums::User(_));
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
        signs: search.signs.clone(),
        looked: looked.collect(),
    }
}

fn found_text(found: &Found, by_user: bool) -> String {
    let name = found.address.name();
    let host = found.address.host().unwrap_or_default();
    let way = match (&found.address, found.evidence) {
        (Address::Path(_), _) => "a local file".to_owned(),
        (address, Evidence::Tls | Evidence::Signed) if address.is_tls() => {
            format!("over TLS from {host}")
        }
        (_, Evidence::Signed) => format!("over plain HTTP from {host}"),
        _ => format!("over plain HTTP from {host}, where anybody on the way could have changed it"),
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
        Signature::Good(_, signer) => {
            let by = match &signer.key {
                Vouched::Pinned { name, .. } => format!("the pinned key {name}"),
                Vouched::Own(file) => format!("your key in {file}"),
            };
            format!("it is signed by {by}, {}", signer.signed.fingerprint)
        }
        Signature::UnknownKey(_, error) => format!("it is signed, but {error}"),
        Signature::Bad(_, error) => format!("its signature is not good: {error}"),
        Signature::Missing => "no signature was found beside it".to_owned(),
        Signature::Unavailable(_) => "whether it is signed could not be found out".to_owned(),
    }
}

fn signature(signature: &Signature) -> SignaturePart {
    let (form, address) = match signature {
        Signature::Good(form, _) | Signature::Bad(form, _) | Signature::UnknownKey(form, _) => {
            match form {
                Form::Inline => ("inline", None),
                Form::Detached(address) => ("detached", Some(address.to_string())),
            }
        }
        Signature::Missing => ("not-found", None),
        Signature::Unavailable(_) => ("unknown", None),
    };
    let (standing, detail, signer) = match signature {
        Signature::Good(_, by) => ("good", None, Some(signer(by))),
        Signature::UnknownKey(_, error) => ("unknown-key", Some(error.to_string()), None),
        Signature::Bad(_, error) => ("bad", Some(error.to_string()), None),
        Signature::Missing => ("missing", None, None),
        Signature::Unavailable(why) => ("unavailable", Some(why.clone()), None),
    };
    SignaturePart {
        form,
        address,
        checked: matches!(form, "inline" | "detached"),
        standing,
        detail,
        signer,
    }
}

fn signer(by: &Signer) -> SignerPart {
    let signed = by.signed.clone();
    let (key, key_file, families) = match by.key.clone() {
        Vouched::Pinned { name, families } => (Some(name), None, families),
        Vouched::Own(file) => (None, Some(file), Vec::new()),
    };
    SignerPart {
        key,
        key_file,
        families,
        user_id: signed.user_id,
        fingerprint: signed.fingerprint,
        signing_key: signed.signing_key,
        made_at: jiff::Timestamp::try_from(signed.made_at)
            .map_or_else(|_| String::new(), |made| made.to_string()),
        hash: signed.hash,
    }
}

fn manifest(found: &Found) -> ManifestPart {
    ManifestPart {
        address: found.address.to_string(),
        name: found.listing.name.clone(),
        digests: crate::verdict::listed(&found.listing.digests),
        size: match found.listing.size {
            Some(origin::manifest::Size::Exact(bytes)) => Some(bytes),
            _ => None,
        },
        agrees: None,
        signature: signature(&found.signature),
    }
}

/// What may be wrong with what vouches for the original.
pub(crate) fn warnings(search: &Search, trust: &Trust) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |code, message| warnings.push(Warning { code, message });
    if search.is_allowed_unsigned(trust.allow_unsigned) {
        let family = search.signs.as_deref().unwrap_or_default();
        warn(
            Caution::UnsignedAllowed,
            format!(
                "{family} signs its checksum files; that no signed one was found is put up with, as you wish"
            ),
        );
    }
    if let Answer::Found(found) = &search.answer {
        match &found.signature {
            Signature::UnknownKey(_, error) => {
                let name = found.address.name();
                warn(
                    Caution::SignatureUnknownKey,
                    format!("{name} is signed, but {error}"),
                );
            }
            Signature::Good(_, by) => {
                let expires = by.signed.expires.filter(|end| *end < trust.now + SOON);
                if let Some(end) = expires.and_then(|end| jiff::Timestamp::try_from(end).ok()) {
                    warn(
                        Caution::KeyExpiresSoon,
                        format!(
                            "the key {} expires at {end}: a newer ectype, or `--key`, will be needed",
                            by.signed.fingerprint
                        ),
                    );
                }
            }
            _ => {}
        }
    }
    warnings
}
