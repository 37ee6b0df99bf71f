//! Changing what is known of an image: patches, activation, deletion. None of it touches the bytes.

use net::{HeaderValue, Method, Reply, Request, StatusCode, header};
use serde_json::{Value, json};
use url::Url;
use wire::image::Image;

use super::{Glance, parse};
use crate::Error;

/// The only media type that Glance takes a list of changes in (any other is answered 415).
const PATCH: &str = "application/openstack-images-v2.1-json-patch";

/// One change of an image's record (RFC 6902, of which Glance knows these three).
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Sets a property, whether it was there or not.
    Add(String, Value),
    /// Sets a field that is always there (`name`, `visibility`, `tags` …); of an absent property it is refused (409).
    Replace(String, Value),
    /// Takes a property away; an absent one is refused (409).
    Remove(String),
}

impl Op {
    /// As it is sent.
    #[must_use]
    pub fn json(&self) -> Value {
        let path = |name: &str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        match self {
            Self::Add(name, value) => json!({"op": "add", "path": path(name), "value": value}),
            Self::Replace(name, value) => {
                json!({"op": "replace", "path": path(name), "value": value})
            }
            Self::Remove(name) => json!({"op": "remove", "path": path(name)}),
        }
    }
}

impl Glance {
    /// Makes all changes or none of them; the image as it is then. Sent again after a broken connection only if it
    /// removes nothing, because then a repetition means the same.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Forbidden`] for what this user may not change, [`Error::Refused`] with Glance's
    /// reason, and as for [`Glance::show`].
    pub async fn patch(&self, id: &str, changes: &[Op]) -> Result<Image, Error> {
        let body = Value::Array(changes.iter().map(Op::json).collect()).to_string();
        let repeatable = !changes.iter().any(|op| matches!(op, Op::Remove(_)));
        let request = self
            .sending(Method::PATCH, self.url(&["images", id])?, repeatable)
            .header(header::CONTENT_TYPE, HeaderValue::from_static(PATCH));
        let what = format!("changing image {id}");
        let reply = self.answered(with(request, body), id, &what).await?;
        parse(&reply)
    }

    /// Deletes an image and its bytes.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Forbidden`] for a protected or foreign image, [`Error::Refused`] for one in use, and
    /// as for [`Glance::show`]. A broken connection is an error only if the image is still there.
    pub async fn delete(&self, id: &str) -> Result<(), Error> {
        let request = self.sending(Method::DELETE, self.url(&["images", id])?, false);
        match self
            .answered(request, id, &format!("deleting image {id}"))
            .await
        {
            Ok(_) => Ok(()),
            Err(error @ Error::Net(_)) => match self.show(id).await {
                Ok(None) => Ok(()),
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Deletes an image's bytes from one of several stores.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for the last store that has them, [`Error::Gone`] when the image is not in this store or
    /// the cloud has no such store, and as for [`Glance::delete`].
    pub async fn delete_from(&self, store: &str, id: &str) -> Result<(), Error> {
        let request = self.sending(Method::DELETE, self.url(&["stores", store, id])?, false);
        let what = format!("deleting image {id} from store {store}");
        self.answered(request, id, &what).await.map(drop)
    }

    /// Keeps everybody but administrators from reading the bytes, or from starting a machine. Of a deactivated image it
    /// changes nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] for an image without data, and as for [`Glance::patch`].
    pub async fn deactivate(&self, id: &str) -> Result<(), Error> {
        self.act(id, "deactivate", "deactivating").await
    }

    /// Takes a deactivation back.
    ///
    /// # Errors
    /// As for [`Glance::deactivate`].
    pub async fn reactivate(&self, id: &str) -> Result<(), Error> {
        self.act(id, "reactivate", "activating").await
    }

    async fn act(&self, id: &str, action: &str, doing: &str) -> Result<(), Error> {
        let url = self.url(&["images", id, "actions", action])?;
        let request = with(self.sending(Method::POST, url, true), String::new());
        let what = format!("{doing} image {id}");
        self.answered(request, id, &what).await.map(drop)
    }

    /// A request that changes something. `repeatable`: a second time would do no more than the first.
    pub(super) fn sending(&self, method: Method, url: Url, repeatable: bool) -> Request {
        let mut request = self.request(url);
        request.method = method;
        request.retry = repeatable;
        request
    }

    /// The answer of a request about an image, if it is yes.
    pub(super) async fn answered(
        &self,
        request: Request,
        id: &str,
        what: &str,
    ) -> Result<Reply, Error> {
        let reply = self.client.exchange(request).await?;
        if reply.status == StatusCode::NOT_FOUND {
            let reason = reply.reason();
            return Err(Error::Gone {
                what: what.to_owned(),
                reason: if reason.is_empty() {
                    format!("image {id} is not there")
                } else {
                    reason
                },
            });
        }
        self.checked(reply, what).await
    }
}

/// The request with a body; an empty one, too, has its length said.
pub(super) fn with(mut request: Request, body: String) -> Request {
    request.body = Some(body.into());
    request
}

/// The request as one whose body is JSON.
pub(super) fn json(request: Request) -> Request {
    request.header(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )
}
