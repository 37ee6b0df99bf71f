//! A request as the API sees it: who asks, for what, and with which body.

use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use identity::Caller;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;

use crate::bodies::{Bodies, Whole};
use crate::refused::Refused;

/// A request whose sender is known.
pub(crate) struct Request {
    pub(crate) caller: Caller,
    /// The id under which the request stands in the log.
    pub(crate) id: String,
    pub(crate) parts: Parts,
    /// The body; behind a lock only so that a request can be shared between threads while it waits.
    body: Mutex<Body>,
    bodies: Bodies,
    /// What the body takes of the memory for all.
    room: Option<OwnedSemaphorePermit>,
}

impl Request {
    pub(crate) fn new(
        caller: Caller,
        id: &str,
        (parts, body): (Parts, Body),
        bodies: &Bodies,
    ) -> Self {
        Self {
            caller,
            id: id.to_owned(),
            parts,
            body: Mutex::new(body),
            bodies: bodies.clone(),
            room: None,
        }
    }

    /// The body, which is there once.
    pub(crate) fn body(&mut self) -> Body {
        let body = self.body.get_mut();
        std::mem::take(body.unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The media type of the body, in small letters and without parameters; Glance calls none `None`.
    pub(crate) fn media_type(&self) -> String {
        let kind = self.headers().get(header::CONTENT_TYPE);
        if kind.is_none() {
            return "None".to_owned();
        }
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    /// The length that the sender announces.
    pub(crate) fn length(&self) -> Option<u64> {
        let length = self.headers().get(header::CONTENT_LENGTH)?;
        length.to_str().ok()?.parse().ok()
    }

    /// Whether a body is announced.
    pub(crate) fn has_body(&self) -> bool {
        self.length().is_some_and(|length| length > 0)
            || self.headers().contains_key(header::TRANSFER_ENCODING)
    }

    /// # Errors
    /// 400 when there is a body.
    pub(crate) fn without_body(&self) -> Result<(), Refused> {
        match self.has_body() {
            true => Err(Refused::bad("A body is not expected with this request.")),
            false => Ok(()),
        }
    }

    /// The query, decoded, in its order.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        let query = self.parts.uri.query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 400 when there is none or it is none; as [`Bodies::read`].
    pub(crate) async fn json(&mut self) -> Result<Value, Refused> {
        if !self.has_body() {
            return Err(Refused::bad("Body expected in request."));
        }
        let Whole { bytes, room } = self.bodies.clone().read(self.body()).await?;
        // Until the request is answered.
        self.room = Some(room);
        let malformed = || Refused::bad("Malformed JSON in request body.");
        let value = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
        match value {
            // Behind its web server Glance sees nothing of a body without a length.
            _ if self.length().is_none() => Err(malformed()),
            Value::Object(_) | Value::Array(_) => Ok(value),
            _ => Err(Refused::bad("Unexpected body type. Expected list/dict.")),
        }
    }
}

/// 401, with where to log in.
pub(crate) fn unauthorized(identity: Option<&str>) -> Refused {
    let refused = Refused::new(
        StatusCode::UNAUTHORIZED,
        "This server could not verify that you are authorized to access the document you requested. Either you \
         supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the \
         credentials required.",
    );
    let uri = identity.unwrap_or_default();
    refused.header(header::WWW_AUTHENTICATE, &format!("Keystone uri=\"{uri}\""))
}
