//! What was done in the background, for whoever sees the image, and for admins.

mod create;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::list::address;
use super::{json as answer_json, seen};
use crate::policy;
use crate::records::tasks::{self, Task};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

pub(crate) use create::create;

const STATUSES: [&str; 4] = ["pending", "processing", "success", "failure"];
const KINDS: [&str; 2] = ["import", "api_image_import"];
const KEYS: [&str; 6] = [
    "id",
    "status",
    "type",
    "created_at",
    "updated_at",
    "expires_at",
];

pub(crate) async fn of_image(
    service: &Service,
    request: &Request,
    id: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    match seen(service, request, id).await {
        Err(refused) if refused.status == StatusCode::NOT_FOUND => return Err(Refused::nothing()),
        other => other?,
    };
    policy::read(&request.caller)?;
    let tasks = tasks::of_image(&service.pool, id).await?;
    let tasks: Vec<Value> = tasks.iter().map(Task::of_image).collect();
    Ok(answer_json(StatusCode::OK, &json!({ "tasks": tasks })))
}

pub(crate) async fn list(service: &Service, request: &Request) -> Result<Response, Refused> {
    request.without_body()?;
    policy::admin(&request.caller, "tasks_api_access")?;
    let query = request.query();
    let wanted = |name: &str| {
        let found = query.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let limit = match wanted("limit").map(str::parse::<i64>) {
        None => crate::limits::DEFAULT_PAGE,
        Some(Err(_)) => return Err(Refused::bad("limit param must be an integer")),
        Some(Ok(limit)) => u64::try_from(limit)
            .map_err(|_| Refused::bad("limit param must be positive"))?
            .min(crate::limits::MAX_PAGE),
    };
    known(wanted("status"), &STATUSES, "Invalid status value")?;
    known(wanted("type"), &KINDS, "Invalid type value")?;
    known(
        wanted("sort_dir"),
        &["asc", "desc"],
        "Invalid sort direction",
    )?;
    if wanted("sort_key").is_some_and(|key| !KEYS.contains(&key)) {
        return Err(Refused::bad("Sort key supplied was not valid."));
    }
    if wanted("marker").is_some_and(|marker| !super::validate::is_id(marker)) {
        return Err(Refused::bad("Invalid marker format"));
    }
    let mut all = tasks::all(&service.pool).await?;
    let down = wanted("sort_dir") != Some("asc");
    sort(&mut all, wanted("sort_key").unwrap_or("created_at"), down);
    let after = match wanted("marker") {
        Some(marker) => match all.iter().position(|task| task.id == marker) {
            Some(at) => at.saturating_add(1),
            None => return Err(Refused::missing(format!("No task found with ID {marker}"))),
        },
        None => 0,
    };
    let rows: Vec<Value> = all
        .iter()
        .skip(after)
        .filter(|task| wanted("status").is_none_or(|status| task.status == status))
        .filter(|task| wanted("type").is_none_or(|kind| task.kind == kind))
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(Task::short)
        .collect();
    Ok(answer_json(StatusCode::OK, &page(&rows, &query, limit)))
}

/// A page, with the way to the next one if this one is full.
fn page(rows: &[Value], query: &[(String, String)], limit: u64) -> Value {
    let last = rows.last().filter(|_| rows.len() as u64 == limit);
    let next = last.and_then(|task| task.get("id")?.as_str());
    let next = next.map(|marker| address("/v2/tasks", query, Some(marker)));
    let first = address("/v2/tasks", query, None);
    let mut body = json!({ "tasks": rows, "first": first, "schema": "/v2/schemas/tasks" });
    if let (Some(body), Some(next)) = (body.as_object_mut(), next) {
        body.insert("next".to_owned(), json!(next));
    }
    body
}

/// # Errors
/// 400 for a word that is none of the known ones.
fn known(word: Option<&str>, all: &[&str], text: &str) -> Result<(), Refused> {
    match word {
        Some(word) if !all.contains(&word) => Err(Refused::bad(format!("{text}: {word}"))),
        _ => Ok(()),
    }
}

fn sort(all: &mut [Task], key: &str, down: bool) {
    all.sort_by(|one, other| {
        let order = match key {
            "id" => one.id.cmp(&other.id),
            "status" => one.status.cmp(&other.status),
            "type" => one.kind.cmp(&other.kind),
            "updated_at" => one.updated.cmp(&other.updated),
            "expires_at" => one.expires.cmp(&other.expires),
            _ => one.created.cmp(&other.created),
        };
        if down { order.reverse() } else { order }
    });
}

pub(crate) async fn show(
    service: &Service,
    request: &Request,
    id: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    policy::admin(&request.caller, "tasks_api_access")?;
    if request.parts.method == http::Method::DELETE {
        return Err(Refused::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "This operation is currently not permitted on Glance Tasks. They are auto deleted after reaching the time \
             based on their expires_at property.",
        )
        .header(http::header::ALLOW, "GET"));
    }
    match tasks::get(&service.pool, id).await? {
        Some(task) => Ok(answer_json(StatusCode::OK, &task.json())),
        None => Err(Refused::missing(format!("Could not find task {id}"))),
    }
}
