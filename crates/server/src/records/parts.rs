//! Uploads in parts that an object store has begun: what is in no list of objects until it ends is written down here.

use database::Pool;
use sqlx::Row;

/// Something that was begun in the store.
#[derive(Debug)]
pub(crate) struct Parts {
    /// What the store calls it.
    pub(crate) upload: String,
    /// What it was to be.
    pub(crate) hash: String,
}

/// Writes down what the upload `work` of an image has begun.
pub(crate) async fn begun(
    pool: &Pool,
    upload: &str,
    hash: &str,
    work: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO parts (upload, hash, work) VALUES ($1, $2, $3)")
        .bind(upload)
        .bind(hash)
        .bind(work)
        .execute(pool)
        .await?;
    Ok(())
}

/// Forgets what has ended, well or not.
pub(crate) async fn ended(pool: &Pool, upload: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM parts WHERE upload = $1")
        .bind(upload)
        .execute(pool)
        .await?;
    Ok(())
}

/// What `work` has begun.
pub(crate) async fn of(pool: &Pool, work: &str) -> Result<Vec<Parts>, sqlx::Error> {
    let rows = sqlx::query("SELECT upload, hash FROM parts WHERE work = $1")
        .bind(work)
        .fetch_all(pool)
        .await?;
    rows.iter().map(read).collect()
}

/// What was begun for an image that is not reserved for it any more: nothing can come of it, whoever is still at it.
pub(crate) async fn abandoned(pool: &Pool) -> Result<Vec<Parts>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT upload, hash FROM parts
         WHERE NOT EXISTS (SELECT 1 FROM images WHERE images.work = parts.work)",
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &sqlx::any::AnyRow) -> Result<Parts, sqlx::Error> {
    Ok(Parts {
        upload: row.try_get(0)?,
        hash: row.try_get(1)?,
    })
}
