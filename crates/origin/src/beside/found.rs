//! A checksum file that lists the original, and how the original compares with it.

use disk::Digest;

use super::Signature;
use crate::manifest::{Listing, Size};
use crate::{Address, Evidence};

/// A checksum file that lists the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it came from, after redirects.
    pub address: Address,
    /// What it says.
    pub listing: Listing,
    /// Its signature.
    pub signature: Signature,
    /// What it is evidence of.
    pub evidence: Evidence,
}

/// How the original's file compares with what the checksum file says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// All listed digests are the file's, and so is the length.
    Agrees,
    /// The length is another.
    OtherLength {
        /// As listed, in bytes.
        listed: u64,
    },
    /// A digest is another.
    OtherDigest {
        /// As listed.
        listed: Digest,
    },
}

impl Found {
    /// The algorithms whose digests are needed to compare the original with it.
    #[must_use]
    pub fn algorithms(&self) -> disk::Algorithms {
        self.listing.digests.iter().map(Digest::algorithm).collect()
    }

    /// Compares the original's file with what is listed. A digest that was not computed counts as another one.
    #[must_use]
    pub fn compare(&self, file: &disk::Contents) -> Agreement {
        for listed in &self.listing.digests {
            if file.digests.get(listed.algorithm()) != Some(listed) {
                return Agreement::OtherDigest {
                    listed: listed.clone(),
                };
            }
        }
        match self.listing.size {
            Some(Size::Exact(listed)) if listed != file.size => Agreement::OtherLength { listed },
            _ => Agreement::Agrees,
        }
    }
}
