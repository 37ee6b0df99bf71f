//! Kinds of things that definitions are for, such as `OS::Glance::Image`: known once a namespace was associated with them.

use database::Pool;
use sqlx::{Any, Row, Transaction};

/// One kind of things.
pub(crate) struct ResourceType {
    pub(crate) name: String,
    /// Microseconds since 1970 UTC.
    pub(crate) created: i64,
}

/// All that are known, the first one first.
pub(crate) async fn types(pool: &Pool) -> Result<Vec<ResourceType>, sqlx::Error> {
    let rows = sqlx::query("SELECT name, created FROM metadefs_types ORDER BY created, name")
        .fetch_all(pool)
        .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(ResourceType {
            name: row.try_get(0)?,
            created: row.try_get(1)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Whether it is known.
pub(crate) async fn is_type(pool: &Pool, name: &str) -> Result<bool, sqlx::Error> {
    let found = sqlx::query("SELECT 1 FROM metadefs_types WHERE name = $1")
        .bind(name)
        .fetch_optional(pool)
        .await?;
    Ok(found.is_some())
}

/// Remembers one; `place` is which of its request it is.
pub(super) async fn remember(
    work: &mut Transaction<'_, Any>,
    name: &str,
    now: i64,
    place: usize,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO metadefs_types (name, created) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
    )
    .bind(name)
    .bind(now.saturating_add(i64::try_from(place).unwrap_or_default()))
    .execute(&mut **work)
    .await?;
    Ok(())
}
