//! Lists of images: filtered, sorted, in pages.

mod filter;
mod sort;

use axum::response::Response;
use http::StatusCode;

use super::json as answer;
use crate::limits::{DEFAULT_PAGE, MAX_PAGE, SCAN};
use crate::policy;
use crate::records::page::{self, After, Scope};
use crate::records::{Image, Shown, images as records, members};
use crate::refused::Refused;
use crate::request::Request;
use crate::service::Service;
use filter::Filter;
use sort::Order;

pub(crate) async fn images(service: &Service, request: &Request) -> Result<Response, Refused> {
    let query = request.query();
    let wanted = |name: &str| {
        let found = query.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let limit = limit(wanted("limit"))?;
    let filter = Filter::of(&query)?;
    let order = Order::of(&query)?;
    policy::list(&request.caller)?;
    let marker = match wanted("marker") {
        Some(id) => Some(marker(service, request, id).await?),
        None => None,
    };
    let images = if order.is_by_time() {
        by_time(service, request, &filter, &order, marker, limit).await?
    } else {
        sorted(service, request, &filter, &order, marker, limit).await?
    };
    Ok(answer(
        StatusCode::OK,
        &body(&images, &query, limit, &service.settings.store),
    ))
}

fn limit(text: Option<&str>) -> Result<u64, Refused> {
    let Some(text) = text else {
        return Ok(DEFAULT_PAGE);
    };
    let limit: i64 = text
        .trim()
        .parse()
        .map_err(|_| Refused::bad("limit param must be an integer"))?;
    let limit = u64::try_from(limit).map_err(|_| Refused::bad("limit param must be positive"))?;
    Ok(limit.min(MAX_PAGE))
}

/// The image behind which the page begins.
async fn marker(service: &Service, request: &Request, id: &str) -> Result<Image, Refused> {
    let missing = || Refused::bad(format!("No image found with ID {id}"));
    let image = records::get(&service.pool, id).await?.ok_or_else(missing)?;
    let member = match &request.caller.project {
        Some(project) => members::one(&service.pool, id, project).await?.is_some(),
        None => false,
    };
    match policy::sees(&request.caller, &image, member) {
        true => Ok(image),
        false => Err(Refused::forbidden(format!(
            "Forbidding request, image {id} not visible"
        ))),
    }
}

fn scope<'a>(request: &'a Request, filter: &'a Filter) -> Scope<'a> {
    Scope {
        admin: request.caller.is_admin(),
        project: request.caller.project.as_deref().unwrap_or_default(),
        member_status: &filter.member_status,
        visibility: filter.visibility.as_deref(),
        hidden: filter.hidden,
        name: filter.name(),
    }
}

/// The usual order, which the database has an index for: only as many records are read as the page needs.
async fn by_time(
    service: &Service,
    request: &Request,
    filter: &Filter,
    order: &Order,
    marker: Option<Image>,
    limit: u64,
) -> Result<Vec<Image>, Refused> {
    let scope = scope(request, filter);
    let down = order.is_down();
    let mut after = marker.map(|image| After {
        created: image.created,
        id: image.id,
    });
    let mut images = Vec::new();
    // Most filters let most images through; where one does not, more are read at once.
    let mut rows = limit;
    while (images.len() as u64) < limit {
        let found = page::read(&service.pool, &scope, down, after.as_ref(), rows).await?;
        let whole = (found.len() as u64) < rows;
        after = found.last().map(|image| After {
            created: image.created,
            id: image.id.clone(),
        });
        let left = usize::try_from(limit)
            .unwrap_or(usize::MAX)
            .saturating_sub(images.len());
        images.extend(
            found
                .into_iter()
                .filter(|image| filter.takes(image))
                .take(left),
        );
        if whole {
            break;
        }
        rows = rows.max(SCAN);
    }
    Ok(images)
}

/// Another order: all that match are read, sorted and cut.
async fn sorted(
    service: &Service,
    request: &Request,
    filter: &Filter,
    order: &Order,
    marker: Option<Image>,
    limit: u64,
) -> Result<Vec<Image>, Refused> {
    let scope = scope(request, filter);
    let mut after = None;
    let mut images = Vec::new();
    loop {
        let rows = SCAN;
        let found = page::read(&service.pool, &scope, true, after.as_ref(), rows).await?;
        let whole = (found.len() as u64) < rows;
        after = found.last().map(|image| After {
            created: image.created,
            id: image.id.clone(),
        });
        images.extend(found.into_iter().filter(|image| filter.takes(image)));
        if whole {
            break;
        }
    }
    if let Some(marker) = marker {
        images.retain(|image| order.compare(image, &marker).is_gt());
    }
    images.sort_by(|one, other| order.compare(one, other));
    images.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(images)
}

fn body<'a>(
    images: &'a [Image],
    query: &[(String, String)],
    limit: u64,
    store: &'a str,
) -> Page<'a> {
    let address = |marker| address("/v2/images", query, marker);
    let next = images.last().filter(|_| images.len() as u64 == limit);
    Page {
        images: images.iter().map(|image| image.shown(store)).collect(),
        first: address(None),
        schema: "/v2/schemas/images",
        next: next.map(|last| address(Some(&last.id))),
    }
}

/// A page of a list, as the API shows it.
#[derive(serde::Serialize)]
struct Page<'a> {
    images: Vec<Shown<'a>>,
    first: String,
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The address of a page of a list: that of the request, from the marker on or from the start.
pub(super) fn address(path: &str, query: &[(String, String)], marker: Option<&str>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in query.iter().filter(|(key, _)| key != "marker") {
        pairs.append_pair(key, value);
    }
    if let Some(marker) = marker {
        pairs.append_pair("marker", marker);
    }
    match pairs.finish() {
        pairs if pairs.is_empty() => path.to_owned(),
        pairs => format!("{path}?{pairs}"),
    }
}
