//! Light or dark: a link that a cookie remembers.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::Uri;

use super::{Answer, go, local};
use crate::app::App;
use crate::fault::Fault;
use crate::visitor::{Theme, remember_theme};

pub(crate) async fn get(State(app): State<Arc<App>>, Path(word): Path<String>, uri: Uri) -> Answer {
    let theme = Theme::of(&word).ok_or_else(|| Fault::not_found("there is no such appearance"))?;
    let query = uri.query().unwrap_or_default();
    let back = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "back");
    let back = back
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    let mut response = go(&local(&app, &back))?;
    remember_theme(&app, response.headers_mut(), theme);
    Ok(response)
}
