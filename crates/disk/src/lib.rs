//! Disk images as streams of data and holes, and their digests: no network, no async, no clock.
//!
//! [`read`] is the whole way of the bytes: an original comes in as a forward stream, its file digests are
//! computed, it is unpacked (gz, xz, zst, bz2), decoded (qcow2, raw) and its disk digests are computed, in one
//! pass, in bounded memory, without a temporary copy of the disk.

mod cancel;
mod compare;
mod decode;
mod digest;
mod error;
mod format;
pub mod inspect;
pub mod limits;
mod pass;
mod qcow2;
mod run;
mod sink;
mod source;
mod unit;
mod unpack;
mod walk;
mod window;

pub use cancel::Cancel;
pub use digest::{Algorithm, Algorithms, Digest, Digests, Hasher, ParseDigestError};
pub use error::{Error, Refusal};
pub use format::{Format, Packing};
pub use pass::{
    Comparison, Contents, Differences, Ends, Layer, Meter, Reading, Stored, Wanted, read,
};
pub use sink::{Output, Sink};
pub use source::{ReadAt, Source};
