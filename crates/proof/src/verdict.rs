//! The verdict: what was compared with what, what came of it, and what that does not prove. Its JSON form is
//! published in `docs/verdict.schema.json`.

use disk::{Contents, Differences};
use serde::{Serialize, Serializer};
use wire::image::Image;

use crate::reason::{Code, Kind, Reason};

mod evidence;
mod parts;
mod warning;

pub use evidence::{EvidencePart, LookedPart, ManifestPart, SignaturePart, SignerPart};
pub(crate) use parts::listed;
pub use parts::{Compared, ContentsPart, ImagePart, Of, OriginalPart, StoredPart};
pub use warning::{Caution, Warning};

/// The name and version of the JSON form. Members may be added without a new version; none is taken away or changed.
pub const SCHEMA: &str = "ectype/verdict/1";

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every byte, as far as the level looked, is the original's.
    Identical,
    /// They are not the same.
    Different,
    /// It could not be told.
    Undecided,
}

impl Outcome {
    /// The word in JSON and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Different => "different",
            Self::Undecided => "undecided",
        }
    }
}

/// How closely was looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The digests that Glance has recorded.
    Record,
    /// The stored bytes, downloaded from Glance.
    Content,
    /// A file or block device where it is used.
    Device,
}

impl Level {
    /// What an `identical` of this level proves.
    #[must_use]
    pub const fn proves(self) -> &'static str {
        match self {
            Self::Record => {
                "the digests that the cloud has recorded for this image are those of the original"
            }
            Self::Content => {
                "the bytes that the cloud gives out for this image are those of the original"
            }
            Self::Device => "the bytes read from the file or device are those of the original",
        }
    }

    /// What it does not prove.
    #[must_use]
    pub const fn does_not_prove(self) -> &'static [&'static str] {
        match self {
            Self::Record => &[
                "that the stored bytes still have the recorded digests: `--content` looks at them",
                "that a machine started from this image reads these bytes",
            ],
            Self::Content => &["that a machine started from this image reads these bytes"],
            Self::Device => &["that the bytes stay as they were read"],
        }
    }
}

/// How the original's digests came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// The original was read.
    Read,
    /// The vendor's checksum file lists the raw disk itself.
    Listed,
    /// An earlier run has read a file of the digest and length that the vendor lists.
    Remembered,
}

/// A verdict with everything that led to it. All members are always present in JSON, `null` where unknown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The program and its version.
    pub by: &'static str,
    /// When it was begun: UTC, RFC 3339.
    pub checked_at: String,
    /// How long it took, in seconds; several images may share the time of one pass.
    pub seconds: Option<f64>,
    /// What was asked for: the name or id, or the path of the device.
    pub asked: String,
    /// The answer.
    pub verdict: Outcome,
    /// How closely was looked.
    pub level: Level,
    /// Why it is not `identical`.
    pub reason: Option<Reason>,
    /// The image's record.
    pub image: Option<ImagePart>,
    /// The original.
    pub original: Option<OriginalPart>,
    /// How we know that the original is the vendor's.
    pub evidence: Option<EvidencePart>,
    /// How the original's digests came to be known, if they did.
    pub way: Option<Way>,
    /// What the stored bytes are a copy of, or ought to be: `disk`, `file` or `unpacked`.
    #[serde(serialize_with = "layer")]
    pub layer: Option<disk::Layer>,
    /// Each recorded value beside the one found.
    pub compared: Vec<Compared>,
    /// The stored bytes, when they were read.
    pub stored: Option<StoredPart>,
    /// What `identical` means at this level.
    pub proves: &'static str,
    /// What it does not mean.
    pub does_not_prove: &'static [&'static str],
    /// Whatever else ought to be known.
    pub remarks: Vec<String>,
    /// What may be wrong although it does not decide the answer.
    pub warnings: Vec<Warning>,
}

impl Verdict {
    /// A verdict that is still without answer: undecided by cancellation until something better is known.
    #[must_use]
    pub fn begun(asked: impl Into<String>, level: Level, now: jiff::Timestamp) -> Self {
        let now = now.round(jiff::Unit::Second).unwrap_or(now);
        Self {
            schema: SCHEMA,
            by: concat!("ectype ", env!("CARGO_PKG_VERSION")),
            checked_at: now.to_string(),
            seconds: None,
            asked: asked.into(),
            verdict: Outcome::Undecided,
            level,
            reason: Some(Reason::new(
                Code::Cancelled,
                "it was stopped before the end",
            )),
            image: None,
            original: None,
            evidence: None,
            way: None,
            layer: None,
            compared: Vec::new(),
            stored: None,
            proves: level.proves(),
            does_not_prove: level.does_not_prove(),
            remarks: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// About this image.
    #[must_use]
    pub fn about(mut self, image: &Image) -> Self {
        self.image = Some(ImagePart::of(image));
        self
    }

    /// Undecided, for this reason.
    #[must_use]
    pub fn undecided(mut self, reason: Reason) -> Self {
        self.verdict = Outcome::Undecided;
        self.reason = Some(reason);
        self
    }

    /// Different, for this reason.
    #[must_use]
    pub fn different(mut self, reason: Reason) -> Self {
        self.verdict = Outcome::Different;
        self.reason = Some(reason);
        self
    }

    /// Identical.
    #[must_use]
    pub fn identical(mut self) -> Self {
        self.verdict = Outcome::Identical;
        self.reason = None;
        self
    }

    /// Adds a warning.
    pub(crate) fn warn(&mut self, code: Caution, message: impl Into<String>) {
        self.warnings.push(Warning {
            code,
            message: message.into(),
        });
    }

    /// The kind of trouble; `None` for an identical copy.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.reason.as_ref().map(|reason| reason.kind)
    }

    /// Adds what a comparison with stored bytes found.
    pub(crate) fn saw(&mut self, contents: &Contents, differences: &Differences) {
        self.stored = Some(StoredPart::of(contents, differences));
    }
}

fn layer<S: Serializer>(layer: &Option<disk::Layer>, serializer: S) -> Result<S::Ok, S::Error> {
    layer.map(crate::judge::layer_name).serialize(serializer)
}
