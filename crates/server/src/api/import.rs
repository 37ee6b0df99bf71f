//! An import is asked for: it is checked here, and done on a task of its own.

use axum::response::Response;
use disk::{Algorithm, Digest};
use http::StatusCode;
use serde_json::{Value, json};
use url::{Host, Url};

use super::info::METHODS;
use super::{empty, seen};
use crate::import::{Import, Source};
use crate::policy;
use crate::records::image::IMPORT_TASK;
use crate::records::tasks::Task;
use crate::records::{Image, Status};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::{Service, Settings};

pub(crate) async fn begin(
    service: &Service,
    mut request: Request,
    id: &str,
) -> Result<Response, Refused> {
    let body = request.json().await?;
    let method = method(&body)?;
    let image = seen(service, &request, id).await?;
    state(&image, &method)?;
    policy::change(&request.caller, &image, "modify_image")?;
    if image.properties.contains_key(IMPORT_TASK) || image.work.is_some() {
        return Err(Refused::conflict("Image has active task"));
    }
    stores(service, &body)?;
    let wanted = wanted(&body)?;
    let source = match method.as_str() {
        "web-download" => Source::Web(address(&service.settings, &body)?),
        _ => Source::Staged,
    };
    let input = json!({ "image_id": id, "import_req": body, "backend": [service.settings.store] });
    let mut task = Task::new("api_image_import", input);
    task.image = Some(id.to_owned());
    task.owner.clone_from(&request.caller.project);
    task.user = Some(request.caller.user.clone());
    task.request = Some(request.id.clone());
    let import = Import::begin(service, image, task, source, wanted).await?;
    tokio::spawn(import.run());
    Ok(empty(StatusCode::ACCEPTED))
}

/// The method's name.
fn method(body: &Value) -> Result<String, Refused> {
    let method = body
        .get("method")
        .ok_or_else(|| Refused::bad("Import request requires a 'method' field."))?;
    let name = method
        .get("name")
        .ok_or_else(|| Refused::bad("Import request requires a 'name' field."))?;
    let word = name
        .as_str()
        .map_or_else(|| crate::python::repr(name), str::to_owned);
    if !METHODS.contains(&word.as_str()) {
        return Err(Refused::bad(format!(
            "Unknown import method name '{word}'."
        )));
    }
    for key in ["all_stores_must_succeed", "all_stores"] {
        if body.get(key).is_some_and(|value| !value.is_boolean()) {
            return Err(Refused::bad(format!("'{key}' must be boolean value only")));
        }
    }
    Ok(word)
}

/// Whether the image is where the method finds it.
fn state(image: &Image, method: &str) -> Result<(), Refused> {
    if image.status == Status::Active {
        return Err(Refused::conflict(
            "Image with status active cannot be target for import",
        ));
    }
    if method == "web-download" && image.status != Status::Queued {
        return Err(Refused::conflict(format!(
            "Image needs to be in 'queued' state to use '{method}' method"
        )));
    }
    if method == "glance-direct" && image.status != Status::Uploading {
        return Err(Refused::conflict(
            "Image needs to be staged before 'glance-direct' method can be used",
        ));
    }
    for (key, value) in [
        ("container_format", &image.container_format),
        ("disk_format", &image.disk_format),
    ] {
        if value.is_none() {
            return Err(Refused::conflict(format!(
                "'{key}' needs to be set before import"
            )));
        }
    }
    Ok(())
}

/// The stores that are named must be the one that there is.
fn stores(service: &Service, body: &Value) -> Result<(), Refused> {
    let Some(stores) = body.get("stores") else {
        return Ok(());
    };
    if body.get("all_stores").and_then(Value::as_bool) == Some(true) {
        return Err(Refused::bad(
            "All_stores parameter can't be used with x-image-meta-store header or stores parameter",
        ));
    }
    for store in stores.as_array().into_iter().flatten() {
        let store = store.as_str().unwrap_or_default();
        if store != service.settings.store {
            return Err(Refused::conflict(format!(
                "Unknown scheme '{store}' found in URI"
            )));
        }
    }
    Ok(())
}

/// The digest that the bytes must have, where the client knows it: `validation_data` beside the method's name, in the
/// words of Glance's locations. Glance itself knows no such thing for imports.
fn wanted(body: &Value) -> Result<Option<Digest>, Refused> {
    let data = body
        .get("method")
        .and_then(|method| method.get("validation_data"));
    let Some(data) = data else {
        return Ok(None);
    };
    let text = |key: &str| data.get(key).and_then(Value::as_str);
    let value = text("os_hash_value")
        .ok_or_else(|| Refused::bad("'validation_data' requires an 'os_hash_value' field."))?;
    let algorithm = text("os_hash_algo").unwrap_or("sha512");
    let algorithm = algorithm
        .parse::<Algorithm>()
        .ok()
        .filter(|algorithm| *algorithm != Algorithm::Sha1)
        .ok_or_else(|| {
            Refused::bad(format!(
                "os_hash_algo must be md5, sha256 or sha512, not {algorithm}"
            ))
        })?;
    let digest = Digest::parse(algorithm, value).map_err(|_| {
        Refused::bad(format!(
            "os_hash_value ({value}) is not a valid hexadecimal value of {} bytes",
            algorithm.size()
        ))
    })?;
    Ok(Some(digest))
}

/// The address, if the service may fetch from it.
fn address(settings: &Settings, body: &Value) -> Result<Url, Refused> {
    let uri = body.get("method").and_then(|method| method.get("uri"));
    let text = uri.and_then(Value::as_str).unwrap_or("None");
    let refused = || {
        Refused::bad(format!(
            "URI for web-download does not pass filtering: {text}"
        ))
    };
    may_be_fetched(settings, text).ok_or_else(refused)
}

/// The address that a text names, if the service may fetch from it.
pub(crate) fn may_be_fetched(settings: &Settings, text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    // What a parser mends, another one reads as something else.
    let as_it_is = text
        .to_ascii_lowercase()
        .starts_with(&format!("{}://", url.scheme()));
    (as_it_is && !text.contains(":///") && may_fetch(settings, &url)).then_some(url)
}

/// Whether an address may be fetched, as far as can be told before its name is looked up.
pub(crate) fn may_fetch(settings: &Settings, url: &Url) -> bool {
    if !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return false;
    };
    if is_listed(settings, host) {
        return true;
    }
    let port = url.port_or_known_default().unwrap_or(0);
    let public = match url.host() {
        Some(Host::Ipv4(address)) => net::is_public(address.into()),
        Some(Host::Ipv6(address)) => net::is_public(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
        None => false,
    };
    public && settings.import_ports.contains(&port)
}

/// Whether the operator has named the host.
pub(crate) fn is_listed(settings: &Settings, host: &str) -> bool {
    settings
        .import_hosts
        .iter()
        .any(|own| own.eq_ignore_ascii_case(host))
}
