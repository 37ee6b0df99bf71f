//! What every request passes: who is asking, whether it may come from where it comes, and the headers of every answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::app::App;
use crate::fault::Fault;
use crate::limits::MAX_ADDRESS;
use crate::page;
use crate::visitor::Visitor;

/// Nothing but our own files, no scripts or styles in pages, forms to ourselves alone, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: browsers would then hide the origin of our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// What was asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Below the root of the pages.
    pub(crate) uri: &'a http::Uri,
    /// Whether it was a form.
    pub(crate) posted: bool,
}

/// Every request passes here.
pub(crate) async fn pass(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match admit(&app, &request) {
        Err((status, message)) => (status, message).into_response(),
        Ok(()) => {
            let visitor = Visitor::of(&app, request.headers());
            let uri = request.uri().clone();
            let posted = request.method() == Method::POST;
            request.extensions_mut().insert(visitor.clone());
            let answer = match posted.then(|| from_here(request.headers())) {
                Some(Err(fault)) => fault.into_response(),
                // What is sent of an upload has a limit of its own.
                _ if posted && uri.path() == "/upload" => next.run(request).await,
                _ => tokio::time::timeout(app.options.patience, next.run(request))
                    .await
                    .unwrap_or_else(|_| late(&app, posted).into_response()),
            };
            let asked = Asked { uri: &uri, posted };
            let mut answer = dress(&app, &visitor, asked, answer);
            visitor.remember(&app, answer.headers_mut());
            answer
        }
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether it is asked for under a name that is ours. A page of somebody else's whose name was made to point here is not.
fn admit(app: &App, request: &Request) -> Result<(), (StatusCode, &'static str)> {
    let uri = request.uri();
    if uri
        .path_and_query()
        .is_some_and(|all| all.as_str().len() > MAX_ADDRESS)
    {
        return Err((StatusCode::URI_TOO_LONG, "the address is too long\n"));
    }
    let hosts = &app.options.hosts;
    let asked = text(request.headers(), header::HOST)
        .or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let name = asked.map(without_port).unwrap_or_default();
    match hosts.is_empty() || hosts.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        true => Ok(()),
        false => Err((
            StatusCode::MISDIRECTED_REQUEST,
            "this is not the server of that name; its operator can give it one, and a proxy before it has to pass `Host` on\n",
        )),
    }
}

/// Whether a form was sent from a page of ours, as far as the browser tells.
fn from_here(headers: &HeaderMap) -> Result<(), Fault> {
    let site = headers
        .get("sec-fetch-site")
        .and_then(|site| site.to_str().ok());
    let elsewhere = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let origin = text(headers, header::ORIGIN);
    let host = text(headers, header::HOST).unwrap_or_default();
    let other = origin.is_some_and(|origin| {
        let named = origin.split_once("://").map(|(_, named)| named);
        named.is_none_or(|named| !named.eq_ignore_ascii_case(host))
    });
    if elsewhere || other {
        return Err(Fault::forbidden("the form was sent from another site"));
    }
    Ok(())
}

/// The cloud takes too long.
fn late(app: &App, posted: bool) -> Fault {
    let message = format!(
        "the cloud has not answered for {} seconds",
        app.options.patience.as_secs()
    );
    let fault = Fault::new(StatusCode::GATEWAY_TIMEOUT, message);
    match posted {
        true => fault.hint(
            "nobody knows whether what you asked for has come about: look before you ask again",
        ),
        false => fault,
    }
}

/// Makes a page of what went wrong.
fn dress(app: &App, visitor: &Visitor, asked: Asked<'_>, mut answer: Response) -> Response {
    let told = answer.extensions_mut().remove::<Fault>();
    let fault = told.or_else(|| bare(&answer));
    let Some(fault) = fault else {
        return answer;
    };
    let may_log_in = app.options.login.is_some() && visitor.session().is_none();
    let unknown = fault.status == StatusCode::UNAUTHORIZED;
    if fault.logged_out {
        // The cloud does not take the token any more.
        visitor.log_out(app);
    }
    if unknown && may_log_in && !fault.logged_out {
        let next = page::home(app, asked.uri);
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let ended = if visitor.expired { "&ended=1" } else { "" };
        let to = format!("{}/login?next={next}{ended}", app.root);
        return page::go(&to).unwrap_or(answer);
    }
    page::fault::page(app, visitor, asked, &fault)
}

/// What the router itself refuses.
fn bare(answer: &Response) -> Option<Fault> {
    let message = match answer.status() {
        StatusCode::NOT_FOUND => "there is no such page",
        StatusCode::METHOD_NOT_ALLOWED => "that cannot be done with this page",
        StatusCode::BAD_REQUEST => "the address makes no sense",
        _ => return None,
    };
    let typed = answer.headers().contains_key(header::CONTENT_TYPE);
    let html = text(answer.headers(), header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("text/html"));
    (!typed || !html).then(|| Fault::new(answer.status(), message))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// `[::1]:8790` → `[::1]`
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_part_of_a_name() {
        for (host, name) in [
            ("127.0.0.1:8790", "127.0.0.1"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("images.example", "images.example"),
        ] {
            assert_eq!(without_port(host), name);
        }
    }

    #[test]
    fn a_form_from_elsewhere_is_refused() {
        let from = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:8790"));
            headers.insert(name, HeaderValue::from_static(value));
            from_here(&headers).is_ok()
        };
        assert!(from("origin", "http://127.0.0.1:8790"));
        assert!(!from("origin", "http://127.0.0.1:8791"));
        assert!(!from("origin", "https://evil.example"));
        assert!(!from("origin", "null"));
        assert!(from("sec-fetch-site", "same-origin"));
        assert!(!from("sec-fetch-site", "cross-site"));
        assert!(!from("sec-fetch-site", "same-site"));
    }
}
