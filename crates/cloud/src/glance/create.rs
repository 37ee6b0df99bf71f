//! Making an image: its record first, then its bytes, which are what somebody sends or what Glance fetches.

use net::{Body, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value};
use wire::image::Image;

use super::change::{json, with};
use super::{Glance, parse};
use crate::Error;
use crate::error::refusal;

/// How many bytes will come, for Glance to make room before them (2.18; older ones do not mind it).
const SIZE: HeaderName = HeaderName::from_static("x-openstack-image-size");

/// The store that the bytes shall go to.
const STORE: HeaderName = HeaderName::from_static("x-image-meta-store");

/// Where a body goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Into the store, as it is.
    File,
    /// Into the staging area, to be imported from there.
    Stage,
}

impl Glance {
    /// Makes a record without bytes (status `queued`). It must have an `id`, so that what was made can be found again when
    /// the answer was lost.
    ///
    /// # Errors
    /// [`Error::Refused`] for a record that Glance does not take (400), an id that exists (409) or a quota (413),
    /// [`Error::Forbidden`] for what this user may not set, and as for [`Glance::show`].
    pub async fn create(&self, record: &Map<String, Value>) -> Result<Image, Error> {
        let url = self.url(&["images"])?;
        let request = with(
            json(self.sending(Method::POST, url, false)),
            Value::Object(record.clone()).to_string(),
        );
        let reply = match self.client.exchange(request).await.map_err(Error::from) {
            Ok(reply) => reply,
            Err(error @ Error::Net(_)) => return self.made(record, error).await,
            Err(other) => return Err(other),
        };
        let reply = self.checked(reply, "making an image").await?;
        parse(&reply)
    }

    /// The record whose making got no answer, if it is there.
    async fn made(&self, record: &Map<String, Value>, error: Error) -> Result<Image, Error> {
        let id = record.get("id").and_then(Value::as_str).unwrap_or_default();
        match self.show(id).await {
            Ok(Some(image)) if image.status == "queued" => Ok(image),
            _ => Err(error),
        }
    }

    /// Sends an image's bytes, whose number is `body`'s own or `size`, where one is known. In one attempt: a body passes once.
    ///
    /// # Errors
    /// [`Error::Refused`] with Glance's reason (409 for an image that has data, 413 for a quota, 415 for data that are not
    /// what the record says), [`Error::Forbidden`], [`Error::Unauthorized`] for a token that does not hold any more,
    /// [`Error::Gone`] when the image was deleted meanwhile, [`Error::Net`] for everything that broke or stalled.
    pub async fn send(
        &self,
        door: Door,
        id: &str,
        size: Option<u64>,
        store: Option<&str>,
        body: Body,
    ) -> Result<(), Error> {
        let (last, doing) = match door {
            Door::File => ("file", "sending the data of"),
            Door::Stage => ("stage", "staging the data of"),
        };
        let url = self.url(&["images", id, last])?;
        let mut request = self.sending(Method::PUT, url, false).header(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
        if let Some(size) = size {
            request.headers.insert(SIZE, HeaderValue::from(size));
        }
        if let Some(store) = store {
            let value = HeaderValue::from_str(store);
            let value =
                value.map_err(|_| Error::config(format!("`{store}` is no name of a store")))?;
            request.headers.insert(STORE, value);
        }
        let reply = self.client.upload(request, body).await?;
        match reply.status {
            status if status.is_success() => Ok(()),
            // 410: there, but deleted while the bytes came.
            StatusCode::NOT_FOUND | StatusCode::GONE => Err(Error::Gone {
                what: format!("{doing} image {id}"),
                reason: reply.reason(),
            }),
            status => {
                let error = refusal(&reply, format!("{doing} image {id}"));
                let error = self.explained(error).await;
                Err(match hint(status) {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                })
            }
        }
    }

    /// Gets a new token before the next request, whatever the age of the one that is there.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when the log-in does not hold any more, and as any request to the identity service.
    pub async fn renew(&self) -> Result<(), Error> {
        self.session.log_in().await
    }
}

/// What Glance's short words mean.
fn hint(status: StatusCode) -> Option<&'static str> {
    Some(match status.as_u16() {
        // Glance 33.0 names the media type of the request here, which is not what it minds.
        415 => {
            "Glance has looked into the data and does not take them: they are not in the format that the image is declared \
             to be, or not safe (a backing file, an external data file, several formats at once)"
        }
        413 => {
            "the image service takes no more: a quota, a limit, or its storage is full; delete images to make room, or ask its operator for more"
        }
        409 => "the image has data already, or somebody else is sending it some",
        _ => return None,
    })
}
