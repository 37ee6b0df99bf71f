//! Keeping two runs out of one cloud at the same time: a locked file on this machine, and a record in the cloud for runs on
//! other machines.
//!
//! Glance has no lock. But a record that was made is seen by everybody who lists records after it, so: make one, list, and go
//! on only if there is no other. Of two that do this at once at least one sees the other's. Why so, and what it does not do:
//! `docs/decisions/0012-lock.md`.

mod lease;
mod machine;

pub use lease::{Lease, Lost};
pub use machine::Machine;

/// Why a run may not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another run on this machine is at work there.
    #[error("another run on this machine is at work in this cloud")]
    Here,
    /// Another run on another machine is, or was when it last said so.
    #[error("another run is at work in this cloud: {by}, since {since}")]
    Elsewhere {
        /// Who, as that run says.
        by: String,
        /// When it began, by the cloud's clock.
        since: String,
        /// The record that says so.
        id: String,
    },
    /// The file on this machine cannot be made.
    #[error("cannot lock `{}`", path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The cloud cannot be asked.
    #[error(transparent)]
    Cloud(#[from] cloud::Error),
}
