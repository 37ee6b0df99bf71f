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
    let mut failure = Failure::of(exit, error);
    failure.hint = hint(error).map(str::to_owned);
    failure
}

/// What to do where the cause is plain. These are errors on the way to a cloud: vendors' have their own hints.
fn hint(error: &net::Error) -> Option<&'static str> {
    use net::TlsProblem as T;
    match error {
        net::Error::Unreachable { source, .. } if source.is_unknown_name() => {
            Some("check the address: `ectype cloud show` tells where it comes from")
        }
        net::Error::Tls { problem, .. } => match problem {
            T::UnknownIssuer => Some(
                "if the cloud has an authority of its own, name its file: `--os-cacert FILE`, or `cacert` in clouds.yaml",
            ),
            T::WrongName => Some(
                "use the name that the certificate is for: `ectype cloud show` tells where the address comes from",
            ),
            T::Authority => Some(
                "a server that signs its own certificate has to say that it is no authority: `openssl req -x509 … -addext basicConstraints=critical,CA:FALSE`",
            ),
            T::NotYetValid => Some("check this machine's clock"),
            _ => None,
        },
        _ => None,
    }
}
