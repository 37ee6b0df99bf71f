//! What a failure of a cloud means for the one who typed the command: exit code, lines, hint.

use super::{Exit, Failure};

impl From<cloud::Error> for Failure {
    fn from(error: cloud::Error) -> Self {
        (&error).into()
    }
}

impl From<&cloud::Error> for Failure {
    fn from(error: &cloud::Error) -> Self {
        use cloud::Error as E;
        let exit = match error {
            E::NoCloud { .. } | E::Config(_) | E::Unscoped { .. } | E::NoService { .. } => {
                Exit::Config
            }
            E::UnknownCloud { .. }
            | E::NotFound { .. }
            | E::Gone { .. }
            | E::Ambiguous { .. }
            | E::NoData { .. } => Exit::NotFound,
            E::Unauthorized(_) | E::Forbidden(_) | E::Refused(_) | E::ImportFailed { .. } => {
                Exit::Refused
            }
            E::Net(net) => return super::net::describe(net),
            _ => Exit::Unreachable,
        };
        let mut failure = Self::of(exit, error);
        failure.causes.extend(error.details());
        failure.hint = error.hint();
        failure
    }
}
