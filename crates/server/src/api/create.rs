//! A new record.

use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use super::discovery::base;
use super::info::METHODS;
use super::json;
use super::validate::{check, not_reserved, set};
use crate::limits::{MAX_NAME, MAX_PROPERTIES, MAX_TAGS};
use crate::policy;
use crate::python;
use crate::records::Image;
use crate::records::images::{self as records, Unwritten};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

const IMPORT_METHODS: HeaderName = HeaderName::from_static("openstack-image-import-methods");
const STORE_IDS: HeaderName = HeaderName::from_static("openstack-image-store-ids");

pub(crate) async fn image(service: &Service, mut request: Request) -> Result<Response, Refused> {
    let body = request.json().await?;
    let image = wanted(&request, &body)?;
    allowed(&request, &image)?;
    quotas(service, &image).await?;
    match records::insert(&service.pool, &image).await {
        Ok(()) => {}
        Err(Unwritten::Taken) => {
            return Err(Refused::conflict(format!(
                "Image ID {} already exists!",
                image.id
            )));
        }
        Err(Unwritten::Database(error)) => return Err(error.into()),
    }
    let mut response = json(StatusCode::CREATED, &image.shown(&service.settings.store));
    let location = format!("{}/v2/images/{}", base(service, &request.parts), image.id);
    for (name, value) in [
        (header::LOCATION, location),
        (IMPORT_METHODS, METHODS.join(",")),
        (STORE_IDS, service.settings.store.clone()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// The image that the body describes.
fn wanted(request: &Request, body: &Value) -> Result<Image, Refused> {
    let Value::Object(body) = body else {
        return Err(Refused::bad(format!(
            "Provided object does not match schema 'image': {} is not of type 'object'",
            python::repr(body)
        )));
    };
    for key in ["direct_url", "self", "file", "schema", "stores"] {
        if body.contains_key(key) {
            return Err(Refused::forbidden(format!(
                "Attribute '{key}' is read-only."
            )));
        }
    }
    for (key, value) in body {
        check(key, value)?;
    }
    let id = body.get("id").and_then(Value::as_str);
    let id = id.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned);
    let mut image = Image::new(id, request.caller.project.clone());
    for (key, value) in body {
        match key.as_str() {
            "id" => {}
            // Known words that are no client's to say.
            // Glance takes them and forgets them.
            "os_hash_algo" | "os_hash_value" => {}
            "locations" => return Err(Refused::forbidden("Attribute 'locations' is reserved.")),
            "status" | "checksum" | "size" | "virtual_size" | "created_at" | "updated_at" => {
                return Err(Refused::forbidden(format!(
                    "Attribute '{key}' is read-only."
                )));
            }
            _ if set(&mut image, key, value)? => {}
            _ => {
                if key.chars().count() > MAX_NAME {
                    return Err(Refused::bad(
                        "Custom property should not be greater than 255 characters.",
                    ));
                }
                not_reserved(key)?;
                narrow(key, "Property names can't contain 4 byte unicode.")?;
                image.properties.insert(key.clone(), value.clone());
            }
        }
    }
    narrow(
        image.name.as_deref().unwrap_or_default(),
        "Name can't contain 4 byte unicode characters.",
    )?;
    Ok(image)
}

/// # Errors
/// 400 for what MySQL once could not keep.
fn narrow(text: &str, reason: &str) -> Result<(), Refused> {
    match text.chars().any(|letter| u32::from(letter) > 0xffff) {
        true => Err(Refused::bad(reason)),
        false => Ok(()),
    }
}

fn allowed(request: &Request, image: &Image) -> Result<(), Refused> {
    let caller = &request.caller;
    let own = caller.project.is_some() && image.owner == caller.project;
    let may = caller.is_admin() || (own && caller.has("member"));
    if !may {
        let owner = image.owner.as_deref().unwrap_or("None");
        return Err(match own {
            true => policy::refusal("add_image"),
            false => Refused::denied(format!(
                "You are not permitted to create images owned by '{owner}'"
            )),
        });
    }
    policy::publish(caller, image.visibility, image.owner.as_deref())
}

async fn quotas(service: &Service, image: &Image) -> Result<(), Refused> {
    properties(image.properties.len())?;
    tags(image.tags.len())?;
    let (Some(limit), Some(owner)) = (service.settings.image_quota, &image.owner) else {
        return Ok(());
    };
    let used = records::usage(&service.pool, owner).await?.images;
    if u64::try_from(used).unwrap_or(u64::MAX) >= limit {
        return Err(Refused::too_large(format!(
            "Project {owner} is over a limit for [Resource image_count_total is over limit of {limit} due to current \
             usage {used} and delta 1]"
        )));
    }
    Ok(())
}

/// # Errors
/// 413 for too many properties.
pub(crate) fn properties(count: usize) -> Result<(), Refused> {
    if count <= MAX_PROPERTIES {
        return Ok(());
    }
    Err(Refused::too_large(format!(
        "The limit has been exceeded on the number of allowed image properties. Attempted: {count}, Maximum: \
         {MAX_PROPERTIES}"
    )))
}

/// # Errors
/// 413 for too many tags.
pub(crate) fn tags(count: usize) -> Result<(), Refused> {
    if count <= MAX_TAGS {
        return Ok(());
    }
    Err(Refused::too_large(format!(
        "The limit has been exceeded on the number of allowed image tags. Attempted: {count}, Maximum: {MAX_TAGS}"
    )))
}
