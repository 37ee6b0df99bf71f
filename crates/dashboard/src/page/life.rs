//! The page of the life cycle.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use catalogue::words::Until;
use http::{StatusCode, Uri};
use jiff::civil::Date;

use super::{Answer, Shell, show, world};
use crate::app::App;
use crate::view::fresh::Fresh;
use crate::view::life::{Bar, Drawing, LEFT, RIGHT, bars, draw};
use crate::view::list::Row;
use crate::view::words::span;
use crate::visitor::Visitor;

#[derive(Template)]
#[template(path = "life.html")]
struct Page {
    shell: Shell,
    bars: Vec<Bar>,
    drawing: Drawing,
    left: i64,
    right: i64,
    today: Date,
    rows: Vec<Row>,
    unpromised: usize,
    late: usize,
    data_date: Date,
}

pub(crate) async fn get(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Answer {
    let images = app.images(&visitor).await?;
    let world = world(&app);
    let until = |text: &str| match text.parse() {
        Ok(Until::Day(day)) => Some(day),
        _ => None,
    };
    let provided: BTreeMap<String, Date> = images
        .iter()
        .filter_map(|image| Some((image.id.clone(), until(image.property("provided_until")?)?)))
        .collect();
    let mut rows: Vec<Row> = images
        .iter()
        .map(|image| Row::of(image, &app.standing(image), world))
        .collect();
    let bars = bars(&rows, &provided);
    rows.retain(|row| !row.hidden);
    let shown = rows.len();
    rows.retain(|row| !matches!(row.facts.promise.fresh, Fresh::NoPromise(_)));
    rows.sort_by(|a, b| {
        let order = a.facts.promise.rank().cmp(&b.facts.promise.rank());
        order.then_with(|| a.name.cmp(&b.name))
    });
    let page = Page {
        shell: Shell::new(&app, &visitor, "life", &uri),
        drawing: draw(&bars, world),
        bars,
        left: LEFT,
        right: RIGHT,
        today: world.today,
        unpromised: shown - rows.len(),
        late: rows
            .iter()
            .filter(|row| matches!(row.facts.promise.fresh, Fresh::Late(_)))
            .count(),
        rows,
        data_date: world.dates.data_date,
    };
    show(StatusCode::OK, &page)
}

impl Page {
    /// `45 days of 31`
    fn age(&self, row: &Row) -> String {
        match (row.facts.promise.age, row.facts.promise.period) {
            (Some(age), Some(period)) => format!("{} of {}", span(age), span(period)),
            (Some(age), None) => span(age),
            _ => "–".to_owned(),
        }
    }

    /// How much of the period is over, in hundredths of the bar's width; twice the period is all of it.
    fn share(&self, row: &Row) -> i64 {
        match (row.facts.promise.age, row.facts.promise.period) {
            (Some(age), Some(period)) if period > 0 => {
                (age.saturating_mul(50) / period).clamp(0, 100)
            }
            _ => 0,
        }
    }
}
