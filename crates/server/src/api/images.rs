//! One image: shown, changed, deleted.

use axum::response::Response;
use http::StatusCode;

use super::{empty, json, seen};
use crate::limits::ATTEMPTS;
use crate::policy;
use crate::records::{Image, images as records};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

pub(crate) async fn show(
    service: &Service,
    request: &Request,
    id: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let image = seen(service, request, id).await?;
    policy::read(&request.caller)?;
    Ok(json(StatusCode::OK, &image.shown(&service.settings.store)))
}

/// Reads an image, changes it and writes it, again when somebody else has written in between.
///
/// # Errors
/// What `change` says; 409 when others never let it be.
pub(crate) async fn change<F>(
    service: &Service,
    request: &Request,
    id: &str,
    mut change: F,
) -> Result<Image, Refused>
where
    F: FnMut(&mut Image) -> Result<(), Refused>,
{
    for _ in 0..ATTEMPTS {
        let mut image = seen(service, request, id).await?;
        change(&mut image)?;
        let mut connection = service.pool.acquire().await?;
        if records::update(&mut connection, &image).await? {
            drop(connection);
            let written = records::get(&service.pool, id).await?;
            return Ok(written.unwrap_or(image));
        }
    }
    Err(Refused::conflict(format!(
        "The image {id} is changed by others all the time."
    )))
}

pub(crate) async fn delete(
    service: &Service,
    request: &Request,
    id: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let missing = || Refused::missing(format!("Failed to find image {id} to delete"));
    for _ in 0..ATTEMPTS {
        let image = match seen(service, request, id).await {
            Err(refused) if refused.status == StatusCode::NOT_FOUND => return Err(missing()),
            other => other?,
        };
        policy::change(&request.caller, &image, "delete_image")?;
        if image.protected {
            return Err(Refused::forbidden(format!(
                "Image {id} is protected and cannot be deleted."
            )));
        }
        if !records::delete(&service.pool, &image).await? {
            continue;
        }
        for hash in [image.hash, image.staged.map(|stage| stage.hash)]
            .into_iter()
            .flatten()
        {
            service.release(&hash).await;
        }
        return Ok(empty(StatusCode::NO_CONTENT));
    }
    Err(Refused::conflict(format!(
        "The image {id} is changed by others all the time."
    )))
}
