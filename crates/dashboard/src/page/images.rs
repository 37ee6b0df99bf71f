//! The page of all images.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{StatusCode, Uri};

use super::{Answer, Shell, show, world};
use crate::app::App;
use crate::fault::Fault;
use crate::view::list::{Asked, List, Row, VERDICTS, VISIBILITIES};
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "images.html")]
struct Page {
    shell: Shell,
    asked: Asked,
    list: List,
    visibilities: &'static [&'static str],
    verdicts: &'static [&'static str],
    previous: String,
    next: String,
}

pub(crate) async fn get(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Answer {
    let asked = Asked::parse(uri.query().unwrap_or_default()).map_err(Fault::bad)?;
    let rows = rows(&app, &visitor).await?;
    let list = List::of(rows, &asked);
    let page = Page {
        shell: Shell::new(&app, &visitor, "images", &uri),
        previous: list.page.saturating_sub(1).to_string(),
        next: list.page.saturating_add(1).to_string(),
        asked,
        list,
        visibilities: &VISIBILITIES,
        verdicts: &VERDICTS,
    };
    show(StatusCode::OK, &page)
}

/// A row for each image that the visitor may see.
pub(crate) async fn rows(app: &App, visitor: &Visitor) -> Result<Vec<Row>, Fault> {
    let images = app.images(visitor).await?;
    let world = world(app);
    let row = |image| Row::of(image, &app.standing(image), world);
    Ok(images.iter().map(row).collect())
}
