//! The page that says why another page cannot be had.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::Uri;

use super::{Shell, show};
use crate::app::App;
use crate::fault::Fault;
use crate::view::words::quoted;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "fault.html")]
struct Page {
    shell: Shell,
    status: u16,
    title: &'static str,
    message: String,
    causes: Vec<String>,
    hint: String,
    log_in: bool,
}

/// The page of a fault.
pub(crate) fn page(app: &App, visitor: &Visitor, uri: &Uri, fault: Fault) -> Response {
    let (status, ended) = (fault.status, fault.logged_out);
    let title = match status.as_u16() {
        401 => "Log in first",
        403 => "Not allowed",
        404 => "Not there",
        500 => "A fault of ours",
        502 => "The cloud does not answer",
        503 | 429 => "Too much at once",
        _ => "That does not work",
    };
    let page = Page {
        shell: Shell::new(app, visitor, "", uri),
        status: status.as_u16(),
        title,
        message: quoted(&fault.message),
        causes: fault.causes.iter().map(|cause| quoted(cause)).collect(),
        hint: quoted(&fault.hint.unwrap_or_default()),
        log_in: app.options.login.is_some() && (ended || visitor.session().is_none()),
    };
    show(status, &page).unwrap_or_else(|_| status.into_response())
}
