//! What commands that serve are told alike: their certificate, and how long they may take to end.

use std::path::Path;
use std::time::Duration;

use crate::failure::{Exit, Failure};

/// How long what is under way when the user wants an end may take: the listener's own patience, and a little more.
pub(crate) const ENDING: Duration = server::limits::GRACE.saturating_add(Duration::from_secs(5));

/// What is needed to speak HTTPS; none where neither file is named.
///
/// # Errors
/// Only one of the two is named, one cannot be read, or they do not belong together.
pub(crate) fn tls(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<server::Tls>, Failure> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => server::tls(certificate, key)
            .map(Some)
            .map_err(|error| Failure::of(Exit::Config, &error)),
        _ => Err(Failure::new(
            Exit::Config,
            "a certificate and a key go together: `--tls-cert` and `--tls-key`",
        )),
    }
}
