//! The page that says why another page cannot be had: what happened, where and when, and what to do.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::{Shell, show};
use crate::app::App;
use crate::fault::Fault;
use crate::guard::Asked;
use crate::view::words::{moment, sentence};
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
    place: String,
    when: String,
    /// Where to try again; empty where that is of no use.
    again: String,
    log_in: bool,
}

/// The page of a fault.
pub(crate) fn page(app: &App, visitor: &Visitor, asked: Asked<'_>, fault: &Fault) -> Response {
    let (status, ended) = (fault.status, fault.logged_out);
    let log_in = app.options.login.is_some() && (ended || visitor.session().is_none());
    let text = |text: &str| sentence(&app.options.for_people(text));
    let hint = fault.hint.as_deref().unwrap_or(match ended {
        true => "the cloud takes the log-in no more; log in again",
        false => hint(status, log_in),
    });
    let again = match passes(status) && !asked.posted {
        true => super::home(app, asked.uri),
        false => String::new(),
    };
    let page = Page {
        shell: Shell::new(app, visitor, "", asked.uri),
        status: status.as_u16(),
        title: title(status, ended),
        message: text(&fault.message),
        causes: fault.causes.iter().map(|cause| text(cause)).collect(),
        hint: text(hint),
        place: format!("{}{}", app.root, asked.uri.path()),
        when: moment(app.now()),
        again,
        log_in,
    };
    show(status, &page).unwrap_or_else(|_| status.into_response())
}

fn title(status: StatusCode, ended: bool) -> &'static str {
    match status.as_u16() {
        401 if ended => "Your log-in has ended",
        401 => "Log in first",
        403 => "Not allowed",
        404 => "Not there",
        405 => "Not possible here",
        408 => "It took too long",
        413 => "Too large",
        500 => "A fault of ours",
        502 | 504 => "The cloud does not answer",
        503 | 429 => "Too much at once",
        _ => "That does not work",
    }
}

/// Whether it may be another time in a moment.
fn passes(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504)
}

/// What to do where nobody has said better.
fn hint(status: StatusCode, log_in: bool) -> &'static str {
    match status.as_u16() {
        401 => "what you asked for is shown to who has logged in",
        403 => "an account with more rights may; whoever runs the cloud gives them",
        404 if log_in => {
            "it may have been deleted, or be somebody’s own: log in to see what your project sees"
        }
        404 => "it may have been deleted, or belong to another project",
        405 => "go back, and use the page’s own links and buttons",
        408 => "send it again, on a line that does not stop",
        500 => "tell whoever runs this server what stands here",
        502 | 504 => {
            "try again in a moment; if it stays so, tell whoever runs the cloud what stands here"
        }
        503 | 429 => "try again in some minutes",
        _ => "go back, and look at what you asked for",
    }
}
