//! Where a service keeps its records: SQLite or PostgreSQL, one SQL text for both.
//!
//! The rules of the text: placeholders are `$1 … $n` in plain strings; columns are TEXT or BIGINT (flags 0 and 1, times in
//! microseconds since 1970 UTC, JSON as TEXT); sums are `CAST(SUM(x) AS BIGINT)`; nothing relies on how a server sorts
//! text. What differs between the two engines (locks, files) is here and nowhere else.

mod begin;
mod connect;
mod file;
mod migrate;
mod unusable;

pub use begin::begin;
pub use connect::{Engine, connect};
pub use file::file;
pub use migrate::{Migration, migrate};
/// A pool of connections; cheap to clone.
pub use sqlx::AnyPool as Pool;

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none of ours.
    #[error("`{0}` is no database: sqlite:PATH or postgres://USER@HOST/NAME is one")]
    Address(String),
    /// It does not answer, or not as it should; later it may.
    #[error("the database does not answer as it should")]
    Database(#[from] sqlx::Error),
    /// It is none of ours, damaged, not there, or not for us: trying again does not help.
    #[error("the database `{place}` cannot be used")]
    Unusable {
        /// The file, or host and name.
        place: String,
        /// Why.
        source: sqlx::Error,
    },
    /// It was made by a newer program.
    #[error(
        "the database has step {found} of `{owner}`, and this program knows {known}: a newer ectype made it"
    )]
    Newer {
        /// Whose tables.
        owner: String,
        /// The step that was taken last.
        found: i64,
        /// The last step that is known here.
        known: i64,
    },
}
