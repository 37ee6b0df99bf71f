//! What can go wrong with an original, named for what the caller can do about it.

use std::io;

use crate::Algorithm;

/// Why a pass over an original ended without an answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes could not be had (network, disk). The source's own error is inside.
    #[error("reading the original at byte {offset}")]
    Io {
        /// Where in the file, in bytes.
        offset: u64,
        /// The source's error.
        #[source]
        source: io::Error,
    },
    /// The stored bytes to compare with could not be had.
    #[error("reading the stored bytes at byte {offset}")]
    StoredIo {
        /// Where in the stored bytes.
        offset: u64,
        /// The source's error.
        #[source]
        source: io::Error,
    },
    /// The original ends before what it says it contains: a cut download or a damaged file.
    #[error("the original is truncated: {what} needs bytes up to {needed}, but it ends at {len}")]
    Truncated {
        /// The structure or range that is missing.
        what: String,
        /// The first byte after what is needed.
        needed: u64,
        /// Where the original ends.
        len: u64,
    },
    /// The original is well-formed as far as it goes, but is of a kind that must not or cannot be decoded.
    #[error("{refusal}")]
    Refused {
        /// Which kind.
        refusal: Refusal,
    },
    /// The original's structure or compressed data is damaged.
    #[error("the original is corrupt at byte {offset}: {what}")]
    Corrupt {
        /// What is wrong.
        what: String,
        /// Where in the (unpacked) file, in bytes.
        offset: u64,
    },
    /// A file of an OVA package is not what the package's own manifest says.
    #[error(
        "`{name}` in the package has not the {algorithm} digest that the package's manifest states"
    )]
    PackageDigest {
        /// The file's name in the package.
        name: String,
        /// The digest's algorithm.
        algorithm: Algorithm,
    },
    /// A limit of [`crate::limits`] was reached.
    #[error("{what} is {value}, more than the limit of {limit}")]
    Limit {
        /// What has grown too large.
        what: &'static str,
        /// Its value.
        value: u64,
        /// The limit.
        limit: u64,
    },
    /// The original's bytes were not the same when a part of them was read again.
    #[error(
        "the original changed while it was being read (bytes {offset} to {end} differ on the second reading)"
    )]
    Changed {
        /// Start of the part that differs.
        offset: u64,
        /// The first byte after it.
        end: u64,
    },
    /// A temporary file could not be written or read.
    #[error("the temporary file for what a forward-only stream cannot give twice")]
    Spill {
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// What was decoded could not be handed on.
    #[error("writing what was read")]
    Output {
        /// The sink's error.
        #[source]
        source: io::Error,
    },
    /// The caller asked for the stop.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// The stable code of this failure, as JSON output and documentation name it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "original-unreadable",
            Self::StoredIo { .. } => "stored-unreadable",
            Self::Truncated { .. } => "original-truncated",
            Self::Refused { refusal } => refusal.code(),
            Self::Corrupt { .. } => "original-corrupt",
            Self::PackageDigest { .. } => "ova-digest-mismatch",
            Self::Limit { .. } => "limit-exceeded",
            Self::Changed { .. } => "original-changed",
            Self::Spill { .. } => "temporary-file",
            Self::Output { .. } => "output-failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Kinds of image that are refused, each with a stable code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The image names a backing file: its own bytes are not the whole disk (CVE-2015-5163 and its kin).
    #[error("the image names a backing file (`{name}`), so it is not a whole disk")]
    BackingFile {
        /// The name in the image, with unprintable bytes replaced.
        name: String,
    },
    /// The image keeps its data in another file (CVE-2024-32498).
    #[error("the image keeps its data in an external data file")]
    ExternalDataFile,
    /// The image's descriptor names another file that its data is in (CVE-2022-47951).
    #[error("the image names another file (`{name}`) for its data")]
    OtherFile {
        /// The name in the image, with unprintable bytes replaced.
        name: String,
    },
    /// A kind of a format that is not read.
    #[error("{format} of the kind `{kind}` is not supported")]
    Kind {
        /// The format's name.
        format: &'static str,
        /// The kind as the image names it, with unprintable bytes replaced.
        kind: String,
    },
    /// A package that does not hold exactly one disk.
    #[error("the package holds {count} disks, and an image is one disk")]
    NotOneDisk {
        /// How many disks its descriptor names.
        count: usize,
    },
    /// The image is encrypted.
    #[error("the image is encrypted ({method})")]
    Encrypted {
        /// `AES` or `LUKS`.
        method: &'static str,
    },
    /// The image uses incompatible features that this reader does not know.
    #[error("the image uses unknown incompatible features (bits {bits:#x})")]
    UnknownFeatures {
        /// The unknown bits.
        bits: u64,
    },
    /// A version of the format that is not read.
    #[error("{format} version {version} is not supported")]
    Version {
        /// The format's name.
        format: &'static str,
        /// The version found.
        version: u32,
    },
    /// A compression method that is not known.
    #[error("unknown compression method {method}")]
    Compression {
        /// The method's number in the header.
        method: u8,
    },
    /// A format that is recognised but not decoded.
    #[error("the format {format} is not supported")]
    Format {
        /// The format's name as QEMU spells it.
        format: &'static str,
    },
    /// A form of a format that is read otherwise.
    #[error("a {format} image with {what} is not supported")]
    Variant {
        /// The format's name.
        format: &'static str,
        /// What is special about it.
        what: &'static str,
    },
    /// The image declares a part as required that this reader does not know.
    #[error("the image requires a part that is not known ({what})")]
    UnknownPart {
        /// Which kind of part, and its identifier.
        what: String,
    },
    /// The image holds only what differs from another image (its parent).
    #[error(
        "the {format} image holds only the differences to another image, so it is not a whole disk"
    )]
    Differencing {
        /// The format's name.
        format: &'static str,
    },
    /// Changes wait in the image's log that have not been made yet, so that its other parts are out of date.
    #[error("the image was not closed properly: its log has to be replayed first")]
    DirtyLog,
    /// A part of the image is needed a second time, after a forward-only stream has passed it, or before it comes.
    #[error(
        "the image needs bytes {offset} to {end} again or out of their order, which a forward-only stream cannot give"
    )]
    NeedsRandomAccess {
        /// Start of the part in the file.
        offset: u64,
        /// The first byte after it.
        end: u64,
    },
    /// More layers of packing than are unpacked.
    #[error("packed more than {limit} times over")]
    TooManyLayers {
        /// How many layers are unpacked.
        limit: usize,
    },
}

impl Refusal {
    /// The stable code of this refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BackingFile { .. } => "backing-file",
            Self::ExternalDataFile | Self::OtherFile { .. } => "external-data-file",
            Self::NotOneDisk { .. } => "not-one-disk",
            Self::Encrypted { .. } => "encrypted",
            Self::UnknownFeatures { .. } | Self::UnknownPart { .. } => "unknown-features",
            Self::Version { .. }
            | Self::Compression { .. }
            | Self::Variant { .. }
            | Self::Format { .. }
            | Self::Kind { .. } => "format-not-supported",
            Self::Differencing { .. } => "differencing",
            Self::DirtyLog => "dirty-log",
            Self::NeedsRandomAccess { .. } => "needs-random-access",
            Self::TooManyLayers { .. } => "packed-too-often",
        }
    }
}
