//! Images in the database: made, read, changed one version after the other, deleted.

use database::Pool;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::image::{Image, Status, Visibility};
use crate::moment;

/// What cannot be written.
#[derive(Debug)]
pub(crate) enum Unwritten {
    /// The id was used before.
    Taken,
    /// The database has failed.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Unwritten {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// # Errors
/// The record is not one of ours, which says that somebody else wrote it.
pub(super) fn read(row: &AnyRow) -> Result<Image, sqlx::Error> {
    let odd = |what: &str| sqlx::Error::Decode(format!("an image has an unknown {what}").into());
    let status: String = row.try_get(2)?;
    let visibility: String = row.try_get(3)?;
    let properties: String = row.try_get(15)?;
    let tags: String = row.try_get(16)?;
    let staged: Option<String> = row.try_get(19)?;
    let count = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
    Ok(Image {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        status: Status::of(&status).ok_or_else(|| odd("status"))?,
        visibility: Visibility::of(&visibility).ok_or_else(|| odd("visibility"))?,
        owner: row.try_get(4)?,
        protected: row.try_get::<i64, _>(5)? != 0,
        hidden: row.try_get::<i64, _>(6)? != 0,
        min_disk: row.try_get(7)?,
        min_ram: row.try_get(8)?,
        disk_format: row.try_get(9)?,
        container_format: row.try_get(10)?,
        size: count(row.try_get(11)?),
        virtual_size: count(row.try_get(12)?),
        checksum: row.try_get(13)?,
        hash: row.try_get(14)?,
        properties: serde_json::from_str(&properties).map_err(|_| odd("set of properties"))?,
        tags: serde_json::from_str(&tags).map_err(|_| odd("set of tags"))?,
        created: row.try_get(17)?,
        updated: row.try_get(18)?,
        staged: staged.and_then(|text| serde_json::from_str(&text).ok()),
        work: row.try_get(20)?,
        version: row.try_get(21)?,
    })
}

/// The image of this id.
///
/// # Errors
/// The database has failed.
pub(crate) async fn get(pool: &Pool, id: &str) -> Result<Option<Image>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, name, status, visibility, owner, protected, hidden, min_disk, min_ram, disk_format,
            container_format, size, virtual_size, checksum, hash, properties, tags, created, updated, staged_as,
            work, version FROM images WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Writes a new image.
///
/// # Errors
/// The id was used before, or the database has failed.
pub(crate) async fn insert(pool: &Pool, image: &Image) -> Result<(), Unwritten> {
    let mut work = database::begin(pool).await?;
    let gone = sqlx::query("SELECT 1 FROM gone WHERE id = $1")
        .bind(&image.id)
        .fetch_optional(&mut *work)
        .await?;
    if gone.is_some() {
        return Err(Unwritten::Taken);
    }
    let done = sqlx::query(
        "INSERT INTO images (id, name, status, visibility, owner, protected, hidden, min_disk, min_ram, disk_format,
            container_format, size, virtual_size, checksum, hash, properties, tags, created, updated, work_seen, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 0, 0)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(&image.id)
    .bind(&image.name)
    .bind(image.status.word())
    .bind(image.visibility.word())
    .bind(&image.owner)
    .bind(i64::from(image.protected))
    .bind(i64::from(image.hidden))
    .bind(image.min_disk)
    .bind(image.min_ram)
    .bind(&image.disk_format)
    .bind(&image.container_format)
    .bind(number(image.size))
    .bind(number(image.virtual_size))
    .bind(&image.checksum)
    .bind(&image.hash)
    .bind(properties(image))
    .bind(tags(image))
    .bind(image.created)
    .bind(image.updated)
    .execute(&mut *work)
    .await?;
    if done.rows_affected() == 0 {
        return Err(Unwritten::Taken);
    }
    work.commit().await?;
    Ok(())
}

/// Writes a changed image, unless somebody else has changed it since it was read. Says whether it was written.
///
/// # Errors
/// The database has failed.
pub(crate) async fn update(
    connection: &mut AnyConnection,
    image: &Image,
) -> Result<bool, sqlx::Error> {
    let now = moment::now();
    let done = sqlx::query(
        "UPDATE images SET name = $1, status = $2, visibility = $3, owner = $4, protected = $5, hidden = $6,
            min_disk = $7, min_ram = $8, disk_format = $9, container_format = $10, size = $11, virtual_size = $12,
            checksum = $13, hash = $14, properties = $15, tags = $16, updated = $17, staged = $18, staged_as = $19,
            work = $20, work_seen = $17, version = version + 1
         WHERE id = $21 AND version = $22",
    )
    .bind(&image.name)
    .bind(image.status.word())
    .bind(image.visibility.word())
    .bind(&image.owner)
    .bind(i64::from(image.protected))
    .bind(i64::from(image.hidden))
    .bind(image.min_disk)
    .bind(image.min_ram)
    .bind(&image.disk_format)
    .bind(&image.container_format)
    .bind(number(image.size))
    .bind(number(image.virtual_size))
    .bind(&image.checksum)
    .bind(&image.hash)
    .bind(properties(image))
    .bind(tags(image))
    .bind(now)
    .bind(image.staged.as_ref().map(|stage| stage.hash.clone()))
    .bind(image.staged.as_ref().and_then(|stage| serde_json::to_string(stage).ok()))
    .bind(&image.work)
    .bind(&image.id)
    .bind(image.version)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Says that the upload `work` of the image is alive; false when the image is no longer its own.
///
/// # Errors
/// The database has failed.
pub(crate) async fn alive(pool: &Pool, id: &str, work: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE images SET work_seen = $1 WHERE id = $2 AND work = $3")
        .bind(moment::now())
        .bind(id)
        .bind(work)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes an image as it was read, and remembers its id. Says whether it was deleted.
///
/// # Errors
/// The database has failed.
pub(crate) async fn delete(pool: &Pool, image: &Image) -> Result<bool, sqlx::Error> {
    let mut work = database::begin(pool).await?;
    let done = sqlx::query("DELETE FROM images WHERE id = $1 AND version = $2")
        .bind(&image.id)
        .bind(image.version)
        .execute(&mut *work)
        .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM members WHERE image = $1")
        .bind(&image.id)
        .execute(&mut *work)
        .await?;
    sqlx::query("INSERT INTO gone (id, deleted) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(&image.id)
        .bind(moment::now())
        .execute(&mut *work)
        .await?;
    work.commit().await?;
    Ok(true)
}

/// Images on which somebody worked and gave no sign of life since `before`.
///
/// # Errors
/// The database has failed.
pub(crate) async fn abandoned(pool: &Pool, before: i64) -> Result<Vec<Image>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, name, status, visibility, owner, protected, hidden, min_disk, min_ram, disk_format,
            container_format, size, virtual_size, checksum, hash, properties, tags, created, updated, staged_as,
            work, version FROM images WHERE work IS NOT NULL AND work_seen < $1",
    )
    .bind(before)
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

/// Bytes that the project has stored, and how many images it has.
///
/// # Errors
/// The database has failed.
pub(crate) async fn usage(pool: &Pool, owner: &str) -> Result<Usage, sqlx::Error> {
    let row = sqlx::query(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN hash IS NOT NULL THEN size ELSE 0 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(CASE WHEN staged IS NOT NULL THEN size ELSE 0 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(CASE WHEN work IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM images WHERE owner = $1",
    )
    .bind(owner)
    .fetch_one(pool)
    .await?;
    Ok(Usage {
        images: row.try_get(0)?,
        stored: row.try_get(1)?,
        staged: row.try_get(2)?,
        uploading: row.try_get(3)?,
    })
}

/// What a project uses.
pub(crate) struct Usage {
    pub(crate) images: i64,
    /// Bytes.
    pub(crate) stored: i64,
    /// Bytes.
    pub(crate) staged: i64,
    pub(crate) uploading: i64,
}

/// What the whole service has.
pub(crate) struct Totals {
    pub(crate) images: i64,
    pub(crate) active: i64,
    pub(crate) bytes: i64,
    pub(crate) blobs: i64,
    pub(crate) blob_bytes: i64,
    pub(crate) damaged: i64,
}

/// Counts everything.
///
/// # Errors
/// The database has failed.
pub(crate) async fn totals(pool: &Pool) -> Result<Totals, sqlx::Error> {
    let images = sqlx::query(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN hash IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(CASE WHEN hash IS NOT NULL THEN size ELSE 0 END), 0) AS BIGINT) FROM images",
    )
    .fetch_one(pool)
    .await?;
    let blobs = sqlx::query(
        "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT),
            CAST(COALESCE(SUM(CASE WHEN finding IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
         FROM blobs WHERE state = 'live'",
    )
    .fetch_one(pool)
    .await?;
    Ok(Totals {
        images: images.try_get(0)?,
        active: images.try_get(1)?,
        bytes: images.try_get(2)?,
        blobs: blobs.try_get(0)?,
        blob_bytes: blobs.try_get(1)?,
        damaged: blobs.try_get(2)?,
    })
}

fn number(value: Option<u64>) -> Option<i64> {
    value.and_then(|value| i64::try_from(value).ok())
}

fn properties(image: &Image) -> String {
    serde_json::Value::Object(image.properties.clone()).to_string()
}

fn tags(image: &Image) -> String {
    serde_json::json!(image.tags).to_string()
}
