//! One running digest.

use crate::{Algorithm, Digest};
use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512};

use super::md5::Md5;

/// A running digest of any algorithm.
pub struct Hasher(State);

enum State {
    Md5(Box<Md5>),
    Sha(Algorithm, Box<Context>),
}

impl Hasher {
    /// A digest of nothing yet.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        let sha = |with| State::Sha(algorithm, Box::new(Context::new(with)));
        Self(match algorithm {
            Algorithm::Md5 => State::Md5(Box::default()),
            Algorithm::Sha1 => sha(&SHA1_FOR_LEGACY_USE_ONLY),
            Algorithm::Sha256 => sha(&SHA256),
            Algorithm::Sha512 => sha(&SHA512),
        })
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Md5(state) => state.update(bytes),
            State::Sha(_, state) => state.update(bytes),
        }
    }

    /// The digest of everything added.
    #[must_use]
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Md5(state) => Digest::new(Algorithm::Md5, &state.finish()),
            State::Sha(algorithm, state) => Digest::new(algorithm, state.finish().as_ref()),
        }
    }
}
