//! The page of what happened.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{StatusCode, Uri};
use wire::image::Image;

use super::{Answer, Shell, show};
use crate::app::App;
use crate::fault::Fault;
use crate::limits::ACTIVITY;
use crate::view::happened::{Line, lines};
use crate::view::list::{HIDDEN, is_asked_for};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "activity.html")]
struct Page {
    shell: Shell,
    lines: Vec<Line>,
    most: usize,
    /// Whether hidden images are among them.
    hidden: bool,
}

pub(crate) async fn get(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Answer {
    let word = asked(uri.query().unwrap_or_default()).map_err(Fault::bad)?;
    let images = app.images(&visitor).await?;
    let shown = |image: &Image| is_asked_for(&word, image.os_hidden);
    let page = Page {
        shell: Shell::new(&app, &visitor, "activity", &uri),
        lines: lines(app.activity.of(visitor.owner()), &images, shown),
        most: ACTIVITY,
        hidden: is_asked_for(&word, true),
    };
    show(StatusCode::OK, &page)
}

/// What is asked for of hidden images, in the words of the list.
fn asked(query: &str) -> Result<String, String> {
    let mut word = String::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name != "hidden" {
            return Err(format!("there is no filter `{name}`"));
        }
        if !HIDDEN.contains(&value.as_ref()) && !value.is_empty() {
            return Err(format!("`{value}` is none of {}", HIDDEN.join(", ")));
        }
        word = value.into_owned();
    }
    Ok(word)
}
