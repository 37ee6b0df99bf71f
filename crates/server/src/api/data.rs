//! The bytes of an image: given out, in whole or in part, and taken in.

use std::ops::Range;

use axum::body::Body;
use axum::response::Response;
use futures_util::TryStreamExt;
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::{empty, seen};
use crate::policy;
use crate::records::{Status, images as records};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;
use crate::store::{Content, StoreError};
use crate::upload::Upload;

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

pub(crate) async fn download(
    service: &Service,
    request: &Request,
    id: &str,
) -> Result<Response, Refused> {
    request.without_body()?;
    let image = seen(service, request, id).await?;
    if image.status == Status::Deactivated && !request.caller.is_admin() {
        return Err(Refused::forbidden(
            "The requested image has been deactivated. Image data download is forbidden.",
        ));
    }
    policy::read(&request.caller)?;
    policy::download(&request.caller)?;
    prefer(service, request)?;
    let (Some(hash), Some(size)) = (&image.hash, image.size) else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    };
    let range = range(request, size)?;
    let (start, end) = range.unwrap_or((0, size));
    let content = content(service, id, hash, start..end).await?;
    let sent = service.metrics.sent.clone();
    let content = content.inspect_ok(move |piece| {
        sent.inc_by(piece.len() as u64);
    });
    let mut response = Response::new(Body::from_stream(content));
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, "application/octet-stream".to_owned());
    put(
        header::CONTENT_LENGTH,
        end.saturating_sub(start).to_string(),
    );
    if let Some(checksum) = &image.checksum {
        put(CONTENT_MD5, checksum.clone());
    }
    if range.is_some() {
        let last = end.saturating_sub(1);
        put(
            header::CONTENT_RANGE,
            format!("bytes {start}-{last}/{size}"),
        );
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

/// The bytes as the store has them.
async fn content(
    service: &Service,
    id: &str,
    hash: &str,
    range: Range<u64>,
) -> Result<Content, Refused> {
    match service.store.get(hash, range).await {
        Ok(content) => Ok(content),
        Err(error @ StoreError::Missing(_)) => {
            // It may have been deleted since its record was read.
            let now = records::get(&service.pool, id).await?;
            if now.is_none_or(|image| image.hash.as_deref() != Some(hash)) {
                return Err(Refused::missing(format!("No image found with ID {id}")));
            }
            tracing::error!(image = id, hash, "the store has lost the bytes of an image");
            Err(Refused::failed(&error))
        }
        Err(error) => {
            tracing::error!(%error, image = id, "the bytes of an image cannot be read");
            Err(Refused::from(&error))
        }
    }
}

/// `?prefer=store,…` names stores; there is one.
fn prefer(service: &Service, request: &Request) -> Result<(), Refused> {
    for (key, value) in request.query() {
        if key != "prefer" {
            continue;
        }
        for store in value.split(',').map(str::trim).filter(|s| !s.is_empty()) {
            if store != service.settings.store {
                return Err(Refused::bad(format!("Store '{store}' is not configured.")));
            }
        }
    }
    Ok(())
}

/// The part that is asked for: its first byte and the one behind its last.
fn range(request: &Request, size: u64) -> Result<Option<(u64, u64)>, Refused> {
    let Some(text) = request.headers().get(header::RANGE) else {
        return content_range(request, size);
    };
    let not_available = |detail: String| {
        Refused::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "The Range requested is not available.",
        )
        .detail(detail)
    };
    let text = text.to_str().unwrap_or_default();
    if text.contains(',') {
        return Err(Refused::bad(
            "Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests \
             instead.",
        ));
    }
    let parsed = text
        .trim()
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'));
    let (first, last) = match parsed {
        Some((first, last)) => (first.trim(), last.trim()),
        None => return Err(not_available("Invalid Range header.".to_owned())),
    };
    let number = |text: &str| {
        text.parse::<u64>()
            .map_err(|_| not_available("Invalid Range header.".to_owned()))
    };
    if first.is_empty() {
        let wanted = number(last)?;
        if wanted == 0 || size == 0 {
            return Err(not_available("Invalid Range header.".to_owned()));
        }
        return Ok(Some((size.saturating_sub(wanted), size)));
    }
    let start = number(first)?;
    if start >= size {
        let most = size.saturating_sub(1);
        return Err(not_available(format!(
            "Invalid start position in Range header. Start position MUST be in the inclusive range [0, {most}]."
        )));
    }
    let end = match last {
        "" => size,
        last => number(last)?.saturating_add(1).min(size),
    };
    match end > start {
        true => Ok(Some((start, end))),
        false => Err(not_available("Invalid Range header.".to_owned())),
    }
}

/// Old clients say in `Content-Range: bytes 0-99/*` what they want.
fn content_range(request: &Request, size: u64) -> Result<Option<(u64, u64)>, Refused> {
    let Some(text) = request.headers().get(header::CONTENT_RANGE) else {
        return Ok(None);
    };
    let text = text.to_str().unwrap_or_default();
    let parsed = text
        .trim()
        .strip_prefix("bytes ")
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(range, _)| range.split_once('-'))
        .and_then(|(first, last)| {
            let last: u64 = last.trim().parse().ok()?;
            Some((first.trim().parse::<u64>().ok()?, last.checked_add(1)?))
        });
    match parsed {
        Some((start, end)) if start < end && end <= size => Ok(Some((start, end))),
        _ => Err(Refused::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "The Range requested is not available.",
        )
        .detail("Invalid Content-Range header.")),
    }
}

/// How many bytes the client says there will be.
fn foretold(request: &Request) -> Result<Option<u64>, Refused> {
    let Some(size) = request.headers().get("x-openstack-image-size") else {
        return Ok(request.length());
    };
    let size = size.to_str().ok().and_then(|size| size.trim().parse().ok());
    let size: u64 =
        size.ok_or_else(|| Refused::bad("Invalid or missing image size in request headers."))?;
    match request.length() {
        Some(length) if length != size => Err(mismatch(size, length)),
        _ => Ok(Some(size)),
    }
}

/// 400 for data of another length than was said.
pub(crate) fn mismatch(said: u64, came: u64) -> Refused {
    Refused::bad(format!(
        "Size mismatch: expected {said} bytes, got {came} bytes"
    ))
}

/// # Errors
/// 415 for what is not announced as bytes.
pub(crate) fn octets(request: &Request) -> Result<(), Refused> {
    let kind = request.media_type();
    match kind == "application/octet-stream" {
        true => Ok(()),
        false => Err(Refused::media_type(
            &kind,
            format!("Invalid content type {kind}"),
        )),
    }
}

pub(crate) async fn upload(
    service: &Service,
    mut request: Request,
    id: &str,
) -> Result<Response, Refused> {
    octets(&request)?;
    if let Some(store) = request.headers().get("x-image-meta-store") {
        let store = store.to_str().unwrap_or_default();
        if store != service.settings.store {
            return Err(Refused::bad(format!(
                "Store for identifier {store} not found"
            )));
        }
    }
    let image = seen(service, &request, id).await?;
    policy::change(&request.caller, &image, "upload_image")?;
    let length = foretold(&request)?;
    let work = uuid::Uuid::new_v4().to_string();
    let upload = Upload::begin(service, image, Status::Saving, work, length).await?;
    upload.run(request.body()).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
