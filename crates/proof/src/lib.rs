//! Are they the same: an image, a file or a device beside the vendor's original, and the verdict about it.
//!
//! What is established without doubt is a verdict `identical` or `different`; everything else is `undecided` with a
//! reason. The judging is pure ([`judge`]); [`Prover`] brings it the bytes.

mod claim;
mod compare;
mod evidence;
mod group;
pub mod judge;
mod look_alike;
mod original;
mod prover;
mod reason;
mod record;
mod remember;
mod short;
mod source;
mod stored;
mod take;
mod trouble;
mod verdict;

pub use claim::{Claim, Opened};
pub use group::{Group, group};
pub use original::distrust;
pub use prover::{Options, Prover};
pub use reason::{Code, Kind, Reason};
pub use record::Recorded;
pub use source::source_of;
pub use take::{Take, Taken};
pub use verdict::{
    Caution, Compared, ContentsPart, EvidencePart, ImagePart, Level, LookedPart, ManifestPart, Of,
    OriginalPart, Outcome, SCHEMA, SignaturePart, SignerPart, StoredPart, Verdict, Warning, Way,
};
