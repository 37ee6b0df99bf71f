//! Where the bytes of an image are, as far as that is anybody's business: in the one store that there is.

use axum::response::Response;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{json as answer, seen};
use crate::policy;
use crate::python;
use crate::records::Status;
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// Locations: shown to services and admins. None can be added, because bytes are in the store or nowhere.
pub(crate) async fn locations(
    service: &Service,
    mut request: Request,
    id: &str,
) -> Result<Response, Refused> {
    if request.parts.method == Method::POST {
        let body = request.json().await?;
        well_formed(&body)?;
        let image = seen(service, &request, id).await?;
        if image.status != Status::Queued {
            return Err(Refused::conflict(format!(
                "It's not allowed to add locations if image status is {}.",
                image.status.word()
            )));
        }
        let caller = &request.caller;
        if !caller.has("service") {
            policy::change(caller, &image, "add_image_location")?;
        }
        return Err(Refused::forbidden(
            "http store must be enabled to use location API by normal user.",
        ));
    }
    request.without_body()?;
    let image = seen(service, &request, id).await?;
    if !request.caller.is_admin() && !request.caller.has("service") {
        return Err(policy::refusal("fetch_image_location"));
    }
    let store = &service.settings.store;
    let places: Vec<Value> = image
        .hash
        .iter()
        .map(|hash| {
            json!({ "url": format!("ectype://{store}/sha512/{hash}"), "metadata": { "store": store } })
        })
        .collect();
    Ok(answer(StatusCode::OK, &Value::Array(places)))
}

fn well_formed(body: &Value) -> Result<(), Refused> {
    let refused = |reason: &str| {
        Refused::bad(format!(
            "Provided object does not match schema 'location': {} {reason}",
            python::repr(body)
        ))
    };
    match body.get("url") {
        None => Err(refused("has no 'url'")),
        Some(Value::String(_)) => Ok(()),
        Some(_) => Err(refused("has a 'url' that is not of type 'string'")),
    }
}

/// The bytes of an image cannot be taken out of its last store.
pub(crate) async fn leave_store(
    service: &Service,
    request: &Request,
    store: &str,
    id: &str,
) -> Result<Response, Refused> {
    if store != service.settings.store {
        return Err(Refused::conflict(format!(
            "The selected store {store} is not available on this node."
        )));
    }
    let image = match seen(service, request, id).await {
        Err(refused) if refused.status == StatusCode::NOT_FOUND => {
            return Err(Refused::missing(format!("Failed to find image {id}")));
        }
        other => other?,
    };
    policy::admin(&request.caller, "delete_image_location")?;
    if image.status != Status::Active {
        return Err(Refused::conflict(format!(
            "It's not allowed to remove image data from store if image status is not 'active' but '{}'.",
            image.status.word()
        )));
    }
    Err(Refused::forbidden(
        "Cannot delete image data from the only store containing it. Consider deleting the image instead.",
    ))
}
