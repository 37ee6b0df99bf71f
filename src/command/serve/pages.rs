//! The dashboard of the service, at `/dashboard`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use clap::ValueEnum;
use dashboard::{Options, Place, Proving, Public};
use identity::{Anybody, Identity};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::command::serving::outside;
use crate::command::vendor;
use crate::context::cache_folder;
use crate::failure::{Exit, Failure};

/// How many originals are read at once.
const JOBS: usize = 2;

/// Whom the dashboard is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dashboard {
    /// There is none
    Off,
    /// Who has logged in
    #[default]
    Login,
    /// Everybody: public and community images without a log-in, read only
    Public,
}

/// The identity service with the token that the dashboard has for everybody, if there is to be one.
///
/// # Errors
/// The machine has no random numbers.
pub(super) fn with_anybody(
    who: Arc<dyn Identity>,
    dashboard: Dashboard,
) -> Result<(Arc<dyn Identity>, Option<SecretString>), Failure> {
    if dashboard != Dashboard::Public {
        return Ok((who, None));
    }
    let (who, token) = Anybody::beside(who).map_err(|error| Failure::of(Exit::Bug, &error))?;
    Ok((Arc::new(who), Some(token)))
}

/// The pages. They speak to the service over HTTP like everybody else.
pub(super) struct Pages<'a> {
    /// Where on this machine the service is.
    pub(super) inside: SocketAddr,
    /// The identity service, where it is not the service's own.
    pub(super) identity: Option<&'a str>,
    /// Where browsers reach the service.
    pub(super) public: &'a Url,
    /// With what everybody is shown what is there for everybody, if it is.
    pub(super) anybody: Option<SecretString>,
    /// Whether originals may be read from this machine and its network.
    pub(super) verify_private: bool,
}

impl Pages<'_> {
    /// The dashboard, at `/dashboard`.
    ///
    /// # Errors
    /// What ectype carries of vendors cannot be read.
    pub(super) fn router(self) -> Result<Router, Failure> {
        let image = format!("http://{}", self.inside);
        let address = Url::parse(&image).map_err(|error| Failure::of(Exit::Bug, &error))?;
        let own = format!("{image}/identity/v3");
        let told = self.public.as_str().trim_end_matches('/');
        let place = match self.identity {
            Some(keystone) => Place::new(keystone),
            None => Place::new(&own).shown_as(&format!("{told}/identity/v3")),
        };
        let name = self.public.host_str().unwrap_or_default().to_owned();
        let mut hosts = vec![name.clone()];
        if matches!(name.as_str(), "127.0.0.1" | "localhost" | "[::1]") {
            hosts = ["127.0.0.1", "localhost", "[::1]"]
                .map(str::to_owned)
                .to_vec();
        }
        Ok(dashboard::router(Options {
            base: "/dashboard".to_owned(),
            outside: outside(self.public),
            cloud: name,
            public: self.anybody.map(|token| Public::Token(address, token)),
            login: Some(place.with_image_endpoint(&image)),
            shown: Some(told.to_owned()),
            proving: Some(Proving {
                // Visitors name the addresses, by the records of their images: the operator says whether they may lead inside.
                client: origin::Client::new(&net::Options {
                    private: self.verify_private,
                    ..net::Options::default()
                })?,
                cache: cache_folder().map(|folder| origin::Cache::new(folder.join("derived"))),
                jobs: JOBS,
            }),
            public_proving: false,
            families: vendor::families(&[])?,
            dates: vendor::dates()?,
            hosts,
            secure: self.public.scheme() == "https",
            patience: dashboard::limits::ANSWER,
            max_upload: dashboard::limits::MAX_UPLOAD,
            now: Arc::new(jiff::Timestamp::now),
        }))
    }
}
