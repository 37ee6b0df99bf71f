//! What is trusted for one question: pinned keys, the user's own, and whether a missing signature is put up with.

use std::time::{Duration, SystemTime};

use crate::keys::{Expectation, Own, Pins};
use crate::limits::FRESH_LOOK_PAUSE;
use crate::pgp::{self, Keyring, Signed};
use crate::{Address, keys};

/// What is trusted.
#[derive(Clone, Debug)]
pub struct Trust {
    pins: &'static Pins,
    /// Whose files are looked at, where their address does not tell.
    expected: Option<Expectation>,
    /// Keys that the user trusts besides the pinned ones, for whatever is asked.
    pub own: Vec<Own>,
    /// Whether a missing signature is put up with where the vendor is known to sign. A bad one never is.
    pub allow_unsigned: bool,
    /// The time by which keys and signatures are judged.
    pub now: SystemTime,
    /// How long to wait before a checksum file that does not fit its signature is fetched again.
    pub pause: Duration,
}

/// Who signed, and how we know the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The signature.
    pub signed: Signed,
    /// The key's name or place.
    pub key: Vouched,
}

/// Why a key is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// It is pinned under this name.
    Pinned {
        /// The name.
        name: String,
        /// The families that it may vouch for.
        families: Vec<String>,
    },
    /// The user named this file.
    Own(String),
}

impl Trust {
    /// The shipped pins, judged at `now`.
    ///
    /// # Errors
    /// Never in a program whose tests have passed.
    pub fn shipped(now: SystemTime) -> Result<Self, keys::Error> {
        Ok(Self {
            pins: Pins::shipped()?,
            expected: None,
            own: Vec::new(),
            allow_unsigned: false,
            now,
            pause: FRESH_LOOK_PAUSE,
        })
    }

    /// The pinned keys and the vendors.
    #[must_use]
    pub fn pins(&self) -> &Pins {
        self.pins
    }

    /// The same for files of a vendor who is known to do this, wherever they are asked for: a mirror's address tells
    /// nothing of whose files lie there.
    #[must_use]
    pub fn expecting(self, expectation: Option<Expectation>) -> Self {
        Self {
            expected: expectation,
            ..self
        }
    }

    /// What the vendor of this address is known to do there.
    #[must_use]
    pub fn expectation(&self, address: &Address) -> Option<Expectation> {
        let expected = self.expected.clone();
        expected.or_else(|| self.pins.expectation(address))
    }

    /// Checks what signs a file that vouches for what lies at `address`; `check` is given the keys that may.
    ///
    /// # Errors
    /// Why no signature is good.
    pub(crate) fn check(
        &self,
        address: &Address,
        check: impl FnOnce(&Keyring) -> Result<Signed, pgp::Error>,
    ) -> Result<Signer, pgp::Error> {
        let allowed = self.pins.allowed(self.expectation(address).as_ref());
        let pinned = allowed.iter().filter_map(|pinned| pinned.key().ok());
        let keyring = pinned
            .chain(self.own.iter().map(|own| own.key.clone()))
            .collect();
        let signed = check(&keyring)?;
        let mut own = self.own.iter();
        let key = match allowed
            .iter()
            .find(|pinned| pinned.fingerprint == signed.fingerprint)
        {
            Some(pinned) => Vouched::Pinned {
                name: pinned.name.clone(),
                families: self
                    .pins
                    .families_of(&pinned.name)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
            },
            None => Vouched::Own(
                own.find(|own| own.key.fingerprint() == signed.fingerprint)
                    .map_or_else(String::new, |own| own.file.clone()),
            ),
        };
        Ok(Signer { signed, key })
    }
}
