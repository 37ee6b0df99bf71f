//! A step of a plan that was not done.

use catalogue::apply::Error;

use super::{Exit, Failure, because};

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error {
            Error::Delivery(error @ delivery::Error::NotOffered { .. }) => {
                Self::from(error).hint("without --import the bytes pass through this machine")
            }
            Error::Delivery(error) => error.into(),
            Error::Shared(error) => (&**error).into(),
            Error::Original(reason) | Error::Unknown(reason) => {
                because(reason, reason.message.clone())
            }
            Error::Evidence { .. } => Self::of(Exit::Untrusted, error)
                .hint("plan again; if it stays so, something is wrong at the vendor's"),
            Error::Anew { .. } | Error::Moved { .. } => {
                Self::of(Exit::Unreachable, error).hint("run it again: it is planned anew")
            }
            Error::Different { lines, .. } => {
                let failure = Self::of(Exit::Untrusted, error);
                lines.iter().fold(failure, Self::cause)
            }
            Error::Interrupted => Self::of(Exit::Interrupted, error),
            Error::Left { error, id, why } => Self::from(&**error).cause(format!(
                "image {id} may be left, private and hidden, and the next run discards it: {why}"
            )),
            Error::Way(_) => Self::of(Exit::Untrusted, error),
            _ => Self::of(Exit::Bug, error),
        }
    }
}
