//! Tasks that somebody makes by hand, as was done before there was an import API. They are checked, taken and end in
//! `failure`, as those of a Glance with several stores do: what they did is done by the import API.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::api::discovery::base;
use crate::api::import::may_be_fetched;
use crate::api::metadefs::check::check;
use crate::api::{json as answer_json, schemas};
use crate::policy;
use crate::python;
use crate::records::tasks::{self, Task};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::{Service, Settings};

/// What the task says once it has ended, when there was nothing wrong with its input.
const NOT_DONE: &str =
    "Nothing is done by tasks that are made by hand: use POST /v2/images/{image_id}/import.";

pub(crate) async fn create(service: &Service, mut request: Request) -> Result<Response, Refused> {
    policy::admin(&request.caller, "tasks_api_access")?;
    let (kind, input) = wanted(&request.json().await?)?;
    if kind == "import" {
        source(&service.settings, input.get("import_from"))?;
    }
    let why = why(&kind, &input);
    let image = input.get("image_id").and_then(Value::as_str);
    let image = image.map(str::to_owned);
    let mut task = Task::new(&kind, input);
    task.image = image;
    task.owner.clone_from(&request.caller.project);
    task.user = Some(request.caller.user.clone());
    task.request = Some(request.id.clone());
    tasks::add(&service.pool, &task).await?;
    tasks::set(&service.pool, &task.id, "failure", &why, None).await?;
    // As it was made: how it ended is asked for, as ever.
    let mut response = answer_json(StatusCode::CREATED, &task.json());
    let location = format!("{}/v2/tasks/{}", base(service, &request.parts), task.id);
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The type and the input of a task that is as its schema says.
fn wanted(body: &Value) -> Result<(String, Value), Refused> {
    for key in ["type", "input"] {
        let there = match body {
            Value::Array(words) => words.iter().any(|word| word == key),
            _ => body.get(key).is_some(),
        };
        if !there {
            return Err(Refused::bad(format!("Task '{key}' is required")));
        }
    }
    let mut schema = schemas::task();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
    let members = check(&schema, &[], body)?;
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let kind = text("type").unwrap_or_default().to_owned();
    match members.get("input") {
        Some(Value::Null) if kind != "import" => Err(Refused::bad("Task 'input' is required")),
        Some(input) if input.is_object() => Ok((kind, input.clone())),
        _ => Ok((kind, json!({}))),
    }
}

/// # Errors
/// 400 for an address that nothing may be fetched from.
fn source(settings: &Settings, from: Option<&Value>) -> Result<(), Refused> {
    let text = match from {
        Some(Value::String(text)) if !text.is_empty() => text,
        Some(Value::String(_)) => return Err(Refused::bad("Invalid location: ")),
        other => {
            let shown = python::repr(other.unwrap_or(&Value::Null));
            return Err(Refused::bad(format!("Invalid location: {shown}")));
        }
    };
    let begins = |all: &[&str]| all.iter().any(|one| text.starts_with(one));
    if begins(&["file:///", "filesystem:///"]) {
        return Err(Refused::bad(
            "File based imports are not allowed. Please use a non-local source of image data.",
        ));
    }
    if !begins(&["http://", "https://"]) {
        return Err(Refused::bad(
            "The given uri is not valid. Please specify a valid uri from the following list of supported uri ['http']",
        ));
    }
    match may_be_fetched(settings, text) {
        Some(_) => Ok(()),
        None => Err(Refused::bad(format!(
            "URI for legacy import task does not pass filtering: {text}"
        ))),
    }
}

/// What the task fails for.
fn why(kind: &str, input: &Value) -> String {
    let nothing = Map::new();
    let input = input.as_object().unwrap_or(&nothing);
    let needed: &[&str] = match kind {
        "api_image_import" => &["image_id"],
        "location_import" => &["image_id", "loc_url", "validation_data"],
        _ => &["import_from", "import_from_format", "image_properties"],
    };
    if kind != "import" && input.is_empty() {
        return format!("Input to {kind} task is empty.");
    }
    match needed.iter().find(|key| !input.contains_key(**key)) {
        Some(key) if kind == "api_image_import" => format!("Missing required '{key}' field"),
        Some(key) => format!("Input does not contain '{key}' field"),
        None => NOT_DONE.to_owned(),
    }
}
