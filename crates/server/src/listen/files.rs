//! How many connections there may be, given how many files a process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::limits::{CONNECTIONS, FILES, FILES_BESIDE, FILES_EACH};

/// Asks for as many files as are allowed, and says how many connections they are enough for: who comes later waits for a
/// place, so that nobody who has one lacks a file.
pub(super) fn connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(FILES).min(FILES);
    let mut files = limit.current.unwrap_or(FILES);
    let raised = Rlimit {
        current: Some(most),
        maximum: limit.maximum,
    };
    if files < most && setrlimit(Resource::Nofile, raised).is_ok() {
        files = most;
    }
    let enough = files.saturating_sub(FILES_BESIDE) / FILES_EACH;
    let enough = usize::try_from(enough).unwrap_or(CONNECTIONS);
    if enough < CONNECTIONS {
        tracing::warn!(
            files,
            connections = enough,
            "few files may be open, so there are few connections"
        );
    }
    enough.clamp(1, CONNECTIONS)
}
