//! The client: set up once, cloned freely, shared by everything that talks to a network.

use std::sync::{Arc, OnceLock};

use url::Url;

use crate::download::Download;
use crate::error::Error;
use crate::options::Options;
use crate::request::{Reply, Request};
use crate::tls::{self, Material};
use crate::{Body, exchange, send, upload};

/// An HTTP client. Clones share connections. Its methods need a tokio runtime with time and I/O enabled.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    hosts: Option<Arc<[String]>>,
    places: Option<Arc<Places>>,
}

/// Says whether a redirect may lead to an address.
type Places = dyn Fn(&Url) -> bool + Send + Sync;

struct Inner {
    options: Options,
    material: Material,
    proxy_needs_tls: bool,
    plain: reqwest::Client,
    /// Made when first needed: a command that meets no https pays nothing for the host's certificates.
    secure: OnceLock<reqwest::Client>,
}

impl Client {
    /// Sets a client up; reads the certificate files the options name. Opens no connection.
    ///
    /// # Errors
    /// [`Error::Options`] for a file that cannot be used.
    pub fn new(options: &Options) -> Result<Self, Error> {
        Ok(Self {
            inner: Arc::new(Inner {
                material: Material::read(options)?,
                proxy_needs_tls: tls::proxy_needs_tls(&options.proxy),
                plain: tls::plain(options)?,
                secure: OnceLock::new(),
                options: options.clone(),
            }),
            hosts: None,
            places: None,
        })
    }

    /// The same client, sharing its connections, that follows redirects to these hosts and to the host first asked
    /// only. Names are compared without regard to upper and lower case.
    #[must_use]
    pub fn within(&self, hosts: impl IntoIterator<Item = String>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            hosts: Some(
                hosts
                    .into_iter()
                    .map(|host| host.to_ascii_lowercase())
                    .collect(),
            ),
            places: self.places.clone(),
        }
    }

    /// The same client, sharing its connections, that follows redirects only to addresses for which `places` says yes.
    #[must_use]
    pub fn only(&self, places: impl Fn(&Url) -> bool + Send + Sync + 'static) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            hosts: self.hosts.clone(),
            places: Some(Arc::new(places)),
        }
    }

    /// Whether a redirect from `first`, the address asked, may lead to `url`.
    pub(crate) fn follows(&self, first: &Url, url: &Url) -> bool {
        if self.places.as_ref().is_some_and(|places| !places(url)) {
            return false;
        }
        let Some(hosts) = &self.hosts else {
            return true;
        };
        let host = url.host_str().unwrap_or_default();
        Some(host) == first.host_str() || hosts.iter().any(|known| known == host)
    }

    /// One small exchange, its body read whole. Any status is an answer; those that can heal (408, 429, 500, 502, 503,
    /// 504) become one when the attempts are used up.
    ///
    /// # Errors
    /// Everything but [`Error::Status`], [`Error::Changed`] and [`Error::NoRanges`].
    pub async fn exchange(&self, request: Request) -> Result<Reply, Error> {
        exchange::run(self, &request).await
    }

    /// Starts a download: returns when the headers of a 2xx answer are there. It resumes by itself after a cut, when
    /// the server lets it be sure that it goes on with the same file.
    ///
    /// # Errors
    /// [`Error::Status`] for an answer that is not 2xx, and as [`exchange`](Self::exchange).
    pub async fn download(&self, request: Request) -> Result<Download, Error> {
        let (answer, target) = send::persistently(self, &request, None).await?;
        Download::start(self.clone(), request, target, answer).await
    }

    /// Sends a body that is made meanwhile (its two ends come from [`body`](crate::body)), and reads the answer, which may
    /// come before the body has ended. In one attempt: no redirect is followed, and a 401 is an answer like any other.
    /// There is no limit on the whole transfer; it ends when the server takes no byte for [`Options::stall_timeout`],
    /// or ten times that when it has all of them and only has to answer.
    ///
    /// # Errors
    /// [`Error::NotTaken`], [`Error::Cut`], [`Error::GivenUp`] when the body's maker left, and as any request.
    pub async fn upload(&self, request: Request, body: Body) -> Result<Reply, Error> {
        upload::run(self, &request, body).await
    }

    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }

    /// The reqwest client for this address.
    pub(crate) fn for_url(&self, url: &Url) -> Result<&reqwest::Client, Error> {
        let inner = &self.inner;
        if url.scheme() == "http" && !inner.proxy_needs_tls {
            return Ok(&inner.plain);
        }
        if let Some(secure) = inner.secure.get() {
            return Ok(secure);
        }
        let made = tls::secure(&inner.options, &inner.material)?;
        Ok(inner.secure.get_or_init(|| made))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}
