//! How we know that an original is the vendor's.

use std::fmt;

use crate::Signature;

/// The class of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Nothing but the original itself: no checksum file lists it, or the one that does did not come over TLS.
    None,
    /// A checksum file that came over TLS from the original's own address lists this digest. It is not signed, or not by
    /// a key that is pinned.
    Tls,
    /// A checksum file that is signed by a pinned key lists this digest, whatever way it came.
    Signed,
}

impl Evidence {
    /// What a checksum file is evidence of that has this signature and came over TLS, from its first address on, or did
    /// not: an unprotected first step may have been redirected by anybody.
    #[must_use]
    pub const fn of(signature: &Signature, over_tls: bool) -> Self {
        match signature {
            Signature::Good(..) => Self::Signed,
            Signature::Bad(..) => Self::None,
            _ if over_tls => Self::Tls,
            _ => Self::None,
        }
    }

    /// The name in JSON and documentation: `none`, `tls`, `signed`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Tls => "tls",
            Self::Signed => "signed",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
