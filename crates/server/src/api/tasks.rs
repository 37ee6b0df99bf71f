//! What was done in the background, for whoever sees the image, and for admins.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::{json as answer_json, seen};
use crate::policy;
use crate::records::tasks::{self, Task};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

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
    let all = tasks::all(&service.pool).await?;
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
    let body = json!({ "tasks": rows, "first": "/v2/tasks", "schema": "/v2/schemas/tasks" });
    Ok(answer_json(StatusCode::OK, &body))
}

pub(crate) async fn show(
    service: &Service,
    request: &Request,
    id: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    if request.parts.method == http::Method::DELETE {
        return Err(Refused::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "This operation is currently not permitted on Glance Tasks. They are auto deleted after reaching the time \
             based on their expires_at property.",
        )
        .header(http::header::ALLOW, "GET"));
    }
    policy::admin(&request.caller, "tasks_api_access")?;
    match tasks::get(&service.pool, id).await? {
        Some(task) => Ok(answer_json(StatusCode::OK, &task.json())),
        None => Err(Refused::missing(format!("No task found with ID {id}"))),
    }
}

/// Tasks are made by imports only: what Glance once did by them is done by the import API.
pub(crate) fn create(request: &Request) -> Result<Response, Refused> {
    policy::admin(&request.caller, "tasks_api_access")?;
    Err(Refused::forbidden(
        "Tasks are made by imports: use POST /v2/images/{image_id}/import.",
    ))
}
