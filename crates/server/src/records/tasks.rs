//! What is done, or was done, in the background.

use database::Pool;
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::moment;

/// How long a task that has ended is shown, in microseconds: 48 hours, as Glance does.
const KEPT: i64 = 48 * 3600 * 1_000_000;

/// One task.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) image: Option<String>,
    /// `import`, `api_image_import` …
    pub(crate) kind: String,
    /// `pending`, `processing`, `success` or `failure`.
    pub(crate) status: String,
    pub(crate) owner: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) request: Option<String>,
    pub(crate) input: Value,
    pub(crate) result: Option<Value>,
    pub(crate) message: String,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) expires: Option<i64>,
}

impl Task {
    /// One that begins now.
    pub(crate) fn new(kind: &str, input: Value) -> Self {
        let now = moment::now();
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            image: None,
            kind: kind.to_owned(),
            status: "pending".to_owned(),
            owner: None,
            user: None,
            request: None,
            input,
            result: None,
            message: String::new(),
            created: now,
            updated: now,
            expires: None,
        }
    }

    /// As `GET /v2/tasks` shows it: the short form.
    pub(crate) fn short(&self) -> Value {
        let mut out = json!({
            "id": self.id,
            "type": self.kind,
            "status": self.status,
            "owner": self.owner,
        });
        if let Some(out) = out.as_object_mut() {
            if let Some(expires) = self.expires {
                out.insert("expires_at".to_owned(), json!(moment::text(expires)));
            }
            out.insert("created_at".to_owned(), json!(moment::text(self.created)));
            out.insert("updated_at".to_owned(), json!(moment::text(self.updated)));
            out.insert("self".to_owned(), json!(format!("/v2/tasks/{}", self.id)));
            out.insert("schema".to_owned(), json!("/v2/schemas/task"));
        }
        out
    }

    /// As `GET /v2/tasks/{id}` shows it.
    pub(crate) fn json(&self) -> Value {
        let mut out = self.short();
        if let Some(out) = out.as_object_mut() {
            let known = [
                ("image_id", &self.image),
                ("request_id", &self.request),
                ("user_id", &self.user),
            ];
            for (key, value) in known {
                if let Some(value) = value {
                    out.insert(key.to_owned(), json!(value));
                }
            }
            out.insert("message".to_owned(), json!(self.message));
            out.insert("input".to_owned(), self.input.clone());
            out.insert("result".to_owned(), json!(self.result));
        }
        out
    }

    /// As `GET /v2/images/{id}/tasks` shows it.
    pub(crate) fn of_image(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.kind,
            "status": self.status,
            "owner": self.owner,
            "expires_at": self.expires.map(moment::text),
            "created_at": moment::text(self.created),
            "updated_at": moment::text(self.updated),
            "deleted_at": null,
            "deleted": false,
            "image_id": self.image,
            "request_id": self.request,
            "user_id": self.user,
            "input": self.input,
            "result": self.result,
            "message": self.message,
        })
    }
}

fn read(row: &AnyRow) -> Result<Task, sqlx::Error> {
    let input: String = row.try_get(7)?;
    let result: Option<String> = row.try_get(8)?;
    Ok(Task {
        id: row.try_get(0)?,
        image: row.try_get(1)?,
        kind: row.try_get(2)?,
        status: row.try_get(3)?,
        owner: row.try_get(4)?,
        user: row.try_get(5)?,
        request: row.try_get(6)?,
        input: serde_json::from_str(&input).unwrap_or_default(),
        result: result.and_then(|text| serde_json::from_str(&text).ok()),
        message: row.try_get(9)?,
        created: row.try_get(10)?,
        updated: row.try_get(11)?,
        expires: row.try_get(12)?,
    })
}

/// Writes a new one.
pub(crate) async fn add(pool: &Pool, task: &Task) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO tasks (id, image, kind, status, owner, user_id, request, input, result, message, created, updated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10, $11)",
    )
    .bind(&task.id)
    .bind(&task.image)
    .bind(&task.kind)
    .bind(&task.status)
    .bind(&task.owner)
    .bind(&task.user)
    .bind(&task.request)
    .bind(task.input.to_string())
    .bind(&task.message)
    .bind(task.created)
    .bind(task.updated)
    .execute(pool)
    .await?;
    Ok(())
}

/// Writes how a task stands.
pub(crate) async fn set(
    pool: &Pool,
    id: &str,
    status: &str,
    message: &str,
    result: Option<&Value>,
) -> Result<(), sqlx::Error> {
    let now = moment::now();
    let expires = matches!(status, "success" | "failure").then(|| now.saturating_add(KEPT));
    sqlx::query(
        "UPDATE tasks SET status = $1, message = $2, result = $3, updated = $4, expires = $5 WHERE id = $6",
    )
    .bind(status)
    .bind(message)
    .bind(result.map(ToString::to_string))
    .bind(now)
    .bind(expires)
    .bind(id)
    .execute(pool)
    .await?;
    Ok(())
}

/// One by its id.
pub(crate) async fn get(pool: &Pool, id: &str) -> Result<Option<Task>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, image, kind, status, owner, user_id, request, input, result, message, created, updated, expires
         FROM tasks WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Those of an image.
pub(crate) async fn of_image(pool: &Pool, image: &str) -> Result<Vec<Task>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, image, kind, status, owner, user_id, request, input, result, message, created, updated, expires
         FROM tasks WHERE image = $1 ORDER BY created, id",
    )
    .bind(image)
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

/// All, the newest first.
pub(crate) async fn all(pool: &Pool) -> Result<Vec<Task>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, image, kind, status, owner, user_id, request, input, result, message, created, updated, expires
         FROM tasks ORDER BY created DESC, id DESC",
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

/// Forgets those whose time is over.
pub(crate) async fn forget(pool: &Pool) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM tasks WHERE expires IS NOT NULL AND expires < $1")
        .bind(moment::now())
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
