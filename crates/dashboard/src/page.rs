//! The pages: what is asked of the cloud for each, and the template that it goes into.

pub(crate) mod about;
pub(crate) mod activity;
pub(crate) mod assets;
pub(crate) mod fault;
pub(crate) mod image;
pub(crate) mod images;
pub(crate) mod life;
pub(crate) mod login;
mod shell;
pub(crate) mod theme;
pub(crate) mod upload;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, Uri, header};

pub(crate) use shell::Shell;

use crate::app::App;
use crate::fault::Fault;
use crate::view::facts::World;
use crate::view::words::day_of;

/// What every page answers.
pub(crate) type Answer = Result<Response, Fault>;

/// A page.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Answer {
    match page.render() {
        Ok(text) => Ok((status, Html(text)).into_response()),
        Err(error) => Err(Fault::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the page could not be made",
        )
        .cause(error.to_string())),
    }
}

/// Sends the browser on to another page of ours, after a form or not.
pub(crate) fn go(address: &str) -> Answer {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let value = HeaderValue::from_str(address)
        .map_err(|_| Fault::bad("the address of the next page is none"))?;
    response.headers_mut().insert(header::LOCATION, value);
    Ok(response)
}

/// A page of ours that a form or link names to go back to; anything else is the list of images.
pub(crate) fn local(app: &App, address: &str) -> String {
    let base = &app.root;
    let inside = address
        .strip_prefix(base.as_str())
        .is_some_and(|rest| rest.starts_with('/') && !rest.starts_with("//"));
    let plain = address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if inside && plain && address.len() < crate::limits::MAX_ADDRESS {
        address.to_owned()
    } else {
        format!("{base}/images")
    }
}

/// The address of the page that a request belongs to, from the root on: its own, or that of the page with its form. It is where to
/// come back to.
pub(crate) fn home(app: &App, uri: &Uri) -> String {
    let here = uri.path_and_query().map_or("/images", |all| all.as_str());
    let here = ["/verify", "/visibility"]
        .iter()
        .find_map(|form| uri.path().strip_suffix(form))
        .unwrap_or(here);
    let here = match here {
        "/logout" | "/login" => "/images",
        other => other,
    };
    format!("{}{here}", app.root)
}

/// What is known of vendors, today.
pub(crate) fn world(app: &App) -> World<'_> {
    World {
        families: &app.options.families,
        dates: &app.options.dates,
        today: day_of(app.now()),
    }
}
