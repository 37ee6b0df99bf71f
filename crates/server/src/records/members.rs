//! The projects that an image is shared with.

use database::Pool;
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::moment;

/// One project.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) image: String,
    pub(crate) member: String,
    /// `pending`, `accepted` or `rejected`.
    pub(crate) status: String,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

impl Member {
    /// As the API shows it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "member_id": self.member,
            "image_id": self.image,
            "status": self.status,
            "created_at": moment::text(self.created),
            "updated_at": moment::text(self.updated),
            "schema": "/v2/schemas/member",
        })
    }
}

fn read(row: &AnyRow) -> Result<Member, sqlx::Error> {
    Ok(Member {
        image: row.try_get(0)?,
        member: row.try_get(1)?,
        status: row.try_get(2)?,
        created: row.try_get(3)?,
        updated: row.try_get(4)?,
    })
}

/// All of an image, the first one first.
pub(crate) async fn all(pool: &Pool, image: &str) -> Result<Vec<Member>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT image, member, status, created, updated FROM members WHERE image = $1 ORDER BY created, member",
    )
    .bind(image)
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

/// One of an image.
pub(crate) async fn one(
    pool: &Pool,
    image: &str,
    member: &str,
) -> Result<Option<Member>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT image, member, status, created, updated FROM members WHERE image = $1 AND member = $2",
    )
    .bind(image)
    .bind(member)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Adds one; false when it is there.
pub(crate) async fn add(pool: &Pool, member: &Member) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO members (image, member, status, created, updated) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (image, member) DO NOTHING",
    )
    .bind(&member.image)
    .bind(&member.member)
    .bind(&member.status)
    .bind(member.created)
    .bind(member.updated)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes the answer of one.
pub(crate) async fn answer(
    pool: &Pool,
    image: &str,
    member: &str,
    status: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE members SET status = $1, updated = $2 WHERE image = $3 AND member = $4")
        .bind(status)
        .bind(moment::now())
        .bind(image)
        .bind(member)
        .execute(pool)
        .await?;
    Ok(())
}

/// Takes one away; false when it was not there.
pub(crate) async fn remove(pool: &Pool, image: &str, member: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM members WHERE image = $1 AND member = $2")
        .bind(image)
        .bind(member)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() == 1)
}
