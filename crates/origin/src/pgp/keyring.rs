//! Keys to check signatures with: read from files of any form, and what they say of themselves.

use std::io::Read as _;
use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::cert::prelude::*;
use openpgp::parse::Parse as _;
use openpgp::types::RevocationStatus;

use super::armour;
use super::policy::Rules;
use crate::limits::{MAX_KEYS, MAX_KEYS_FILE};

/// Keys that signatures are checked with. A key that is not in it vouches for nothing.
#[derive(Clone, Debug, Default)]
pub struct Keyring {
    keys: Vec<Key>,
}

/// One key: an OpenPGP certificate with its subkeys.
#[derive(Clone, Debug)]
pub struct Key {
    pub(super) cert: Cert,
    pub(super) window: Window,
}

/// When signatures by a key count, beyond what the key says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Earlier ones do not.
    pub from: Option<SystemTime>,
    /// Later ones do not; earlier ones do although the key has expired, or was properly retired, since.
    pub until: Option<SystemTime>,
}

/// What a key says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its full fingerprint, in capital hexadecimal digits.
    pub fingerprint: String,
    /// Its user ids.
    pub user_ids: Vec<String>,
    /// The algorithm and the number of bits: `RSA 4096`.
    pub algorithm: String,
    /// When it was made.
    pub created: SystemTime,
    /// When it expires or has expired; `None` for never, or when it cannot be known.
    pub expires: Option<SystemTime>,
    /// Whether it is revoked.
    pub revoked: bool,
    /// Why no signature by it can be accepted now, if that is so.
    pub unusable: Option<String>,
    /// Full fingerprints of the subkeys that may sign.
    pub signing_subkeys: Vec<String>,
}

/// What reading a file of keys gave.
#[derive(Debug)]
pub struct Loaded {
    /// The keys that are understood.
    pub keys: Keyring,
    /// Why others in the file are not: newer versions and algorithms, damage.
    pub skipped: Vec<String>,
}

/// Why a file gives no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// Too many bytes.
    #[error("{len} bytes are too many for a file of keys (limit {MAX_KEYS_FILE})")]
    TooLarge {
        /// How many.
        len: usize,
    },
    /// Too many keys.
    #[error("more than {MAX_KEYS} keys in one file")]
    TooMany,
    /// No key in it that is understood.
    #[error("no OpenPGP key in it that is understood{}", because(.skipped))]
    None {
        /// Why not, one for each that was tried.
        skipped: Vec<String>,
    },
}

fn because(skipped: &[String]) -> String {
    match skipped.first() {
        Some(first) => format!(": {first}"),
        None => String::new(),
    }
}

impl Keyring {
    /// Reads keys, armoured (several blocks, one after the other) or binary. What is not understood is passed over.
    ///
    /// # Errors
    /// When the file is too large or gives no key at all.
    pub fn read(bytes: &[u8]) -> Result<Loaded, NoKeys> {
        if bytes.len() > MAX_KEYS_FILE {
            return Err(NoKeys::TooLarge { len: bytes.len() });
        }
        let mut keys = Self::default();
        let mut skipped = Vec::new();
        let blocks = armour::blocks(bytes, "PUBLIC KEY BLOCK");
        let binary = if blocks.is_empty() {
            vec![Ok(bytes.to_vec())]
        } else {
            let kind = openpgp::armor::Kind::PublicKey;
            blocks
                .iter()
                .map(|block| armour::open(block, kind))
                .collect()
        };
        for block in binary {
            let block = match block {
                Ok(block) => block,
                Err(reason) => {
                    skipped.push(reason);
                    continue;
                }
            };
            if let Err(reason) = keys.add(&block, &mut skipped)? {
                skipped.push(reason);
            }
        }
        if keys.keys.is_empty() {
            return Err(NoKeys::None { skipped });
        }
        Ok(Loaded { keys, skipped })
    }

    /// Adds the keys of one binary block. The inner error ends the block and not the file.
    fn add(
        &mut self,
        block: &[u8],
        skipped: &mut Vec<String>,
    ) -> Result<Result<(), String>, NoKeys> {
        let certs = match CertParser::from_bytes(block) {
            Ok(certs) => certs,
            Err(error) => return Ok(Err(error.to_string())),
        };
        for (number, cert) in certs.enumerate() {
            if self.keys.len() >= MAX_KEYS || number >= 2 * MAX_KEYS {
                return Err(NoKeys::TooMany);
            }
            match cert {
                Ok(cert) => self.keys.push(Key {
                    // What is secret, should somebody give it to us, is not kept.
                    cert: cert.strip_secret_key_material(),
                    window: Window::default(),
                }),
                Err(error) => skipped.push(error.to_string()),
            }
        }
        Ok(Ok(()))
    }

    /// The keys in it.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Adds a key.
    pub fn push(&mut self, key: Key) {
        self.keys.push(key);
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl FromIterator<Key> for Keyring {
    fn from_iter<T: IntoIterator<Item = Key>>(keys: T) -> Self {
        Self {
            keys: keys.into_iter().collect(),
        }
    }
}

impl Key {
    /// The full fingerprint of the primary key, in capital hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// The same key, counting only for signatures of this time.
    #[must_use]
    pub fn within(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// What it says of itself at `now`.
    #[must_use]
    pub fn about(&self, now: SystemTime) -> About {
        let policy = Rules::at(now);
        let primary = self.cert.primary_key();
        let bits = primary.key().mpis().bits();
        let name = primary.key().pk_algo().to_string();
        let mut about = About {
            fingerprint: self.fingerprint(),
            user_ids: self
                .cert
                .userids()
                .map(|id| text(id.userid().value()))
                .collect(),
            algorithm: bits.map_or_else(|| name.clone(), |bits| format!("{name}, {bits} bits")),
            created: primary.key().creation_time(),
            expires: None,
            revoked: false,
            unusable: None,
            signing_subkeys: Vec::new(),
        };
        let valid = match self.cert.with_policy(&policy, now) {
            Ok(valid) => valid,
            Err(error) => {
                about.unusable = Some(error.to_string());
                return about;
            }
        };
        about.expires = valid.primary_key().key_expiration_time();
        about.revoked = matches!(valid.revocation_status(), RevocationStatus::Revoked(_));
        about.unusable = valid.alive().err().map(|error| error.to_string());
        about.signing_subkeys = valid
            .keys()
            .subkeys()
            .for_signing()
            .map(|subkey| subkey.key().fingerprint().to_hex())
            .collect();
        about
    }
}

/// A user id as text.
pub(super) fn text(id: &[u8]) -> String {
    String::from_utf8_lossy(id).into_owned()
}

pub(super) fn read_all(mut reader: impl std::io::Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = reader
        .by_ref()
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes);
    match read {
        Ok(len) if len > limit => Err("too large".to_owned()),
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.to_string()),
    }
}
