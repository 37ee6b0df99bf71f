//! One running digest.

use crate::{Algorithm, Digest};
use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA512};

use super::md5::Md5;

/// A running digest of any algorithm.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
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

#[cfg(test)]
mod tests {
    use super::*;
    use md5::Digest as _;
    use proptest::prelude::*;

    /// The digest of `bytes` added in pieces that end at `cuts`.
    fn in_pieces(algorithm: Algorithm, bytes: &[u8], cuts: &[usize]) -> String {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let mut hasher = Hasher::new(algorithm);
        for ends in cuts.windows(2) {
            hasher.update(&bytes[ends[0]..ends[1]]);
        }
        hasher.finish().to_string()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    proptest! {
        #[test]
        fn digests_are_those_of_other_implementations_however_the_bytes_come(
            bytes in prop::collection::vec(any::<u8>(), 0..3000),
            cuts in prop::collection::vec(any::<usize>(), 0..6),
        ) {
            let md5 = hex(&md5::Md5::digest(&bytes));
            prop_assert_eq!(in_pieces(Algorithm::Md5, &bytes, &cuts), md5);
            let sha256 = hex(&sha2::Sha256::digest(&bytes));
            prop_assert_eq!(in_pieces(Algorithm::Sha256, &bytes, &cuts), sha256);
            let sha512 = hex(&sha2::Sha512::digest(&bytes));
            prop_assert_eq!(in_pieces(Algorithm::Sha512, &bytes, &cuts), sha512);
        }
    }

    #[test]
    fn every_length_around_a_block_is_padded_rightly() {
        let bytes: Vec<u8> = (0..=255).cycle().take(700).collect();
        for len in 0..bytes.len() {
            let part = &bytes[..len];
            assert_eq!(
                in_pieces(Algorithm::Md5, part, &[]),
                hex(&md5::Md5::digest(part))
            );
            assert_eq!(
                in_pieces(Algorithm::Sha512, part, &[]),
                hex(&sha2::Sha512::digest(part))
            );
        }
    }
}
