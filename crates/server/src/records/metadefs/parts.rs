//! What is in a namespace: objects, properties, tags, and which kinds of things it is for.

use database::Pool;
use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::types;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Property,
    Tag,
    /// The association with a resource type.
    Type,
}

impl Kind {
    /// As the database has it.
    fn word(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Property => "property",
            Self::Tag => "tag",
            Self::Type => "type",
        }
    }
}

/// One part; no two of a kind in a namespace have the same name.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// What a client said of it, with or without the name.
    pub(crate) shown: Map<String, Value>,
    /// Microseconds since 1970 UTC.
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

/// A JSON text of ours.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, sqlx::Error> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(Box::new(error)))
}

fn read(kind: Kind, row: &AnyRow) -> Result<Part, sqlx::Error> {
    Ok(Part {
        kind,
        name: row.try_get(0)?,
        shown: object(row.try_get(1)?)?,
        created: row.try_get(2)?,
        updated: row.try_get(3)?,
    })
}

/// All of a kind, the first one first; objects by their names, the order of the index that Glance reads them by.
pub(crate) async fn of(pool: &Pool, namespace: &str, kind: Kind) -> Result<Vec<Part>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT name, shown, created, updated FROM metadefs_parts WHERE namespace = $1 AND kind = $2
         ORDER BY created, place, name",
    )
    .bind(namespace)
    .bind(kind.word())
    .fetch_all(pool)
    .await?;
    let parts = rows.iter().map(|row| read(kind, row));
    let mut parts = parts.collect::<Result<Vec<Part>, sqlx::Error>>()?;
    if kind == Kind::Object {
        parts.sort_by(|one, other| one.name.cmp(&other.name));
    }
    Ok(parts)
}

/// One of them.
pub(crate) async fn one(
    pool: &Pool,
    namespace: &str,
    kind: Kind,
    name: &str,
) -> Result<Option<Part>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT name, shown, created, updated FROM metadefs_parts WHERE namespace = $1 AND kind = $2 AND name = $3",
    )
    .bind(namespace)
    .bind(kind.word())
    .bind(name)
    .fetch_optional(pool)
    .await?;
    row.map(|row| read(kind, &row)).transpose()
}

/// Writes a new one into a namespace that is there; false when there is one of this name, or the namespace is gone.
pub(super) async fn insert(
    work: &mut Transaction<'_, Any>,
    namespace: &str,
    part: &Part,
    place: usize,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO metadefs_parts (namespace, kind, name, shown, created, place, updated)
         SELECT id, $1, $2, $3, $4, $5, $6 FROM metadefs_namespaces WHERE id = $7
         ON CONFLICT (namespace, kind, name) DO NOTHING",
    )
    .bind(part.kind.word())
    .bind(&part.name)
    .bind(Value::Object(part.shown.clone()).to_string())
    .bind(part.created)
    .bind(i64::try_from(place).unwrap_or(i64::MAX))
    .bind(part.updated)
    .bind(namespace)
    .execute(&mut **work)
    .await;
    match done {
        Ok(done) => Ok(done.rows_affected() == 1),
        // The namespace has gone since it was looked for.
        Err(sqlx::Error::Database(said)) if said.is_foreign_key_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Adds all of these or none, after taking away the others of their kind when `alone`; otherwise says which one there was.
pub(crate) async fn add(
    pool: &Pool,
    namespace: &str,
    parts: &[Part],
    alone: bool,
) -> Result<Option<String>, sqlx::Error> {
    let mut work = database::begin(pool).await?;
    if let (Some(first), true) = (parts.first(), alone) {
        delete_all(&mut work, namespace, first.kind).await?;
    }
    for (place, part) in parts.iter().enumerate() {
        if !insert(&mut work, namespace, part, place).await? {
            return Ok(Some(part.name.clone()));
        }
        if part.kind == Kind::Type {
            types::remember(&mut work, &part.name, part.created, place).await?;
        }
    }
    work.commit().await?;
    Ok(None)
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    Done,
    Gone,
    /// Another one has the new name.
    Taken,
}

/// Writes `part` in the place of the one that was called `old`.
pub(crate) async fn replace(
    pool: &Pool,
    namespace: &str,
    old: &str,
    part: &Part,
) -> Result<Replaced, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE metadefs_parts SET name = $1, shown = $2, updated = $3
         WHERE namespace = $4 AND kind = $5 AND name = $6",
    )
    .bind(&part.name)
    .bind(Value::Object(part.shown.clone()).to_string())
    .bind(part.updated)
    .bind(namespace)
    .bind(part.kind.word())
    .bind(old)
    .execute(pool)
    .await;
    match done {
        Ok(done) if done.rows_affected() == 1 => Ok(Replaced::Done),
        Ok(_) => Ok(Replaced::Gone),
        Err(sqlx::Error::Database(said)) if said.is_unique_violation() => Ok(Replaced::Taken),
        Err(error) => Err(error),
    }
}

/// Takes one away; false when it was not there.
pub(crate) async fn remove(
    pool: &Pool,
    namespace: &str,
    kind: Kind,
    name: &str,
) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("DELETE FROM metadefs_parts WHERE namespace = $1 AND kind = $2 AND name = $3")
            .bind(namespace)
            .bind(kind.word())
            .bind(name)
            .execute(pool)
            .await?;
    Ok(done.rows_affected() == 1)
}

async fn delete_all(
    work: &mut Transaction<'_, Any>,
    namespace: &str,
    kind: Kind,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM metadefs_parts WHERE namespace = $1 AND kind = $2")
        .bind(namespace)
        .bind(kind.word())
        .execute(&mut **work)
        .await?;
    Ok(())
}

/// Takes all of a kind away.
pub(crate) async fn clear(pool: &Pool, namespace: &str, kind: Kind) -> Result<(), sqlx::Error> {
    let mut work = database::begin(pool).await?;
    delete_all(&mut work, namespace, kind).await?;
    work.commit().await
}
