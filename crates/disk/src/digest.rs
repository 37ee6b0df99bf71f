//! Digests: their algorithms, values and how several of them are kept together.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

mod hasher;
mod md5;

pub use hasher::Hasher;

/// A digest algorithm. SHA-1 is there only to read old manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5 (RFC 1321): Glance's `checksum`.
    Md5,
    /// SHA-1 (FIPS 180-4).
    Sha1,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-512 (FIPS 180-4): Glance's usual `os_hash_algo`.
    Sha512,
}

impl Algorithm {
    /// All of them, weakest first.
    pub const ALL: [Self; 4] = [Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    /// The length of a digest in bytes.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The algorithm whose digests have so many hexadecimal digits.
    #[must_use]
    pub fn of_hex_len(digits: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.size() * 2 == digits)
    }

    /// The name as Glance writes it: `md5`, `sha1`, `sha256`, `sha512`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Text that is no digest or no known algorithm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct ParseDigestError {
    /// The text, cut to a printable length.
    pub text: String,
    /// What was expected.
    pub expected: &'static str,
}

impl ParseDigestError {
    fn new(text: &str, expected: &'static str) -> Self {
        Self {
            text: text.chars().filter(|c| !c.is_control()).take(160).collect(),
            expected,
        }
    }
}

impl FromStr for Algorithm {
    type Err = ParseDigestError;

    /// Accepts any case, with or without a hyphen: `SHA512`, `sha-512`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.to_ascii_lowercase().replace('-', "");
        Self::ALL
            .into_iter()
            .find(|a| a.name() == plain)
            .ok_or_else(|| {
                ParseDigestError::new(text, "a known digest algorithm (md5, sha1, sha256, sha512)")
            })
    }
}

/// One digest value with its algorithm. Displays as lower-case hexadecimal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: Algorithm,
    bytes: Box<[u8]>,
}

impl Digest {
    pub(crate) fn new(algorithm: Algorithm, bytes: &[u8]) -> Self {
        Self {
            algorithm,
            bytes: bytes.into(),
        }
    }

    /// Reads `hex`, whose length must fit the algorithm; either case.
    ///
    /// # Errors
    /// When it is no hexadecimal text of the right length.
    pub fn parse(algorithm: Algorithm, hex: &str) -> Result<Self, ParseDigestError> {
        let bad = || ParseDigestError::new(hex, "a hexadecimal digest of its algorithm's length");
        if hex.len() != algorithm.size() * 2 {
            return Err(bad());
        }
        let nibble = |c: &u8| {
            char::from(*c)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        let mut bytes = Vec::with_capacity(algorithm.size());
        for pair in hex.as_bytes().chunks(2) {
            let [high, low] = pair else { return Err(bad()) };
            bytes.push(nibble(high).ok_or_else(bad)? << 4 | nibble(low).ok_or_else(bad)?);
        }
        Ok(Self {
            algorithm,
            bytes: bytes.into(),
        })
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{self}", self.algorithm)
    }
}

/// A set of algorithms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Algorithms(u8);

impl Algorithms {
    /// The empty set.
    pub const NONE: Self = Self(0);

    /// The set with `algorithm` added.
    #[must_use]
    pub const fn with(self, algorithm: Algorithm) -> Self {
        Self(self.0 | 1 << algorithm as u8)
    }

    /// Everything in either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `algorithm` is in the set.
    #[must_use]
    pub const fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & (1 << algorithm as u8) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The algorithms of the set, weakest first.
    pub fn iter(self) -> impl Iterator<Item = Algorithm> {
        Algorithm::ALL
            .into_iter()
            .filter(move |a| self.contains(*a))
    }
}

impl FromIterator<Algorithm> for Algorithms {
    fn from_iter<I: IntoIterator<Item = Algorithm>>(iter: I) -> Self {
        iter.into_iter().fold(Self::NONE, Self::with)
    }
}

/// Digests of the same bytes by several algorithms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digests(BTreeMap<Algorithm, Digest>);

impl Digests {
    /// The digest by `algorithm`, if it was computed.
    #[must_use]
    pub fn get(&self, algorithm: Algorithm) -> Option<&Digest> {
        self.0.get(&algorithm)
    }

    /// All of them, weakest algorithm first.
    pub fn iter(&self) -> impl Iterator<Item = &Digest> {
        self.0.values()
    }
}

impl FromIterator<Digest> for Digests {
    fn from_iter<I: IntoIterator<Item = Digest>>(iter: I) -> Self {
        Self(iter.into_iter().map(|d| (d.algorithm, d)).collect())
    }
}
