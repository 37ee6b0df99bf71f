//! Why a signature does not count.

use std::time::SystemTime;

use crate::limits::MAX_SIGNATURE;

/// Why no signature is good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Too many bytes for a file of signatures.
    #[error("{len} bytes are too many for a signature (limit {MAX_SIGNATURE})")]
    TooLarge {
        /// How many.
        len: usize,
    },
    /// What is there is no signature, or a damaged one.
    #[error("it is no well-formed OpenPGP signature: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// A version, an algorithm or a demand that is not understood.
    #[error("it is of a kind that is not understood: {reason}")]
    Unsupported {
        /// Which.
        reason: String,
    },
    /// It does not sign a document.
    #[error("it is no signature of a file")]
    Type,
    /// It is by keys that nobody has vouched for.
    #[error("it is by a key that is not pinned{}", named(.issuers))]
    UnknownKey {
        /// What it says of its keys: key ids or fingerprints, in capital hexadecimal digits.
        issuers: Vec<String>,
    },
    /// It names a key of the ring, and is not that key's signature of this file.
    #[error("it does not fit the file: it is not what {fingerprint} has signed")]
    Forged {
        /// The key in whose name it is.
        fingerprint: String,
    },
    /// Its hash can be forged.
    #[error("it is by {fingerprint}, over a {hash} hash, which can be forged")]
    WeakHash {
        /// The key.
        fingerprint: String,
        /// The algorithm.
        hash: String,
    },
    /// Its date is before the key's.
    #[error("it says that it is older than its key {fingerprint}")]
    OlderThanKey {
        /// The key.
        fingerprint: String,
    },
    /// Its date has not come yet.
    #[error("it says that it was made in the future, by {fingerprint}")]
    FromTheFuture {
        /// The key.
        fingerprint: String,
        /// The date.
        made_at: SystemTime,
    },
    /// It was made to be valid for a time that is over.
    #[error("it has expired; it is by {fingerprint}")]
    SignatureExpired {
        /// The key.
        fingerprint: String,
    },
    /// The key is pinned for another time.
    #[error("it was made at a time for which its key {fingerprint} is not pinned")]
    OutsideWindow {
        /// The key.
        fingerprint: String,
        /// The date.
        made_at: SystemTime,
    },
    /// The key has expired.
    #[error("its key {fingerprint} has expired")]
    KeyExpired {
        /// The key.
        fingerprint: String,
    },
    /// The key was revoked.
    #[error("its key {fingerprint} is revoked")]
    KeyRevoked {
        /// The key.
        fingerprint: String,
    },
    /// The key cannot sign.
    #[error("its key {fingerprint} cannot be used: {reason}")]
    KeyUnusable {
        /// The key.
        fingerprint: String,
        /// Why not.
        reason: String,
    },
}

fn named(issuers: &[String]) -> String {
    match issuers.first() {
        Some(first) => format!(": {first}"),
        None => String::new(),
    }
}

impl Error {
    /// Whether it says no more than that nobody knows the key.
    #[must_use]
    pub fn is_unknown_key(&self) -> bool {
        matches!(self, Self::UnknownKey { .. })
    }
}
