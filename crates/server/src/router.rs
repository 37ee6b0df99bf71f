//! From a request to its answer: a request id, who asks, which resource, which method, and the page of an error.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use identity::Refusal;
use tracing::Instrument as _;

use crate::api::{self, Resource};
use crate::refused::{Form, Refused};
use crate::request::{Request, unauthorized};
use crate::service::Service;

/// The header in which every answer has the id of its request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-openstack-request-id");

/// The image service: everything that no other route of the router takes.
pub fn router(service: Service) -> Router {
    Router::new().fallback(answer).with_state(service)
}

async fn answer(State(service): State<Service>, request: http::Request<Body>) -> Response {
    let id = format!("req-{}", uuid::Uuid::new_v4());
    let accept = Form::of(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", id, %method, path);
    let begun = std::time::Instant::now();
    let (response, user) = async {
        let mut user = None;
        let response = match dispatch(&service, request, &id, &mut user).await {
            Ok(response) => response,
            Err(refused) => refused.page(accept),
        };
        (response, user)
    }
    .instrument(span.clone())
    .await;
    let mut response = response;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    service.metrics.answered(&method, status);
    service.seconds.observe(begun.elapsed().as_secs_f64());
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status, milliseconds, user, "answered"));
    response
}

async fn dispatch(
    service: &Service,
    request: http::Request<Body>,
    id: &str,
    user: &mut Option<String>,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    if path == "/healthcheck" {
        return Ok(api::discovery::health(service).await);
    }
    if path == "/metrics" && service.settings.metrics {
        return Ok(service.metrics().await?.into_response());
    }
    if !(path == "/v2" || path.starts_with("/v2/")) {
        let status = match path.trim_end_matches('/') {
            "/versions" => StatusCode::OK,
            _ => StatusCode::MULTIPLE_CHOICES,
        };
        return Ok(api::discovery::versions(service, &parts, status));
    }
    let login = || unauthorized(service.settings.identity_url.as_deref());
    let token = parts.headers.get("x-auth-token");
    let token = token.and_then(|token| token.to_str().ok());
    let caller = match service.identity.caller(token.ok_or_else(login)?).await {
        Ok(caller) => caller,
        Err(Refusal::Unknown) => return Err(login()),
        Err(error @ Refusal::Unavailable(_)) => {
            tracing::error!(%error, "no token can be checked");
            return Err(Refused::unavailable(
                "The identity service does not answer.",
            ));
        }
    };
    *user = Some(caller.user.clone());
    if path == "/v2" {
        let place = format!("{}/v2/", api::discovery::base(service, &parts));
        return Ok((StatusCode::FOUND, [(header::LOCATION, place)]).into_response());
    }
    let segments = segments(path)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let resource = Resource::of(&segments).ok_or_else(Refused::nothing)?;
    if !resource.allows(&parts.method) {
        let text = format!(
            "The method {} is not allowed for this resource. ",
            parts.method
        );
        return Err(Refused::new(StatusCode::METHOD_NOT_ALLOWED, text)
            .header(header::ALLOW, &resource.allowed().join(", ")));
    }
    let request = Request::new(caller, id, (parts, body), &service.bodies);
    api::answer(service, resource, request).await
}

/// The decoded parts of a path behind `/v2`.
fn segments(path: &str) -> Result<Vec<String>, Refused> {
    let rest = path.strip_prefix("/v2").unwrap_or_default();
    let rest = rest.strip_prefix('/').unwrap_or_default();
    rest.split('/')
        .map(|part| {
            let text = percent_encoding::percent_decode_str(part).decode_utf8();
            let text = text.map_err(|_| Refused::nothing())?;
            // No name of ours has one, and PostgreSQL takes none.
            match text.contains('\0') {
                true => Err(Refused::nothing()),
                false => Ok(text.into_owned()),
            }
        })
        .collect()
}
