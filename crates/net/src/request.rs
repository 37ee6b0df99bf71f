//! What is asked, what is answered, and who authorises it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use url::Url;

use crate::error::{BoxError, Error};
use crate::{address, reason};

/// The largest body an [`exchange`](crate::Client::exchange) accepts unless told otherwise: 16 MiB.
pub(crate) const LIMIT: usize = 16 << 20;

/// One request. Make it with [`Request::get`] or [`Request::post`] and change what differs.
#[derive(Clone)]
pub struct Request {
    /// GET, POST, …
    pub method: Method,
    /// Where to. A user and password in it become basic authentication and are never shown.
    pub url: Url,
    /// Further headers. Credentials among them stay with the URL's own host.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Option<Bytes>,
    /// The most bytes an exchange reads of the answer.
    pub limit: usize,
    /// Whether it may be sent again after the server may have seen it. A connection that never came up is always retried.
    pub retry: bool,
    /// Supplies the header that authorises it.
    pub auth: Option<Arc<dyn Auth>>,
    /// Whether to go where the server points.
    pub redirects: Redirects,
    /// The caller knows that what this URL names never changes (image data in Glance), so that a download may go on
    /// and be read in parts although the server gives no validator. Its length is still compared.
    pub immutable: bool,
}

/// Whether redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// At most so many, never from https to http, and without credentials to another host.
    Follow(usize),
    /// The redirect itself is the answer.
    None,
}

impl Request {
    /// Asks for what is there; may be repeated, follows ten redirects.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: None,
            limit: LIMIT,
            retry: true,
            auth: None,
            redirects: Redirects::Follow(10),
            immutable: false,
        }
    }

    /// Sends a body; not repeated once it was sent, unless [`retry`](Self::retry) is set.
    #[must_use]
    pub fn post(url: Url, body: impl Into<Bytes>) -> Self {
        Self {
            method: Method::POST,
            body: Some(body.into()),
            retry: false,
            ..Self::get(url)
        }
    }

    /// The same request with one more header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same request, authorised.
    #[must_use]
    pub fn auth(mut self, auth: Arc<dyn Auth>) -> Self {
        self.auth = Some(auth);
        self
    }
}

impl fmt::Debug for Request {
    /// Method and address only: headers may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, address::shown(&self.url))
    }
}

/// What [`Auth::header`] returns.
pub type AuthFuture<'a> =
    Pin<Box<dyn Future<Output = Result<(HeaderName, HeaderValue), BoxError>> + Send + 'a>>;

/// Supplies the header that authorises a request.
pub trait Auth: Send + Sync {
    /// The header, from wherever it is kept; with `renew` a fresh one, because the server answered 401 to the last.
    /// That happens once for a request.
    fn header(&self, renew: bool) -> AuthFuture<'_>;
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    /// Any status, 4xx and 5xx too.
    pub status: StatusCode,
    /// The answer's headers.
    pub headers: HeaderMap,
    /// Its body, at most [`Request::limit`] bytes.
    pub body: Bytes,
    /// Where it came from, after redirects.
    pub url: Url,
}

impl Reply {
    /// The server's reason in one line of plain text (out of OpenStack's JSON, HTML or text), or nothing.
    #[must_use]
    pub fn reason(&self) -> String {
        reason::text(&self.body)
    }

    /// The server's name for this request.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        reason::request_id(&self.headers)
    }

    /// This reply as an error, for a caller to whom its status means failure.
    #[must_use]
    pub fn to_error(&self) -> Error {
        Error::Status {
            url: address::shown(&self.url),
            status: self.status,
            body: self.reason(),
            request_id: self.request_id(),
        }
    }
}
