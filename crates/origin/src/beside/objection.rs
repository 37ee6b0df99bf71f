//! Why an original may not be trusted for the signature of its checksum file. Pure.

use super::{Answer, Outcome, Search, Signature};
use crate::{manifest, pgp};

/// Why not to trust an original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The signature is there and does not count.
    Bad(pgp::Error),
    /// The vendor is known to sign, and this is signed by somebody else.
    UnknownKey(pgp::Error),
    /// The vendor is known to sign, and nothing is signed.
    Missing,
    /// The vendor is known to sign, and whether this is signed could not be found out.
    Unavailable(String),
}

impl Search {
    /// Why the original may not be trusted. A missing signature can be put up with, if the user wants that; a bad one
    /// never, and neither can one that may be there.
    #[must_use]
    pub fn objection(&self, allow_unsigned: bool) -> Option<Objection> {
        let signs = self.signs.is_some();
        if let Some(error) = self.damaged() {
            return Some(Objection::Bad(error));
        }
        match &self.answer {
            Answer::Found(found) => match &found.signature {
                Signature::Good(..) => None,
                Signature::Bad(_, error) => Some(Objection::Bad(error.clone())),
                Signature::UnknownKey(_, error) if signs => {
                    Some(Objection::UnknownKey(error.clone()))
                }
                Signature::Missing if signs && !allow_unsigned => Some(Objection::Missing),
                Signature::Unavailable(reason) if signs => {
                    Some(Objection::Unavailable(reason.clone()))
                }
                _ => None,
            },
            Answer::Contradiction(_) => None,
            Answer::Nothing if !signs => None,
            Answer::Nothing if self.is_certain() => (!allow_unsigned).then_some(Objection::Missing),
            Answer::Nothing => Some(Objection::Unavailable(
                "whether a checksum file lists the original could not be found out".to_owned(),
            )),
        }
    }

    /// What is wrong with a cleartext-signed file that was found and is not whole. Nothing can be looked up in it, and
    /// only a good signature elsewhere makes up for it.
    fn damaged(&self) -> Option<pgp::Error> {
        if matches!(&self.answer, Answer::Found(found) if matches!(found.signature, Signature::Good(..)))
        {
            return None;
        }
        self.looked.iter().find_map(|looked| match &looked.outcome {
            Outcome::Unusable(manifest::Error::Signed(error)) => Some(pgp::Error::Malformed {
                reason: error.to_string(),
            }),
            _ => None,
        })
    }

    /// Whether a missing signature was put up with because the user wants that.
    #[must_use]
    pub fn is_allowed_unsigned(&self, allow_unsigned: bool) -> bool {
        allow_unsigned && self.objection(false) == Some(Objection::Missing)
    }

    /// Whether looking again may help: a file and a signature that do not fit each other may be of two moments.
    pub(super) fn may_heal(&self) -> bool {
        let Answer::Found(found) = &self.answer else {
            return self.damaged().is_some();
        };
        matches!(
            &found.signature,
            Signature::Bad(_, pgp::Error::Forged { .. } | pgp::Error::Malformed { .. })
        )
    }
}
