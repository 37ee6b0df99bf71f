//! Which algorithms are good enough, and what for.

use std::time::SystemTime;

use sequoia_openpgp as openpgp;

use openpgp::cert::prelude::ValidErasedKeyAmalgamation;
use openpgp::packet::{Signature, key};
use openpgp::policy::{HashAlgoSecurity, Policy, StandardPolicy};
use openpgp::types::{AEADAlgorithm, HashAlgorithm, SignatureType, SymmetricAlgorithm};
use openpgp::{Packet, Result};

/// The library's policy, except that keys may vouch for themselves by SHA-1: whoever pinned a fingerprint has made up
/// their mind about the key, and a second preimage of SHA-1 is still out of reach. For the data itself collisions
/// count, and there SHA-1 and MD5 are refused.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    policy: StandardPolicy<'static>,
    at: SystemTime,
}

impl Rules {
    /// The rules as they are at a time.
    pub(super) fn at(at: SystemTime) -> Self {
        let mut policy = StandardPolicy::at(at);
        policy.accept_hash_property(
            HashAlgorithm::SHA1,
            HashAlgoSecurity::SecondPreImageResistance,
        );
        Self { policy, at }
    }

    /// Whether two files of one hash can be made.
    pub(super) fn is_weak(&self, hash: HashAlgorithm) -> bool {
        let from = self
            .policy
            .hash_cutoff(hash, HashAlgoSecurity::CollisionResistance);
        from.is_some_and(|from| from <= self.at)
    }
}

impl Policy for Rules {
    fn signature(&self, signature: &Signature, security: HashAlgoSecurity) -> Result<()> {
        let security = match signature.typ() {
            SignatureType::Binary | SignatureType::Text => security,
            // What a key says of itself and of its parts.
            _ => HashAlgoSecurity::SecondPreImageResistance,
        };
        self.policy.signature(signature, security)
    }

    fn key(&self, key: &ValidErasedKeyAmalgamation<'_, key::PublicParts>) -> Result<()> {
        self.policy.key(key)
    }

    fn packet(&self, packet: &Packet) -> Result<()> {
        self.policy.packet(packet)
    }

    fn symmetric_algorithm(&self, algorithm: SymmetricAlgorithm) -> Result<()> {
        self.policy.symmetric_algorithm(algorithm)
    }

    fn aead_algorithm(&self, algorithm: AEADAlgorithm) -> Result<()> {
        self.policy.aead_algorithm(algorithm)
    }
}
