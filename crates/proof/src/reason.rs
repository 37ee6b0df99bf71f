//! Why a verdict is not `identical`: stable codes, what kind of trouble each is, and the words for it.

use std::fmt;

use serde::{Serialize, Serializer};

/// What kind of trouble a reason is; it decides the exit code (`docs/exit-codes.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The answer is no.
    No,
    /// Something is not there, or was never named.
    NotFound,
    /// Somebody refuses it.
    Refused,
    /// What is there cannot be trusted, or nothing can be compared with it.
    NotTrusted,
    /// It may be possible later.
    Temporary,
    /// The user stopped it.
    Interrupted,
}

macro_rules! codes {
    ($($variant:ident $text:literal $kind:ident $means:literal;)*) => {
        /// A stable code. `docs/verify.md` explains each; once published, a code keeps its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $means] $variant,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code as JSON and documentation write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What kind of trouble it is, unless the circumstances say otherwise.
            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }
        }
    };
}

codes! {
    DigestsDiffer "digests-differ" No "The recorded digests are not those of the original.";
    BytesDiffer "bytes-differ" No "The stored bytes are not those of the original.";
    ImageNotFound "image-not-found" NotFound "The cloud shows no image of this name or id.";
    ImageAmbiguous "image-ambiguous" NotFound "Several images have this name.";
    ImageNotActive "image-not-active" NotFound "The image has no data that could be compared.";
    SourceMissing "source-missing" NotFound "The image names no original.";
    SourcePrivate "source-private" NotFound "The image says that its original is not public.";
    SourceUnusable "source-unusable" NotFound "The image names an original that is no http(s) URL.";
    SourceGone "source-gone" NotFound "The original is no longer at its address.";
    SourceRefused "source-refused" Refused "The server refuses to give the original.";
    SourceUnreachable "source-unreachable" Temporary "The original's server gives no answer.";
    SourceUntrusted "source-untrusted" NotTrusted "The original's server is not who it should be.";
    OriginalUnreadable "original-unreadable" Temporary "Reading the original broke off.";
    OriginalTruncated "original-truncated" NotTrusted "The original ends before what it says it contains.";
    OriginalCorrupt "original-corrupt" NotTrusted "The original is damaged.";
    OriginalChanged "original-changed" Temporary "The original changed while it was read.";
    BackingFile "backing-file" NotTrusted "The original refers to another file for its contents.";
    ExternalDataFile "external-data-file" NotTrusted "The original keeps its data in another file.";
    Encrypted "encrypted" NotTrusted "The original is encrypted.";
    UnknownFeatures "unknown-features" NotTrusted "The original uses features that are not known.";
    Differencing "differencing" NotTrusted "The original holds only the differences to another image.";
    DirtyLog "dirty-log" NotTrusted "Changes wait in the original's log that have not been made yet.";
    NeedsRandomAccess "needs-random-access" NotTrusted "The original uses bytes twice, or out of their order, that its server gives only once.";
    TemporaryFile "temporary-file" Temporary "The temporary file that the original's layout needs could not be written.";
    FormatNotSupported "format-not-supported" NotTrusted "The original's format cannot be decoded.";
    NotOneDisk "not-one-disk" NotTrusted "The original is a package of several disks, or of none.";
    OvaDigestMismatch "ova-digest-mismatch" NotTrusted "A file in the original, a package, is not what the package's own manifest says.";
    PackedTooOften "packed-too-often" NotTrusted "The original is compressed or packed more than twice over.";
    LimitExceeded "limit-exceeded" NotTrusted "The original is larger than a limit allows.";
    NoDigestRecorded "no-digest-recorded" NotTrusted "The cloud has recorded no digest of the image.";
    DigestAlgorithmUnknown "digest-algorithm-unknown" NotTrusted "The recorded digest is by an unknown algorithm.";
    RecordMalformed "record-malformed" NotTrusted "The recorded digest is no digest of its algorithm.";
    RecordContradictory "record-contradictory" NotTrusted "What the cloud has recorded contradicts itself or the bytes.";
    StoredReencoded "stored-reencoded" NotTrusted "The cloud stores the image in another format than the original's.";
    StoredUnavailable "stored-unavailable" Temporary "The stored bytes could not be had.";
    StoredUnreadable "stored-unreadable" Temporary "Reading the stored bytes broke off.";
    ManifestDisagrees "manifest-disagrees" NotTrusted "The original is not what the vendor's checksum file lists.";
    ManifestContradictory "manifest-contradictory" NotTrusted "The checksum file contradicts itself about the original.";
    ChecksumsUnavailable "checksums-unavailable" NotFound "The checksum file that was asked for could not be had.";
    ChecksumsUnlisted "checksums-unlisted" NotTrusted "The checksum file that was asked for does not list the original.";
    SignatureBad "signature-bad" NotTrusted "The checksum file's signature is there and does not count: forged, damaged, or by an expired or revoked key.";
    SignatureMissing "signature-missing" NotTrusted "The vendor is known to sign, and no signed checksum file lists the original.";
    SignatureUnknownKey "signature-unknown-key" NotTrusted "The vendor is known to sign, and this is signed by a key that is not the vendor's.";
    SignatureUnavailable "signature-unavailable" Temporary "The vendor is known to sign, and whether this is signed could not be found out.";
    OutputFailed "output-failed" Temporary "What was read could not be written.";
    Cancelled "cancelled" Interrupted "It was stopped before the end.";
}

