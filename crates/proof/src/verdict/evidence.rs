//! The members of a verdict that say how we know that the original is the vendor's.

use serde::Serialize;

use super::parts::Named;

/// How we know that the original is the vendor's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EvidencePart {
    /// `signed`: a checksum file that is signed by a trusted key lists the original. `tls`: one that came over TLS does.
    /// `none`: nothing does, or not over TLS.
    pub class: &'static str,
    /// The same in a sentence.
    pub text: String,
    /// The checksum file, if one lists the original.
    pub manifest: Option<ManifestPart>,
    /// Whether every place that was looked at gave a clear answer.
    pub certain: bool,
    /// The vendor's family, where the original lies at a place where that vendor signs everything.
    pub signs: Option<String>,
    /// Every place that was looked at.
    pub looked: Vec<LookedPart>,
}

/// A checksum file that lists the original.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ManifestPart {
    /// Where it came from.
    pub address: String,
    /// The name under which the original is listed.
    pub name: Option<String>,
    /// The listed digests.
    pub digests: Named,
    /// The listed length in bytes, if it is exact.
    pub size: Option<u64>,
    /// Whether the original's file is what is listed; unknown until it has been read.
    pub agrees: Option<bool>,
    /// Its signature.
    pub signature: SignaturePart,
}

/// What is known of a checksum file's signature.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignaturePart {
    /// `inline`, `detached`, `not-found` or `unknown`.
    pub form: &'static str,
    /// Where a detached one lies.
    pub address: Option<String>,
    /// Whether it was checked.
    pub checked: bool,
    /// `good`, `unknown-key`, `bad`, `missing` or `unavailable`.
    pub standing: &'static str,
    /// Why it is not good, or could not be found out.
    pub detail: Option<String>,
    /// Who signed; only of a good signature.
    pub signer: Option<SignerPart>,
}

/// Who signed a checksum file, with which key, and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignerPart {
    /// The name under which the key is pinned; `null` for a key of the user's.
    pub key: Option<String>,
    /// The file of the user's that the key came from; `null` for a pinned one.
    pub key_file: Option<String>,
    /// The families that a pinned key speaks for.
    pub families: Vec<String>,
    /// The key's first user id.
    pub user_id: Option<String>,
    /// Full fingerprint of the primary key.
    pub fingerprint: String,
    /// Full fingerprint of the key that signed: the primary key or a subkey.
    pub signing_key: String,
    /// When it was signed, as the signature says: UTC, RFC 3339.
    pub made_at: String,
    /// The hash algorithm of the signature.
    pub hash: String,
}

/// One place where a checksum file was looked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LookedPart {
    /// Where.
    pub address: String,
    /// `listed`, `not-listed`, `absent`, `unusable` or `unknown`.
    pub outcome: &'static str,
    /// More about it, where there is more.
    pub detail: Option<String>,
}
