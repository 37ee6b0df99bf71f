//! The image service: lists, single images, their data.

mod change;
mod create;
mod find;
mod import;
mod list;
mod members;
mod query;

use std::sync::Arc;

use net::{Client, Download, HeaderValue, Reply, Request, StatusCode, header, shown};
use url::Url;
use wire::image::Image;

pub use change::Op;
pub use create::Door;
pub use import::Import;
pub use members::Answer;
pub use query::{Direction, Hidden, Query, Visibility};

use crate::Error;
use crate::error::refusal;
use crate::session::Session;

/// The most that one answer may be long, in bytes: a page of 1000 images with 128 properties each.
const LONGEST: usize = 64 << 20;

/// The image service of a cloud.
#[derive(Clone)]
pub struct Glance {
    client: Client,
    session: Arc<Session>,
    /// `…/v2/`
    base: Url,
}

impl Glance {
    pub(crate) fn new(client: Client, session: Arc<Session>, base: Url) -> Self {
        Self {
            client,
            session,
            base,
        }
    }

    /// The same service asked under another log-in.
    pub(crate) fn with(&self, session: Arc<Session>) -> Self {
        Self {
            session,
            ..self.clone()
        }
    }

    /// The address of the service's version 2, for people.
    #[must_use]
    pub fn address(&self) -> String {
        shown(&self.base)
    }

    /// One image by its id. `None` if there is none, or none that this user may see (Glance does not say which).
    ///
    /// # Errors
    /// [`Error::Unauthorized`], [`Error::Forbidden`], [`Error::Refused`], [`Error::Net`], [`Error::Protocol`].
    pub async fn show(&self, id: &str) -> Result<Option<Image>, Error> {
        let url = self.url(&["images", id])?;
        let reply = self.get(url).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let reply = self
            .checked(reply, &format!("asking for image {id}"))
            .await?;
        parse(&reply).map(Some)
    }

    /// The stored bytes of an image. They never change while the image has this id, so that a download which breaks
    /// off goes on where it was, and parts may be read in any order.
    ///
    /// # Errors
    /// [`Error::NoData`] before there is any, [`Error::NotFound`], [`Error::Forbidden`] (a reader, or a deactivated
    /// image), and as for [`Glance::show`].
    pub async fn data(&self, id: &str) -> Result<Download, Error> {
        let mut request = self.request(self.url(&["images", id, "file"])?);
        request.headers.remove(header::ACCEPT);
        request.immutable = true;
        match self.client.download(request).await {
            Ok(download) if download.status() == StatusCode::NO_CONTENT => {
                Err(Error::NoData { id: id.to_owned() })
            }
            Ok(download) => Ok(download),
            Err(net::Error::Status {
                status: StatusCode::NOT_FOUND,
                ..
            }) => Err(Error::NotFound {
                name: id.to_owned(),
                near: Vec::new(),
            }),
            Err(net::Error::Status {
                status,
                body,
                request_id,
                ..
            }) if status.is_client_error() => {
                let what = format!("downloading image {id}");
                Err(self
                    .explained(crate::error::refused(status, what, Some(body), request_id))
                    .await)
            }
            Err(other) => Err(other.into()),
        }
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) => {
                path.pop_if_empty().extend(segments);
            }
            Err(()) => {
                return Err(Error::config(
                    "the image service's address cannot have a path",
                ));
            }
        }
        Ok(url)
    }

    fn request(&self, url: Url) -> Request {
        let session: Arc<Session> = Arc::clone(&self.session);
        let mut request = Request::get(url)
            .auth(session)
            .header(header::ACCEPT, HeaderValue::from_static("application/json"));
        request.limit = LONGEST;
        request
    }

    async fn get(&self, url: Url) -> Result<Reply, Error> {
        Ok(self.client.exchange(self.request(url)).await?)
    }

    /// The reply, if it says yes.
    async fn checked(&self, reply: Reply, what: &str) -> Result<Reply, Error> {
        if reply.status.is_success() {
            return Ok(reply);
        }
        Err(self.explained(refusal(&reply, what.to_owned())).await)
    }

    /// Adds what the token tells about a refusal, and takes the token itself out.
    async fn explained(&self, error: Error) -> Error {
        let error = self.session.hidden(error).await;
        let Error::Forbidden(_) = &error else {
            return error;
        };
        let Ok(token) = self.session.token().await else {
            return error;
        };
        if token.project.is_none() {
            let scope = if token.system.is_some() {
                "the system"
            } else {
                "a domain"
            };
            return error.with_hint(format!("the token is for {scope}, and images want one for a project: choose a project instead"));
        }
        let roles: Vec<&str> = token.roles.iter().map(|role| role.name.as_str()).collect();
        if roles.is_empty()
            || roles
                .iter()
                .any(|role| matches!(*role, "member" | "admin" | "manager"))
        {
            return error;
        }
        error.with_hint(format!(
            "your roles in this project are {}; Glance usually wants `member`",
            roles.join(", ")
        ))
    }
}

/// Reads a JSON answer.
fn parse<T: serde::de::DeserializeOwned>(reply: &Reply) -> Result<T, Error> {
    serde_json::from_slice(&reply.body).map_err(|error| Error::Protocol {
        url: shown(&reply.url),
        what: format!("did not answer as Glance does ({error})"),
        request_id: reply.request_id(),
    })
}
