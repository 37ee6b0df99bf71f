//! Small forms: names and values of a body of a few kilobytes.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use http::{StatusCode, header};

use crate::fault::Fault;
use crate::limits::{FORM_TIME, MAX_FORM, MAX_VALUE};

/// What a form says.
pub(crate) struct Form(BTreeMap<String, String>);

impl Form {
    /// A value; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn parse(body: &[u8]) -> Result<Self, Fault> {
        let mut values = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            if value.len() > MAX_VALUE || values.len() > 20 {
                return Err(Fault::bad("the form says more than is asked for"));
            }
            values
                .entry(name.into_owned())
                .or_insert(value.into_owned());
        }
        Ok(Self(values))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Fault;

    async fn from_request(request: Request, _: &S) -> Result<Self, Fault> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Fault::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "a form is wanted",
            ));
        }
        let body: Body = request.into_body();
        let late = |_| Fault::new(StatusCode::REQUEST_TIMEOUT, "the form does not come");
        let body = tokio::time::timeout(FORM_TIME, to_bytes(body, MAX_FORM))
            .await
            .map_err(late)?
            .map_err(|_| Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "the form is too long"))?;
        Self::parse(&body)
    }
}