impl Code {
    /// The code of a failed pass. Every code that [`disk::Error::code`] gives is one of ours.
    #[must_use]
    pub fn of_disk(error: &disk::Error) -> Self {
        let name = error.code();
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.name() == name)
            .unwrap_or(Self::OriginalUnreadable)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Why a verdict is not `identical`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The stable code.
    pub code: Code,
    /// What kind of trouble it is.
    pub kind: Kind,
    /// What happened, in words: lower case, no full stop.
    pub message: String,
    /// What is behind it, outermost first.
    pub causes: Vec<String>,
    /// What to do, when it is known.
    pub hint: Option<String>,
}

impl Reason {
    /// A reason of its code's own kind.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            kind: code.kind(),
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// With another kind, when the circumstances tell more than the code.
    #[must_use]
    pub fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// With what to do.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    /// With an error and the chain below it as causes, leaving out what only repeats.
    #[must_use]
    pub fn caused_by(mut self, error: Option<&(dyn std::error::Error + 'static)>) -> Self {
        let mut next = error;
        while let Some(error) = next {
            let line = error.to_string();
            if !line.is_empty() && !self.causes.last().unwrap_or(&self.message).ends_with(&line) {
                self.causes.push(line);
            }
            next = source_of(error);
        }
        self
    }
}

/// The next error down. An `io::Error` hides the one that it was made from: its source is that one's source.
fn source_of<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a (dyn std::error::Error + 'static)> {
    if let Some(inner) = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref)
    {
        return Some(inner);
    }
    error.source()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind.
    fn refusals() -> Vec<disk::Refusal> {
        vec![
            disk::Refusal::BackingFile {
                name: String::new(),
            },
            disk::Refusal::ExternalDataFile,
            disk::Refusal::Encrypted { method: "AES" },
            disk::Refusal::UnknownFeatures { bits: 1 },
            disk::Refusal::UnknownPart {
                what: String::new(),
            },
            disk::Refusal::Variant {
                format: "vdi",
                what: "x",
            },
            disk::Refusal::Differencing { format: "vhdx" },
            disk::Refusal::DirtyLog,
            disk::Refusal::NeedsRandomAccess { offset: 0, end: 1 },
            disk::Refusal::Version {
                format: "qcow2",
                version: 1,
            },
            disk::Refusal::TooManyLayers { limit: 2 },
            disk::Refusal::OtherFile {
                name: String::new(),
            },
            disk::Refusal::Kind {
                format: "vmdk",
                kind: String::new(),
            },
            disk::Refusal::NotOneDisk { count: 2 },
        ]
    }

    #[test]
    fn every_failure_of_a_pass_has_a_code_of_its_own() {
        let errors = [
            disk::Error::Truncated {
                what: String::new(),
                needed: 1,
                len: 0,
            },
            disk::Error::Corrupt {
                what: String::new(),
                offset: 0,
            },
            disk::Error::PackageDigest {
                name: String::new(),
                algorithm: disk::Algorithm::Sha256,
            },
            disk::Error::Limit {
                what: "x",
                value: 2,
                limit: 1,
            },
            disk::Error::Changed { offset: 0, end: 1 },
            disk::Error::Output {
                source: std::io::ErrorKind::StorageFull.into(),
            },
            disk::Error::Cancelled,
        ];
        let all = refusals()
            .into_iter()
            .map(|refusal| disk::Error::Refused { refusal })
            .chain(errors);
        for error in all {
            assert_eq!(Code::of_disk(&error).name(), error.code());
        }
    }

    #[test]
    fn no_two_codes_have_one_name() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
    }
}
