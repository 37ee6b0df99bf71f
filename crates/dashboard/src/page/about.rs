//! The page about this server: what it runs against, and how it is.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use http::{StatusCode, Uri};

use super::{Answer, Shell, show};
use crate::app::App;
use crate::limits::MAX_SESSIONS;
use crate::visitor::{Visitor, Who};

#[derive(Template)]
#[template(path = "about.html")]
struct Page {
    shell: Shell,
    rows: Vec<(&'static str, String)>,
    health: Vec<(&'static str, &'static str, String)>,
}

pub(crate) async fn get(State(app): State<Arc<App>>, visitor: Visitor, uri: Uri) -> Answer {
    let options = &app.options;
    let glance = match visitor.session().is_some() || options.public.is_some() {
        true => app.glance(&visitor).await.ok(),
        false => None,
    };
    let mut rows = vec![
        ("Version", format!("ectype {}", env!("CARGO_PKG_VERSION"))),
        ("Cloud", options.cloud.clone()),
    ];
    if let Some(glance) = &glance {
        rows.push(("Image service", options.for_people(&glance.address())));
    }
    if let Some(place) = &options.login {
        rows.push(("Log-in at", place.shown().to_owned()));
    }
    rows.push(("You see", sees(&visitor)));
    rows.push((
        "Families known",
        options.families.iter().count().to_string(),
    ));
    rows.push((
        "Life-cycle dates",
        format!("as of {}", options.dates.data_date),
    ));
    let page = Page {
        shell: Shell::new(&app, &visitor, "about", &uri),
        rows,
        health: health(&app, &visitor).await,
    };
    show(StatusCode::OK, &page)
}

fn sees(visitor: &Visitor) -> String {
    match &visitor.who {
        Who::User(session) => format!(
            "what {} may see in project {}",
            session.user(),
            session.project()
        ),
        Who::Anybody => "public and community images".to_owned(),
    }
}

/// How things are: name, class and words.
async fn health(app: &App, visitor: &Visitor) -> Vec<(&'static str, &'static str, String)> {
    let mut health = vec![("This server", "good", "answers".to_owned())];
    let open = visitor.session().is_some() || app.options.public.is_some();
    let images = match open {
        true => Some(app.images(visitor).await),
        false => None,
    };
    health.push(match images {
        Some(Ok(images)) => (
            "Image service",
            "good",
            match images.iter().filter(|image| !image.os_hidden).count() {
                1 => "answers; 1 image".to_owned(),
                count => format!("answers; {count} images"),
            },
        ),
        Some(Err(fault)) => (
            "Image service",
            "bad",
            app.options.for_people(&fault.message),
        ),
        None => (
            "Image service",
            "none",
            "asked when you have logged in".to_owned(),
        ),
    });
    health.push(match &app.proving {
        None => ("Verifying", "none", "switched off".to_owned()),
        Some(proving) => {
            let (under_way, most) = proving.load();
            (
                "Verifying",
                "good",
                format!("{under_way} under way or waiting, {most} at once"),
            )
        }
    });
    // How many others are here is nothing for everybody.
    if app.options.login.is_some() && visitor.session().is_some() {
        let count = app.sessions.count(app.now());
        health.push((
            "Log-ins",
            "good",
            format!("{count} of at most {MAX_SESSIONS}"),
        ));
    }
    health
}
