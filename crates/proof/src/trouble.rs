//! Why an original could not be opened or read to its end, as a reason.

use origin::{Address, Trouble};

use crate::reason::{Code, Kind, Reason};

impl Reason {
    /// Why the original could not be opened.
    #[must_use]
    pub fn of_opening(address: &Address, error: &origin::Error) -> Self {
        let at = address
            .host()
            .map_or_else(|| address.to_string(), str::to_owned);
        if let origin::Error::File { source, .. } = error
            && source.kind() == std::io::ErrorKind::IsADirectory
        {
            let message = format!("the original is a folder and not a file: {address}");
            return Self::new(Code::SourceGone, message);
        }
        let (code, message) = match error.trouble() {
            Trouble::Gone => (
                Code::SourceGone,
                format!("the original is not there: {address}"),
            ),
            Trouble::Refused if address.host().is_none() => (
                Code::SourceRefused,
                format!("the original may not be read: {address}"),
            ),
            Trouble::Refused => (
                Code::SourceRefused,
                format!("the original is refused by {at}"),
            ),
            Trouble::Untrusted => (Code::SourceUntrusted, format!("{at} cannot be trusted")),
            Trouble::Changed => (
                Code::OriginalChanged,
                "the original changed while it was read".to_owned(),
            ),
            Trouble::Unreachable | Trouble::Cut => (
                Code::SourceUnreachable,
                format!("the original could not be had from {at}"),
            ),
        };
        let reason = Self::new(code, message).caused_by(Some(error));
        match code {
            Code::SourceGone if address.host().is_some() => reason.hint(
                "vendors keep only their newest builds: if you have the file, `--original PATH`",
            ),
            _ => match error.hint() {
                Some(hint) => reason.hint(hint),
                None => reason,
            },
        }
    }

    /// Why a pass ended without an answer.
    #[must_use]
    pub fn of_pass(error: &disk::Error) -> Self {
        let (code, kind) = match error {
            disk::Error::Io { source, .. } => match origin::trouble_of(source) {
                Some(Trouble::Gone) => (Code::SourceGone, Kind::NotFound),
                Some(Trouble::Refused) => (Code::SourceRefused, Kind::Refused),
                Some(Trouble::Untrusted) => (Code::SourceUntrusted, Kind::NotTrusted),
                Some(Trouble::Changed) => (Code::OriginalChanged, Kind::Temporary),
                // Cut by the network and not by whoever made the file: another attempt may get the rest.
                Some(Trouble::Cut) => (Code::OriginalTruncated, Kind::Temporary),
                Some(Trouble::Unreachable) => (Code::SourceUnreachable, Kind::Temporary),
                None => (Code::OriginalUnreadable, Kind::Temporary),
            },
            error => (Code::of_disk(error), Code::of_disk(error).kind()),
        };
        let reason = Self::new(code, error.to_string())
            .of_kind(kind)
            .caused_by(std::error::Error::source(error));
        match code {
            Code::OriginalChanged => {
                reason.hint("the vendor may be publishing just now: try again later")
            }
            Code::LimitExceeded => {
                reason.hint("if you trust the file, raise the limit: `--max-virtual-size`")
            }
            _ => reason,
        }
    }
}
