//! The addresses.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::options::Options;
use crate::{guard, page};

/// The dashboard's pages under [`Options::base`], to be served as they are or merged ([`Router::merge`]) into another
/// service's.
///
/// Nobody is asked anything before the first visitor comes. Requests carry their own limits; whoever serves the router
/// ought to bound connections and how long a request's head may take.
pub fn router(options: Options) -> Router {
    let base = options.base.clone();
    let app = Arc::new(App::new(options));
    let pages = pages(Arc::clone(&app));
    if base.is_empty() {
        return pages;
    }
    Router::new()
        .route(&format!("{base}/"), get(home).with_state(app))
        .nest(&base, pages)
}

fn pages(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/images", get(page::images::get))
        .route("/images/{id}", get(page::image::get))
        .route("/images/{id}/standing", get(page::image::standing))
        .route("/images/{id}/verify", post(page::image::verify))
        .route("/images/{id}/visibility", post(page::image::visibility))
        .route("/life", get(page::life::get))
        .route("/activity", get(page::activity::get))
        .route("/about", get(page::about::get))
        .route("/health", get(health))
        .route("/login", get(page::login::get).post(page::login::post))
        .route("/logout", post(page::login::out))
        .route("/theme/{word}", get(page::theme::get))
        .route("/assets/{name}", get(page::assets::get))
        .route(
            "/upload",
            get(page::upload::get)
                .post(page::upload::post)
                // The upload is streamed, and counts for itself.
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/uploads/{id}", get(page::upload::report))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            guard::pass,
        ))
        .with_state(app)
}

async fn home(State(app): State<Arc<App>>) -> page::Answer {
    page::go(&format!("{}/images", app.root))
}

/// Whether the process answers; it says nothing of the cloud.
async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}
