//! Opening a pool, and what each engine wants to be told first.

use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Connection, Executor};

use crate::Error;
use crate::unusable::judged;

/// Connections to PostgreSQL at most; a few requests of a service wait for its database at one time.
const CONNECTIONS: u32 = 16;
/// Connections to an SQLite file at most: each has a thread and a cache, and only one of them writes at a time.
const READERS: u32 = 6;
/// How long a request waits for a connection: it is to have its answer within ten seconds.
const PATIENCE: Duration = Duration::from_secs(9);

/// What keeps the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file, for one process.
    Sqlite,
    /// A server, for several.
    Postgres,
}

impl Engine {
    /// The engine that an address is for.
    ///
    /// # Errors
    /// For none.
    pub fn of(address: &str) -> Result<Self, Error> {
        match address.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            // The address may hold a password: only what is before it is shown.
            kind => Err(Error::Address(kind.unwrap_or_default().to_owned())),
        }
    }
}

/// A pool of connections to `sqlite:PATH` (made if it is not there) or `postgres://…`.
///
/// # Errors
/// It cannot be opened or reached.
pub async fn connect(address: &str) -> Result<AnyPool, Error> {
    sqlx::any::install_default_drivers();
    let engine = Engine::of(address)?;
    let mut options = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE);
    let mut address = address.to_owned();
    if engine == Engine::Sqlite {
        if !address.contains('?') {
            address.push_str("?mode=rwc");
        }
        // A file does not hang up, so that nothing need be asked before each use.
        options = options.max_connections(READERS).test_before_acquire(false);
        // A pool would try again and again what is wrong for good.
        let first = first(&address).await;
        first.map_err(|error| judged(&address, error))?;
        options = options.after_connect(|connection, _| Box::pin(prepare(connection)));
    }
    let pool = options.connect(&address).await;
    pool.map_err(|error| judged(&address, error))
}

async fn first(address: &str) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect(address).await?;
    prepare(&mut connection).await?;
    connection.close().await
}

/// Tells SQLite what it is wanted for.
async fn prepare(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    // Readers do not wait for a writer; what was committed is on the disk; writers wait for each other.
    for pragma in [
        "PRAGMA busy_timeout = 10000",
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        // KiB; the pages are in the system's cache, too.
        "PRAGMA cache_size = -1024",
    ] {
        connection.execute(pragma).await?;
    }
    Ok(())
}
