//! Namespaces, each with a name that no other has.

use database::Pool;
use serde_json::{Map, Value};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::parts::{self, Part};
use super::types;
/// One namespace.
#[derive(Clone, Debug)]
pub(crate) struct Namespace {
    /// Ours; clients know the name only.
    pub(crate) id: String,
    pub(crate) namespace: String,
    /// Whether everybody sees it, not only its owner.
    pub(crate) public: bool,
    pub(crate) owner: Option<String>,
    pub(crate) protected: bool,
    /// `display_name` and `description`, where given.
    pub(crate) shown: Map<String, Value>,
    /// Microseconds since 1970 UTC.
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

impl Namespace {
    pub(crate) fn visibility(&self) -> &'static str {
        match self.public {
            true => "public",
            false => "private",
        }
    }
}

fn read(row: &AnyRow) -> Result<Namespace, sqlx::Error> {
    Ok(Namespace {
        id: row.try_get(0)?,
        namespace: row.try_get(1)?,
        public: row.try_get::<String, _>(2)? == "public",
        owner: row.try_get(3)?,
        protected: row.try_get::<i64, _>(4)? != 0,
        shown: parts::object(row.try_get(5)?)?,
        created: row.try_get(6)?,
        updated: row.try_get(7)?,
    })
}

/// All that an admin sees, or that the project sees; none for a caller without a project.
pub(crate) async fn all(
    pool: &Pool,
    admin: bool,
    project: Option<&str>,
) -> Result<Vec<Namespace>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, namespace, visibility, owner, protected, shown, created, updated FROM metadefs_namespaces
         WHERE $1 = 1 OR visibility = 'public' OR owner = $2",
    )
    .bind(i64::from(admin))
    .bind(project.unwrap_or_default())
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

/// The one of this name.
pub(crate) async fn get(pool: &Pool, name: &str) -> Result<Option<Namespace>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, namespace, visibility, owner, protected, shown, created, updated FROM metadefs_namespaces
         WHERE namespace = $1",
    )
    .bind(name)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Why a namespace with all that is in it was not made.
pub(crate) enum Unmade {
    /// There is one of this name.
    Taken,
    /// This part is in it twice.
    Twice(Box<Part>),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Unmade {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Makes one with all that is in it, or nothing.
pub(crate) async fn create(pool: &Pool, new: &Namespace, parts: &[Part]) -> Result<(), Unmade> {
    let mut work = database::begin(pool).await?;
    insert(&mut work, new, parts).await?;
    work.commit().await?;
    Ok(())
}

/// Makes one with all that is in it. When it was not made, nothing of the work may be kept.
pub(crate) async fn insert(
    work: &mut Transaction<'_, Any>,
    new: &Namespace,
    parts: &[Part],
) -> Result<(), Unmade> {
    let done = sqlx::query(
        "INSERT INTO metadefs_namespaces (id, namespace, visibility, owner, protected, shown, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (namespace) DO NOTHING",
    )
    .bind(&new.id)
    .bind(&new.namespace)
    .bind(new.visibility())
    .bind(new.owner.as_deref())
    .bind(i64::from(new.protected))
    .bind(Value::Object(new.shown.clone()).to_string())
    .bind(new.created)
    .bind(new.updated)
    .execute(&mut **work)
    .await?;
    if done.rows_affected() == 0 {
        return Err(Unmade::Taken);
    }
    for (place, part) in parts.iter().enumerate() {
        if !parts::insert(work, &new.id, part, place).await? {
            return Err(Unmade::Twice(Box::new(part.clone())));
        }
        if part.kind == parts::Kind::Type {
            types::remember(work, &part.name, new.created, place).await?;
        }
    }
    Ok(())
}

/// Writes one; false when another has its new name.
pub(crate) async fn update(pool: &Pool, changed: &Namespace) -> Result<bool, sqlx::Error> {
    let mut work = database::begin(pool).await?;
    let other = sqlx::query("SELECT 1 FROM metadefs_namespaces WHERE namespace = $1 AND id <> $2")
        .bind(&changed.namespace)
        .bind(&changed.id)
        .fetch_optional(&mut *work)
        .await?;
    if other.is_some() {
        return Ok(false);
    }
    let done = sqlx::query(
        "UPDATE metadefs_namespaces SET namespace = $1, visibility = $2, owner = $3, protected = $4, shown = $5,
            updated = $6
         WHERE id = $7",
    )
    .bind(&changed.namespace)
    .bind(changed.visibility())
    .bind(changed.owner.as_deref())
    .bind(i64::from(changed.protected))
    .bind(Value::Object(changed.shown.clone()).to_string())
    .bind(changed.updated)
    .bind(&changed.id)
    .execute(&mut *work)
    .await;
    match done {
        Ok(_) => work.commit().await.map(|()| true),
        // Somebody has taken the name since.
        Err(sqlx::Error::Database(said)) if said.is_unique_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Deletes one with all that is in it; false when it was not there, or is protected by now.
pub(crate) async fn delete(pool: &Pool, id: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM metadefs_namespaces WHERE id = $1 AND protected = 0")
        .bind(id)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes the one of this name, protected or not, with all that is in it; false when there was none.
pub(crate) async fn remove(
    work: &mut Transaction<'_, Any>,
    name: &str,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM metadefs_namespaces WHERE namespace = $1")
        .bind(name)
        .execute(&mut **work)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether there is one of this name.
pub(crate) async fn is_there(
    work: &mut Transaction<'_, Any>,
    name: &str,
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query("SELECT 1 FROM metadefs_namespaces WHERE namespace = $1")
        .bind(name)
        .fetch_optional(&mut **work)
        .await?;
    Ok(found.is_some())
}
