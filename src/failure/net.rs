//! What a failure of the network means for the one who typed the command.

use super::{Exit, Failure};

impl From<net::Error> for Failure {
    fn from(error: net::Error) -> Self {
        describe(&error)
    }
}

/// The failure for a network error that is kept elsewhere.
pub(crate) fn describe(error: &net::Error) -> Failure {
    use net::Error as E;
    let exit = match error {
        E::Options { .. } => Exit::Config,
        E::Status { status, .. } => match status.as_u16() {
            401 | 403 | 409 | 413 => Exit::Refused,
            404 | 410 => Exit::NotFound,
            _ => Exit::Unreachable,
        },
        E::Auth { .. } => Exit::Refused,
        _ => Exit::Unreachable,
    };
    Failure::of(exit, error)
}
