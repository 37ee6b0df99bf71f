//! A transaction that will write.

use sqlx::{Any, AnyPool, Transaction};

use crate::Engine;

/// Begins a transaction that will write. On SQLite it waits for other writers now: one that first reads and then wants to
/// write would be refused when somebody else has written in between.
///
/// # Errors
/// The database does not answer.
pub async fn begin(pool: &AnyPool) -> Result<Transaction<'static, Any>, sqlx::Error> {
    match Engine::of(pool.connect_options().database_url.as_str()) {
        Ok(Engine::Sqlite) => pool.begin_with("BEGIN IMMEDIATE").await,
        _ => pool.begin().await,
    }
}
