//! How we know that an original is the vendor's.

use std::fmt;

/// The class of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Nothing but the original itself: no checksum file lists it, or the one that does did not come over TLS.
    None,
    /// A checksum file that came over TLS from the original's own address lists this digest. Its signature, if it has
    /// one, was not checked.
    Tls,
}

impl Evidence {
    /// The name in JSON and documentation: `none`, `tls`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Tls => "tls",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
