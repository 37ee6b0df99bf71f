//! Tags, one by one.

use axum::response::Response;
use http::StatusCode;

use super::empty;
use super::images::change;
use crate::limits::{MAX_NAME, MAX_TAGS};
use crate::policy;
use crate::python;
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

pub(crate) async fn set(
    service: &Service,
    request: &Request,
    id: &str,
    tag: &str,
    on: bool,
) -> Result<Response, Refused> {
    request.without_body()?;
    if tag.chars().count() > MAX_NAME {
        return Err(Refused::bad(format!(
            "Provided object does not match schema 'image': {} is too long",
            python::quoted(tag)
        )));
    }
    let changed = change(service, request, id, |image| {
        policy::change(&request.caller, image, "modify_image")?;
        let there = image.tags.iter().any(|own| own == tag);
        match (on, there) {
            (true, false) if image.tags.len() >= MAX_TAGS => {
                return Err(Refused::too_large(format!(
                    "Image tag limit exceeded for image {id}: The limit has been exceeded on the number of allowed \
                     image tags. Attempted: {}, Maximum: {MAX_TAGS}:",
                    image.tags.len() + 1
                )));
            }
            (true, false) => image.tags.push(tag.to_owned()),
            (false, false) => return Err(Refused::nothing()),
            (false, true) => image.tags.retain(|own| own != tag),
            (true, true) => {}
        }
        Ok(())
    });
    match changed.await {
        Err(refused) if refused.reason().starts_with("No image found") => {
            Err(Refused::missing(format!("Image {id} not found.")))
        }
        other => other.map(|_| empty(StatusCode::NO_CONTENT)),
    }
}
