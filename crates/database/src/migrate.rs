//! Steps from an empty database to today's tables, each taken once.

use sqlx::{AnyPool, Row};

use crate::unusable::judged;
use crate::{Engine, Error};

/// One step: statements, taken together or not at all. A step that was once released never changes.
pub type Migration = &'static [&'static str];

/// Takes the steps of `owner` that were not taken yet. Several processes may do so at one time.
///
/// # Errors
/// The database fails, or a newer program made it.
pub async fn migrate(pool: &AnyPool, owner: &str, steps: &[Migration]) -> Result<(), Error> {
    let options = pool.connect_options();
    let address = options.database_url.as_str();
    match take(pool, Engine::of(address)?, owner, steps).await {
        Err(Error::Database(error)) => Err(judged(address, error)),
        done => done,
    }
}

async fn take(
    pool: &AnyPool,
    engine: Engine,
    owner: &str,
    steps: &[Migration],
) -> Result<(), Error> {
    let mut work = match engine {
        // A write lock from the start: two processes that both read first could both be refused later.
        Engine::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
        Engine::Postgres => pool.begin().await?,
    };
    if engine == Engine::Postgres {
        // "ectype" in ASCII; held until the end of the transaction.
        sqlx::query("SELECT pg_advisory_xact_lock(111481095516261)")
            .execute(&mut *work)
            .await?;
    }
    sqlx::query(
        "CREATE TABLE IF NOT EXISTS migrations (owner TEXT NOT NULL, step BIGINT NOT NULL, PRIMARY KEY (owner, step))",
    )
    .execute(&mut *work)
    .await?;
    let row = sqlx::query("SELECT COALESCE(MAX(step), 0) FROM migrations WHERE owner = $1")
        .bind(owner)
        .fetch_one(&mut *work)
        .await?;
    let found: i64 = row.try_get(0)?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    if found > known {
        let owner = owner.to_owned();
        return Err(Error::Newer {
            owner,
            found,
            known,
        });
    }
    for (number, step) in (1..).zip(steps) {
        if number <= found {
            continue;
        }
        for statement in *step {
            sqlx::query(*statement).execute(&mut *work).await?;
        }
        sqlx::query("INSERT INTO migrations (owner, step) VALUES ($1, $2)")
            .bind(owner)
            .bind(number)
            .execute(&mut *work)
            .await?;
    }
    Ok(work.commit().await?)
}
