//! A reason of `proof`'s as the end of a run.

use proof::{Kind, Reason};

use super::{Exit, Failure};

/// The exit code for a kind of trouble.
pub(crate) fn code(kind: Kind) -> Exit {
    match kind {
        Kind::No => Exit::No,
        Kind::NotFound => Exit::NotFound,
        Kind::Refused => Exit::Refused,
        Kind::NotTrusted => Exit::Untrusted,
        Kind::Temporary => Exit::Unreachable,
        Kind::Interrupted => Exit::Interrupted,
    }
}

/// A reason as the end of a run.
pub(crate) fn because(reason: &Reason, message: String) -> Failure {
    let mut failure = Failure::new(code(reason.kind), message);
    failure.causes.clone_from(&reason.causes);
    failure.hint.clone_from(&reason.hint);
    failure
}
