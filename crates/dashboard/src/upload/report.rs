//! What came of an upload, for its page.

use disk::inspect::{self, Severity};
use jiff::Timestamp;
use proof::Compared;

use crate::view::words::{moment, sentence};

/// What came of an upload.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// The report's own id.
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// The name that the image was to have.
    pub(crate) name: String,
    /// What the file was called in the browser.
    pub(crate) file: String,
    pub(crate) outcome: Outcome,
    /// What the file was found to be; empty when that was not found out.
    pub(crate) found: Vec<(&'static str, String)>,
    pub(crate) findings: Vec<Finding>,
    /// What the cloud has recorded beside what was sent.
    pub(crate) compared: Vec<Compared>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The image is there, and is what was sent.
    Stored {
        /// Its id.
        image: String,
    },
    /// The image is there, and nobody knows whether it is what was sent, or it is not.
    Doubtful {
        /// Its id.
        image: String,
        why: String,
    },
    /// The file must not go into a cloud.
    Refused,
    /// It did not work.
    Failed { why: String, causes: Vec<String> },
}

/// Something about the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    /// Whether the file is refused for it.
    pub(crate) refuses: bool,
    pub(crate) by: &'static str,
    pub(crate) meaning: String,
    pub(crate) advice: String,
}

impl From<&inspect::Finding> for Finding {
    fn from(finding: &inspect::Finding) -> Self {
        let code = finding.code;
        let cve = code.cve().map(|cve| format!(" ({cve})"));
        let detail = finding.detail.as_ref().map(|text| format!(": {text}"));
        Self {
            code: code.code(),
            refuses: finding.severity > Severity::Warning,
            by: match finding.severity {
                Severity::Warning => "worth knowing",
                Severity::Ectype => "refused by ectype",
                Severity::Glance => "refused by the image service, too",
            },
            meaning: sentence(&format!(
                "{}{}{}",
                code.meaning(),
                cve.unwrap_or_default(),
                detail.unwrap_or_default()
            )),
            advice: sentence(code.advice()),
        }
    }
}

impl Report {
    /// When it was begun, for people.
    pub(crate) fn when(&self) -> String {
        moment(self.at)
    }

    /// The image that came of it.
    pub(crate) fn image(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Stored { image } | Outcome::Doubtful { image, .. } => Some(image),
            Outcome::Refused | Outcome::Failed { .. } => None,
        }
    }

    /// The outcome in two words.
    pub(crate) fn word(&self) -> &'static str {
        match self.outcome {
            Outcome::Stored { .. } => "stored",
            Outcome::Doubtful { .. } => "stored, in doubt",
            Outcome::Refused => "refused",
            Outcome::Failed { .. } => "failed",
        }
    }

    pub(crate) fn class(&self) -> &'static str {
        match self.outcome {
            Outcome::Stored { .. } => "good",
            Outcome::Doubtful { .. } => "warn",
            Outcome::Refused | Outcome::Failed { .. } => "bad",
        }
    }
}
