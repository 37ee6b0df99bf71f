//! What may be wrong although it does not decide the answer.

use serde::Serialize;

/// A warning with a stable code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// The code; `docs/verify.md` explains each.
    pub code: Caution,
    /// What it is about, in words.
    pub message: String,
}

/// The stable code of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caution {
    /// The image claims to be of a family, and its original does not lie where that family is published.
    LookAlike,
    /// The checksum file is signed by a key that is not pinned.
    SignatureUnknownKey,
    /// A missing signature was put up with because the user wants that.
    UnsignedAllowed,
    /// The key that signed expires soon.
    KeyExpiresSoon,
}

impl Caution {
    /// Every code there is.
    pub const ALL: [Self; 4] = [
        Self::LookAlike,
        Self::SignatureUnknownKey,
        Self::UnsignedAllowed,
        Self::KeyExpiresSoon,
    ];

    /// The code as JSON and documentation write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LookAlike => "look-alike",
            Self::SignatureUnknownKey => "signature-unknown-key",
            Self::UnsignedAllowed => "unsigned-allowed",
            Self::KeyExpiresSoon => "key-expires-soon",
        }
    }
}
