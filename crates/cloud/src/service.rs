//! A cloud that was logged in to, and the addresses of its services.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use url::Url;
use wire::identity::{Endpoint, Service, Token};

use crate::Error;
use crate::config::{Config, Connection, Source, Sources};
use crate::discovery;
use crate::glance::Glance;
use crate::session::{Cache, Session};

/// A cloud that was logged in to.
#[derive(Clone)]
pub struct Cloud {
    session: Arc<Session>,
    glance: Glance,
    token: Token,
    cached: bool,
}

impl Cloud {
    /// Logs in, or takes up an earlier log-in from `cache`, a folder of tokens that is made when needed.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] for a refused log-in, [`Error::Unscoped`] and [`Error::NoService`] when the log-in leads
    /// to no image service, [`Error::Net`] and [`Error::Protocol`] for what is no OpenStack.
    pub async fn connect(config: &Config, cache: Option<&Path>) -> Result<Self, Error> {
        Self::connect_with(config, net::Options::default(), cache).await
    }

    /// The same with other transport settings (timeouts, attempts); the configuration's certificates are laid over them.
    ///
    /// # Errors
    /// As for [`Cloud::connect`].
    pub async fn connect_with(
        config: &Config,
        base: net::Options,
        cache: Option<&Path>,
    ) -> Result<Self, Error> {
        let client = net::Client::new(&config.transport(base))?;
        let connection = config.connection().clone();
        let cache = cache.map(|folder| Cache::new(folder, &connection));
        let session = Arc::new(Session::new(client.clone(), connection.clone(), cache));
        let mut cached = session.take_up().await;
        if !cached {
            session.log_in().await?;
        }
        let mut endpoint = find(&session, &connection, config.source()).await;
        if endpoint.is_err() && cached {
            // The cloud may have changed since; its word of today counts.
            session.log_in().await?;
            cached = false;
            endpoint = find(&session, &connection, config.source()).await;
        }
        let endpoint = endpoint?;
        let base = match session.remembered(&endpoint).await {
            Some(base) => base,
            None => {
                let base = discovery::image(&client, &endpoint).await?;
                session.remember(&endpoint, &base).await;
                base
            }
        };
        let token = session.token().await?;
        let glance = Glance::new(client, Arc::clone(&session), base);
        Ok(Self {
            session,
            glance,
            token,
            cached,
        })
    }

    /// An image service that knows this token by itself: no identity service is asked for it or about it.
    ///
    /// # Errors
    /// [`Error::Net`] and [`Error::Protocol`] for what is no image service.
    pub async fn with_token(image: &Url, token: SecretString) -> Result<Self, Error> {
        let mut sources = Sources::new([], PathBuf::from("/"));
        sources.system = PathBuf::from("/nonexistent");
        // A connection names an identity service; this one has none, and the token is never renewed.
        for name in ["auth_url", "image_endpoint_override"] {
            sources.flag(name, image.as_str());
        }
        sources.flag("token", token.expose_secret());
        let (config, _) = Config::resolve(&sources)?;
        let client = net::Client::new(&net::Options::default())?;
        let connection = config.connection().clone();
        let base = discovery::image(&client, image).await?;
        let session = Arc::new(Session::with_token(client.clone(), connection, token));
        Ok(Self {
            glance: Glance::new(client, Arc::clone(&session), base),
            session,
            token: Token::default(),
            cached: false,
        })
    }

    /// The same log-in for a server that keeps it for somebody else: the password or secret that it was made with is
    /// forgotten, and when the token ends it is not renewed.
    ///
    /// # Errors
    /// [`Error::Config`] when the token was forgotten meanwhile.
    pub async fn token_only(&self) -> Result<Self, Error> {
        let session = Arc::new(self.session.token_only().await?);
        Ok(Self {
            glance: self.glance.with(Arc::clone(&session)),
            session,
            token: self.token.clone(),
            cached: self.cached,
        })
    }

    /// The image service.
    #[must_use]
    pub fn glance(&self) -> &Glance {
        &self.glance
    }

    /// Whose token it is, and for what, as it was on connecting.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Whether the log-in came from the cache, so that the identity service was not asked.
    #[must_use]
    pub fn from_cache(&self) -> bool {
        self.cached
    }

    /// Forgets the cached token.
    pub async fn forget(&self) {
        self.session.forget().await;
    }
}

/// The image service's address: what the user says, or else the catalogue's.
async fn find(session: &Session, connection: &Connection, source: &Source) -> Result<Url, Error> {
    if let Some(url) = &connection.image_endpoint {
        return Ok(url.clone());
    }
    let token = session.token().await?;
    match &token.catalog {
        None if token.unscoped() => Err(unscoped(source)),
        None => Err(Error::NoService {
            message: "the token comes without a catalogue".to_owned(),
            details: Vec::new(),
        }),
        Some(catalog) => look_up(catalog, connection),
    }
}

/// Looks an image service up, by region and then by interface in the order of preference.
fn look_up(catalog: &[Service], connection: &Connection) -> Result<Url, Error> {
    let services = || catalog.iter().filter(|service| service.kind == "image");
    let endpoints: Vec<&Endpoint> = services().flat_map(|service| &service.endpoints).collect();
    let region = connection.region.as_deref();
    let in_region = |endpoint: &&&Endpoint| region.is_none_or(|region| endpoint.is_in(region));
    let found = connection.interfaces.iter().find_map(|interface| {
        let there = |endpoint: &&&Endpoint| endpoint.interface.trim_end_matches("URL") == interface;
        endpoints.iter().filter(in_region).find(there)
    });
    match found {
        Some(endpoint) => Url::parse(&endpoint.url).map_err(|error| Error::NoService {
            message: format!("the catalogue's address of the image service is no address: {error}"),
            details: vec![format!("it says    {}", endpoint.url)],
        }),
        None if services().next().is_none() => {
            let kinds = catalog.iter().map(|service| service.kind.clone());
            Err(nothing(
                "the cloud's catalogue has no image service".to_owned(),
                kinds,
            ))
        }
        None => {
            let interfaces = connection.interfaces.join(" or ");
            let region = region
                .map(|region| format!(" in region `{region}`"))
                .unwrap_or_default();
            let message =
                format!("the catalogue has no {interfaces} address of an image service{region}");
            let spoken = |endpoint: &&Endpoint| {
                format!("{} in region `{}`", endpoint.interface, endpoint.region())
            };
            Err(nothing(message, endpoints.iter().map(spoken)))
        }
    }
}

/// A look-up in vain, with what is there instead.
fn nothing(message: String, there: impl Iterator<Item = String>) -> Error {
    let mut there: Vec<String> = there.collect();
    there.sort();
    there.dedup();
    let details = if there.is_empty() {
        Vec::new()
    } else {
        vec![format!("it has     {}", there.join(", "))]
    };
    Error::NoService { message, details }
}

/// A log-in without a project: which words choose one.
fn unscoped(source: &Source) -> Error {
    let hint = match source {
        Source::Cloud { name, label, .. } => {
            format!(
                "write auth.project_name and auth.project_domain_name into the cloud `{name}` of {label}"
            )
        }
        Source::Environment => "export OS_PROJECT_NAME=… OS_PROJECT_DOMAIN_NAME=…".to_owned(),
        Source::Flags => "add --os-project-name … --os-project-domain-name …".to_owned(),
    };
    Error::Unscoped {
        source_of: source.to_string(),
        hint,
    }
}
