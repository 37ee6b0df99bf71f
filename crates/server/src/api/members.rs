//! Projects that an image is shared with: the owner offers, the other accepts or rejects.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::{empty, json as answer_json, seen};
use crate::limits::{MAX_MEMBERS, MAX_NAME};
use crate::moment;
use crate::policy;
use crate::records::members::{self, Member};
use crate::records::{Image, Visibility};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

async fn shared(service: &Service, request: &Request, id: &str) -> Result<Image, Refused> {
    match seen(service, request, id).await {
        Err(refused) if refused.status == StatusCode::NOT_FOUND => {
            Err(Refused::missing(format!("Image {id} not found.")))
        }
        other => other,
    }
}

/// Whether the caller is an admin or the owner, or the member itself.
fn may_see(request: &Request, image: &Image, member: Option<&str>) -> bool {
    let caller = &request.caller;
    caller.is_admin()
        || policy::owns(caller, image)
        || (member.is_some() && caller.project.as_deref() == member)
}

pub(crate) async fn list(
    service: &Service,
    request: &Request,
    id: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let image = shared(service, request, id).await?;
    policy::read(&request.caller)?;
    if image.visibility != Visibility::Shared {
        return Err(Refused::forbidden(format!(
            "Not allowed to list members for image {id}: Only shared images have members."
        )));
    }
    let all = members::all(&service.pool, id).await?;
    let own: Vec<Value> = all
        .iter()
        .filter(|member| may_see(request, &image, Some(&member.member)))
        .map(Member::json)
        .collect();
    let body = json!({ "members": own, "schema": "/v2/schemas/members" });
    Ok(answer_json(StatusCode::OK, &body))
}

pub(crate) async fn show(
    service: &Service,
    request: &Request,
    id: &str,
    member: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let image = shared(service, request, id).await?;
    policy::read(&request.caller)?;
    if image.visibility != Visibility::Shared {
        return Err(Refused::missing("Only shared images have members."));
    }
    let found = match may_see(request, &image, Some(member)) {
        true => members::one(&service.pool, id, member).await?,
        false => None,
    };
    match found {
        Some(member) => Ok(answer_json(StatusCode::OK, &member.json())),
        None => Err(not_there(id, member)),
    }
}

fn not_there(id: &str, member: &str) -> Refused {
    Refused::missing(format!(
        "{member} not found in the member list of the image {id}."
    ))
}

pub(crate) async fn add(
    service: &Service,
    mut request: Request,
    id: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let Value::Object(body) = body else {
        return Err(Refused::bad(
            "Expected a member in the form: {\"member\": \"image_id\"}",
        ));
    };
    let member = match body.get("member") {
        None => return Err(Refused::bad("Member to be added not specified")),
        Some(Value::String(member)) if !member.trim().is_empty() => member.clone(),
        Some(Value::String(_) | Value::Null) => return Err(Refused::bad("Member can't be empty")),
        Some(_) => {
            return Err(Refused::bad(
                "Expected a member in the form: {\"member\": \"image_id\"}",
            ));
        }
    };
    if member.chars().count() > MAX_NAME {
        return Err(Refused::bad(
            "Invalid image member length. Maximum is 255 characters.",
        ));
    }
    let image = shared(service, &request, id).await?;
    if image.visibility != Visibility::Shared {
        return Err(Refused::forbidden(format!(
            "Not allowed to create members for image {id}."
        )));
    }
    policy::change(&request.caller, &image, "add_member")?;
    if members::all(&service.pool, id).await?.len() >= MAX_MEMBERS {
        return Err(Refused::too_large(format!(
            "Image member limit exceeded for image {id}: The limit has been exceeded on the number of allowed image \
             members for this image. Attempted: {}, Maximum: {MAX_MEMBERS}:",
            MAX_MEMBERS + 1
        )));
    }
    let now = moment::now();
    let member = Member {
        image: id.to_owned(),
        member,
        status: "pending".to_owned(),
        created: now,
        updated: now,
    };
    if !members::add(&service.pool, &member).await? {
        return Err(Refused::conflict(format!(
            "Member {} is duplicated for image {id}",
            member.member
        )));
    }
    Ok(answer_json(StatusCode::OK, &member.json()))
}

pub(crate) async fn answer(
    service: &Service,
    mut request: Request,
    id: &str,
    member: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let Value::Object(body) = body else {
        return Err(Refused::bad(
            "Expected a status in the form: {\"status\": \"status\"}",
        ));
    };
    let status = match body.get("status") {
        None => return Err(Refused::bad("Status not specified")),
        // What is no text is no answer either, and is told so below.
        Some(status) => status.as_str().unwrap_or_default().to_owned(),
    };
    let image = shared(service, &request, id).await?;
    let caller = &request.caller;
    if image.visibility != Visibility::Shared {
        return Err(Refused::forbidden(format!(
            "Not allowed to update members for image {id}."
        )));
    }
    let found = match may_see(&request, &image, Some(member)) {
        true => members::one(&service.pool, id, member).await?,
        false => None,
    };
    found.ok_or_else(|| not_there(id, member))?;
    let own = caller.has("member") && caller.project.as_deref() == Some(member);
    if !caller.is_admin() && !own {
        return Err(policy::refusal("modify_member"));
    }
    if !["pending", "accepted", "rejected"].contains(&status.as_str()) {
        return Err(Refused::bad(
            "Incorrect request: Status must be \"pending\", \"accepted\" or \"rejected\".",
        ));
    }
    members::answer(&service.pool, id, member, &status).await?;
    let written = members::one(&service.pool, id, member).await?;
    let written = written.ok_or_else(|| not_there(id, member))?;
    Ok(answer_json(StatusCode::OK, &written.json()))
}

pub(crate) async fn remove(
    service: &Service,
    request: &Request,
    id: &str,
    member: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let image = shared(service, request, id).await?;
    if image.visibility != Visibility::Shared {
        return Err(Refused::forbidden(format!(
            "Not allowed to delete members for image {id}."
        )));
    }
    let found = match may_see(request, &image, Some(member)) {
        true => members::one(&service.pool, id, member).await?,
        false => None,
    };
    // Whoever sees the image is told that he may not, and not whom it is shared with.
    if found.is_none() && may_see(request, &image, Some(member)) {
        return Err(not_there(id, member));
    }
    policy::change(&request.caller, &image, "delete_member")?;
    match members::remove(&service.pool, id, member).await? {
        true => Ok(empty(StatusCode::NO_CONTENT)),
        false => Err(not_there(id, member)),
    }
}
