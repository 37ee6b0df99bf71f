//! Images in the order in which they were made, from a place on, as far as a caller sees them.

use database::Pool;

use super::image::Image;
use super::images::read as record;

/// What a caller sees in a list.
pub(crate) struct Scope<'a> {
    pub(crate) admin: bool,
    /// The caller's project; empty for none.
    pub(crate) project: &'a str,
    /// The answer of the caller's project to what is shared with it, or `all`.
    pub(crate) member_status: &'a str,
    /// One visibility, `all`, or none: all but what others offer to everybody.
    pub(crate) visibility: Option<&'a str>,
    pub(crate) hidden: bool,
    pub(crate) name: Option<&'a str>,
}

/// Where a page begins.
pub(crate) struct After {
    pub(crate) created: i64,
    pub(crate) id: String,
}

macro_rules! page {
    ($compare:literal, $order:literal) => {
        concat!(
            "SELECT id, name, status, visibility, owner, protected, hidden, min_disk, min_ram, disk_format,
                container_format, size, virtual_size, checksum, hash, properties, tags, created, updated, staged_as,
                work, version
             FROM images
             WHERE hidden = $1
                AND ($2 = 1 OR owner = $3 OR visibility = 'public' OR visibility = 'community'
                    OR (visibility = 'shared' AND EXISTS (SELECT 1 FROM members WHERE members.image = images.id
                        AND members.member = $3 AND ($4 = 'all' OR members.status = $4))))
                AND ($5 = 'all' OR visibility = $5 OR ($5 = '' AND (visibility <> 'community' OR owner = $3)))
                AND ($6 = 0 OR name = $7)
                AND (created ",
            $compare,
            " $8 OR (created = $8 AND id ",
            $compare,
            " $9))
             ORDER BY created ",
            $order,
            ", id ",
            $order,
            " LIMIT $10"
        )
    };
}

/// At most `rows` images, the newest first when `down`.
///
/// # Errors
/// The database has failed.
pub(crate) async fn read(
    pool: &Pool,
    scope: &Scope<'_>,
    down: bool,
    after: Option<&After>,
    rows: u64,
) -> Result<Vec<Image>, sqlx::Error> {
    let query = match down {
        true => sqlx::query(page!("<", "DESC")),
        false => sqlx::query(page!(">", "ASC")),
    };
    let start = if down { i64::MAX } else { i64::MIN };
    let rows = query
        .bind(i64::from(scope.hidden))
        .bind(i64::from(scope.admin))
        .bind(scope.project)
        .bind(scope.member_status)
        .bind(scope.visibility.unwrap_or_default())
        .bind(i64::from(scope.name.is_some()))
        .bind(scope.name.unwrap_or_default())
        .bind(after.map_or(start, |after| after.created))
        .bind(after.map_or("", |after| after.id.as_str()))
        .bind(i64::try_from(rows).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
    rows.iter().map(record).collect()
}
