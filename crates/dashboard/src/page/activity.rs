//! The page of what happened.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{StatusCode, Uri};

use super::{Answer, Shell, show};
use crate::app::App;
use crate::limits::ACTIVITY;
use crate::view::happened::{Line, lines};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "activity.html")]
struct Page {
    shell: Shell,
    lines: Vec<Line>,
    most: usize,
}

pub(crate) async fn get(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Answer {
    let images = app.images(&visitor).await?;
    let page = Page {
        shell: Shell::new(&app, &visitor, "activity", &uri),
        lines: lines(app.activity.of(visitor.owner()), &images),
        most: ACTIVITY,
    };
    show(StatusCode::OK, &page)
}
