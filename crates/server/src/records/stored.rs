//! Which bytes are in the store, who is about to use them, and which are being deleted.
//!
//! Three rules keep bytes that are in use from being deleted by somebody who does not see their use yet. Whoever is about
//! to write bytes claims them first. A row is marked as dying only while it is locked, and only without claims and images.
//! A dying one is not claimed: it is gone first, then written anew.

use database::Pool;
use sqlx::{AnyConnection, Row};

use crate::limits;
use crate::moment;

/// Claims bytes for the upload `work`; false while they are being deleted.
pub(crate) async fn claim(
    pool: &Pool,
    hash: &str,
    size: u64,
    work: &str,
) -> Result<bool, sqlx::Error> {
    let now = moment::now();
    let mut transaction = database::begin(pool).await?;
    sqlx::query(
        "INSERT INTO blobs (hash, size, state, since) VALUES ($1, $2, 'live', $3) ON CONFLICT (hash) DO NOTHING",
    )
    .bind(hash)
    .bind(i64::try_from(size).unwrap_or(i64::MAX))
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    let locked = sqlx::query("UPDATE blobs SET since = $1 WHERE hash = $2 AND state = 'live'")
        .bind(now)
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
    if locked.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO claims (hash, work, since) VALUES ($1, $2, $3)
         ON CONFLICT (hash, work) DO UPDATE SET since = excluded.since",
    )
    .bind(hash)
    .bind(work)
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(true)
}

/// Takes claims away, within the transaction that points an image at the bytes, or when nothing came of it. What was
/// claimed.
pub(crate) async fn disclaim(
    connection: &mut AnyConnection,
    work: &str,
) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query("DELETE FROM claims WHERE work = $1 RETURNING hash")
        .bind(work)
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Marks bytes as dying when nobody uses or claims them; whether the caller is to delete them now. Only one caller is: a
/// second one could still be deleting when the same bytes have come again.
pub(crate) async fn condemn(pool: &Pool, hash: &str) -> Result<bool, sqlx::Error> {
    let now = moment::now();
    let claimed = now.saturating_sub(i64::try_from(limits::CLAIM.as_micros()).unwrap_or(i64::MAX));
    let mut transaction = database::begin(pool).await?;
    // The lock comes first and the look second: a look that began before the lock would not see a claim made meanwhile.
    sqlx::query("UPDATE blobs SET since = since WHERE hash = $1")
        .bind(hash)
        .execute(&mut *transaction)
        .await?;
    let done = sqlx::query(
        "UPDATE blobs SET state = 'dying', since = $1 WHERE hash = $2 AND state = 'live'
            AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.hash = $2 AND claims.since > $3)
            AND NOT EXISTS (SELECT 1 FROM images WHERE images.hash = $2)
            AND NOT EXISTS (SELECT 1 FROM images WHERE images.staged = $2)",
    )
    .bind(now)
    .bind(hash)
    .bind(claimed)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets bytes that were deleted.
pub(crate) async fn bury(pool: &Pool, hash: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM blobs WHERE hash = $1 AND state = 'dying'")
        .bind(hash)
        .execute(pool)
        .await?;
    Ok(())
}

/// What is known of some bytes in the store.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    pub(crate) hash: String,
    pub(crate) size: u64,
}

/// Whether there should be any bytes.
pub(crate) async fn any(pool: &Pool) -> Result<bool, sqlx::Error> {
    let found = sqlx::query("SELECT hash FROM blobs LIMIT 1").fetch_optional(pool);
    Ok(found.await?.is_some())
}

/// All bytes that should be there.
pub(crate) async fn all(pool: &Pool) -> Result<Vec<Blob>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT hash, size FROM blobs WHERE state = 'live' ORDER BY since, hash")
            .fetch_all(pool)
            .await?;
    let mut blobs = Vec::with_capacity(rows.len());
    for row in rows {
        let size: i64 = row.try_get(1)?;
        blobs.push(Blob {
            hash: row.try_get(0)?,
            size: u64::try_from(size).unwrap_or(0),
        });
    }
    Ok(blobs)
}

/// Writes what a look at some bytes has found; nothing is good.
pub(crate) async fn found(
    pool: &Pool,
    hash: &str,
    finding: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE blobs SET looked = $1, finding = $2 WHERE hash = $3")
        .bind(moment::now())
        .bind(finding)
        .bind(hash)
        .execute(pool)
        .await?;
    Ok(())
}

/// The images that use some bytes.
pub(crate) async fn users(pool: &Pool, hash: &str) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query("SELECT id FROM images WHERE hash = $1 OR staged = $1 ORDER BY id")
        .bind(hash)
        .fetch_all(pool)
        .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Marks a name as dying that the store has and nobody knows of; false when somebody does.
pub(crate) async fn condemn_unknown(pool: &Pool, hash: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO blobs (hash, size, state, since) VALUES ($1, 0, 'dying', $2) ON CONFLICT (hash) DO NOTHING",
    )
    .bind(hash)
    .bind(moment::now())
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Bytes that nobody uses or claims, and those whose deletion began before `dying` and did not end.
pub(crate) async fn unused(pool: &Pool, dying: i64) -> Result<Vec<(String, bool)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT hash, CASE WHEN state = 'dying' THEN 1 ELSE 0 END FROM blobs
         WHERE (state = 'dying' AND since <= $1)
            OR (state = 'live' AND NOT EXISTS (SELECT 1 FROM claims WHERE claims.hash = blobs.hash)
                AND NOT EXISTS (SELECT 1 FROM images WHERE images.hash = blobs.hash)
                AND NOT EXISTS (SELECT 1 FROM images WHERE images.staged = blobs.hash))",
    )
    .bind(dying)
    .fetch_all(pool)
    .await?;
    let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)? == 1));
    rows.iter().map(read).collect()
}

/// Takes back claims that are older than `before`.
pub(crate) async fn expire_claims(pool: &Pool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM claims WHERE since <= $1")
        .bind(before)
        .execute(pool)
        .await?;
    Ok(())
}
