//! What can go wrong on the way to an original, by what it says about the original.

use std::io;
use std::sync::Arc;

use net::StatusCode;

/// Why an original or a checksum file could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The network or the server.
    #[error(transparent)]
    Net(#[from] net::Error),
    /// An address that is not one of the family's.
    #[error("{url} is at none of the family's hosts, or not at https")]
    Foreign {
        /// The address.
        url: String,
    },
    /// A local file.
    #[error("cannot read `{path}`")]
    File {
        /// Its path.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// What another look at the same page met.
    #[error(transparent)]
    Shared(Arc<Error>),
}

/// What a failure says about the thing that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is not there: 404, 410, no such file.
    Gone,
    /// It is refused: 401, 403 and other answers that asking again does not change.
    Refused,
    /// Nothing is known of it: no connection, a stall, a server in trouble. Later it may be there.
    Unreachable,
    /// The server is not who it should be, or points to an unprotected place.
    Untrusted,
    /// It changed while it was read.
    Changed,
    /// It ended before its announced end.
    Cut,
}

impl Error {
    /// What it says about the thing asked for.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Net(error) => of_net(error),
            Self::Foreign { .. } => Trouble::Untrusted,
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Trouble::Gone,
                io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => Trouble::Refused,
                _ => Trouble::Unreachable,
            },
            Self::Shared(error) => error.trouble(),
        }
    }

    /// What to do where the cause is plain. A cloud's `cacert` does not count for vendors' servers.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        let error = match self {
            Self::Net(error) => error,
            Self::Shared(error) => return error.hint(),
            Self::Foreign { .. } | Self::File { .. } => return None,
        };
        match error {
            net::Error::Unreachable { source, .. } if source.is_unknown_name() => {
                Some("check the address: no host of this name is known here")
            }
            net::Error::Tls { problem, .. } => match problem {
                net::TlsProblem::UnknownIssuer => Some(
                    "if the authority is one of your own, add it to those that this machine trusts, or name its file in SSL_CERT_FILE",
                ),
                net::TlsProblem::NotYetValid => Some("check this machine's clock"),
                _ => None,
            },
            _ => None,
        }
    }
}

/// What an error met while reading says about the thing that was read; `None` when it did not come from the network.
#[must_use]
pub fn trouble_of(error: &io::Error) -> Option<Trouble> {
    let inner = error.get_ref()?;
    inner.downcast_ref::<net::Error>().map(of_net)
}

fn of_net(error: &net::Error) -> Trouble {
    match error {
        net::Error::Status { status, .. } => match *status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Trouble::Gone,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Trouble::Unreachable,
            status if status.is_client_error() => Trouble::Refused,
            _ => Trouble::Unreachable,
        },
        net::Error::Tls { .. } | net::Error::Redirect { .. } | net::Error::Private { .. } => {
            Trouble::Untrusted
        }
        net::Error::Changed { .. } => Trouble::Changed,
        net::Error::Truncated { .. } => Trouble::Cut,
        net::Error::Auth { .. } => Trouble::Refused,
        _ => Trouble::Unreachable,
    }
}
