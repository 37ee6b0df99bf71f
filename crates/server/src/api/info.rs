//! What the service says of itself: import methods, stores, usage, and that it has no cache.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, json};

use super::json as answer;
use crate::policy;
use crate::records::images as records;
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;

/// The import methods.
pub(crate) const METHODS: [&str; 2] = ["glance-direct", "web-download"];

pub(crate) fn import() -> Response {
    let methods = json!({
        "description": "Import methods available.",
        "type": "array",
        "value": METHODS,
    });
    answer(StatusCode::OK, &json!({ "import-methods": methods }))
}

pub(crate) fn stores(
    service: &Service,
    request: &Request,
    detail: bool,
) -> Result<Response, Refused> {
    let mut store = json!({
        "id": service.settings.store,
        "description": "images by their SHA-512",
        "default": "true",
    });
    if detail {
        policy::admin(&request.caller, "stores_info_detail")?;
        if let Some(store) = store.as_object_mut() {
            store.insert("type".to_owned(), json!("ectype"));
            store.insert("weight".to_owned(), json!(0));
            store.insert("properties".to_owned(), json!({}));
        }
    }
    Ok(answer(StatusCode::OK, &json!({ "stores": [store] })))
}

pub(crate) async fn usage(service: &Service, request: &Request) -> Result<Response, Refused> {
    let owner = request.caller.project.clone().unwrap_or_default();
    let used = records::usage(&service.pool, &owner).await?;
    let mut out = Map::new();
    let mebibytes = |bytes: i64| bytes / (1 << 20);
    if let Some(limit) = service.settings.project_quota {
        let limit = limit / (1 << 20);
        out.insert(
            "image_size_total".to_owned(),
            json!({ "limit": limit, "usage": mebibytes(used.stored) }),
        );
        out.insert(
            "image_stage_total".to_owned(),
            json!({ "limit": limit, "usage": mebibytes(used.staged) }),
        );
    }
    if let Some(limit) = service.settings.image_quota {
        out.insert(
            "image_count_total".to_owned(),
            json!({ "limit": limit, "usage": used.images }),
        );
        out.insert(
            "image_count_uploading".to_owned(),
            json!({ "limit": limit, "usage": used.uploading }),
        );
    }
    Ok(answer(StatusCode::OK, &json!({ "usage": out })))
}

pub(crate) fn cache(request: &Request) -> Result<Response, Refused> {
    let action = match request.parts.method.as_str() {
        "GET" => "cache_list",
        "PUT" => "cache_image",
        _ => "cache_delete",
    };
    policy::admin(&request.caller, action)?;
    Err(Refused::missing(
        "Caching via API is not supported at this site.",
    ))
}
