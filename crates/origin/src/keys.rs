//! The vendors' pinned keys and what they may vouch for; keys that the user adds. Data of `assets/keys`.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

use crate::Address;
use crate::pgp::{self, Key, Keyring, Window};

mod files;
mod place;
mod vendor;

pub use vendor::{Expectation, Vendor};

/// A key that the program trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// Its name in our data and output.
    pub name: String,
    /// The file of `assets/keys` that holds it.
    pub file: String,
    /// Full fingerprint of the primary key, in capital hexadecimal digits.
    pub fingerprint: String,
    /// When signatures by it count.
    pub window: Window,
}

/// All pinned keys, and the vendors that they speak for.
#[derive(Clone, Debug)]
pub struct Pins {
    keys: Vec<Pinned>,
    vendors: Vec<Vendor>,
}

/// Why the data of the program cannot be used: a fault of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// `keys.yaml` is not what it should be.
    #[error("the data on pinned keys cannot be read: {reason}")]
    Data {
        /// What is wrong.
        reason: String,
    },
    /// A file does not hold the key that is pinned.
    #[error("the file of the pinned key `{name}` does not hold it")]
    File {
        /// The key's name.
        name: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    keys: Vec<KeyData>,
    vendors: Vec<Vendor>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyData {
    name: String,
    file: String,
    fingerprint: String,
    from: String,
    until: Option<String>,
}

/// Read when it is needed first, and then never again.
static PINS: LazyLock<Result<Pins, Error>> = LazyLock::new(|| Pins::parse(files::DATA));

impl Pins {
    /// Those that are compiled into the program.
    ///
    /// # Errors
    /// Never in a program whose tests have passed.
    pub fn shipped() -> Result<&'static Self, Error> {
        PINS.as_ref().map_err(Clone::clone)
    }

    /// Reads data of the form that `assets/keys/README.md` explains.
    ///
    /// # Errors
    /// What is wrong with it; a vendor's key must be among the keys.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |reason: String| Error::Data { reason };
        let data: Data = serde_saphyr::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let mut keys = Vec::new();
        for key in data.keys {
            let day = |text: &str| day(text).ok_or_else(|| wrong(format!("`{text}` is no day")));
            let until = key.until.as_deref().map(day).transpose()?;
            keys.push(Pinned {
                name: key.name,
                file: key.file,
                fingerprint: key.fingerprint,
                window: Window {
                    from: Some(day(&key.from)?),
                    // To the end of that day.
                    until: until.map(|day| day + Duration::from_secs(24 * 60 * 60 - 1)),
                },
            });
        }
        for name in data.vendors.iter().flat_map(Vendor::keys) {
            if !keys.iter().any(|key| key.name == *name) {
                return Err(wrong(format!("there is no key `{name}`")));
            }
        }
        Ok(Self {
            keys,
            vendors: data.vendors,
        })
    }

    /// The pinned keys, in the order of the data.
    #[must_use]
    pub fn keys(&self) -> &[Pinned] {
        &self.keys
    }

    /// The vendors.
    #[must_use]
    pub fn vendors(&self) -> &[Vendor] {
        &self.vendors
    }

    /// The names of the families that a pinned key may vouch for.
    #[must_use]
    pub fn families_of(&self, key: &str) -> Vec<&str> {
        let speaks = |vendor: &&Vendor| vendor.keys().any(|name| name == key);
        self.vendors
            .iter()
            .filter(speaks)
            .map(|vendor| vendor.family.as_str())
            .collect()
    }

    /// What the vendor of this address is known to do there; `None` for an address of no vendor.
    #[must_use]
    pub fn expectation(&self, address: &Address) -> Option<Expectation> {
        vendor::expectation(&self.vendors, address)
    }

    /// The pinned keys that may vouch for what lies at an address of which this is known: the vendor's for a vendor's
    /// address, and any for another, because a mirror may hold files of all of them.
    #[must_use]
    pub fn allowed(&self, expectation: Option<&Expectation>) -> Vec<&Pinned> {
        match expectation {
            Some(expectation) => {
                let named = |key: &&Pinned| expectation.keys.contains(&key.name);
                self.keys.iter().filter(named).collect()
            }
            None => self.keys.iter().collect(),
        }
    }
}

impl Pinned {
    /// The key itself, to be used within its window.
    ///
    /// # Errors
    /// Never in a program whose tests have passed.
    pub fn key(&self) -> Result<Key, Error> {
        let missing = || Error::File {
            name: self.name.clone(),
        };
        let text = files::text(&self.file).ok_or_else(missing)?;
        let loaded = Keyring::read(text.as_bytes()).map_err(|_| missing())?;
        let mut keys = loaded.keys.keys().iter();
        let key = keys
            .find(|key| key.fingerprint() == self.fingerprint)
            .ok_or_else(missing)?;
        Ok(key.clone().within(self.window))
    }
}

/// A key that the user trusts.
#[derive(Clone, Debug)]
pub struct Own {
    /// The file it came from.
    pub file: String,
    /// The key.
    pub key: Key,
}

/// Reads a file of keys that the user trusts.
///
/// # Errors
/// When it holds none that is understood.
pub fn own(file: &str, bytes: &[u8]) -> Result<Vec<Own>, pgp::NoKeys> {
    let loaded = Keyring::read(bytes)?;
    let keys = loaded.keys.keys().iter().cloned();
    Ok(keys
        .map(|key| Own {
            file: file.to_owned(),
            key,
        })
        .collect())
}

/// The beginning of a day, UTC: `2024-01-12`.
fn day(text: &str) -> Option<SystemTime> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let start = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(start.as_second()).ok()?))
}
