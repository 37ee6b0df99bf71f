//! What the dashboard is told once: which cloud, who may look, and by which clock.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cloud::{Config, Sources};
use jiff::Timestamp;
use origin::life::Dates;
use origin::{Cache, Client, Families};
use secrecy::SecretString;
use url::Url;

/// The clock.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What the dashboard is told once.
pub struct Options {
    /// The path under which it is mounted, such as `/dashboard`; empty for the root. Never ends with `/`.
    pub base: String,
    /// What a proxy takes off the front of the paths that browsers ask for, such as `/images`; empty where none does. Never
    /// ends with `/`.
    pub outside: String,
    /// What people call the cloud.
    pub cloud: String,
    /// How visitors who have not logged in are shown public and community images; without it they see nothing.
    pub public: Option<Public>,
    /// Where visitors can log in; without it nobody can, and the dashboard only reads.
    pub login: Option<Place>,
    /// The address of the image service for people, where it is not the one that it is asked at; without a version.
    pub shown: Option<String>,
    /// What verifies images at the push of a button; without it there is no such button.
    pub proving: Option<Proving>,
    /// Whether visitors who have not logged in may have images verified.
    pub public_proving: bool,
    /// The families that vendors publish.
    pub families: Families,
    /// Until when their releases are supported.
    pub dates: Dates,
    /// The names under which it is asked for (`Host`, without port); others are refused. Empty for any.
    pub hosts: Vec<String>,
    /// Whether browsers reach it over TLS, so that cookies are kept off plain HTTP.
    pub secure: bool,
    /// How long the cloud may take for a page, or for what a form asks of it.
    pub patience: Duration,
    /// The most bytes that an upload may have.
    pub max_upload: u64,
    /// The clock.
    pub now: Now,
}

impl Options {
    /// A text about the cloud in which people know its address.
    pub(crate) fn for_people(&self, text: &str) -> String {
        let asked = self
            .login
            .as_ref()
            .and_then(|place| place.settings.get("image_endpoint_override"));
        match (asked, &self.shown) {
            (Some(asked), Some(shown)) => text.replace(asked.as_str(), shown),
            _ => text.to_owned(),
        }
    }
}

/// With what the cloud is asked for the public and community images that everybody is shown. Nothing is changed with it.
#[derive(Clone, Debug)]
pub enum Public {
    /// The operator's log-in.
    Login(Box<Config>),
    /// A token that the image service at this address knows by itself.
    Token(Url, SecretString),
}

/// What verifies images.
pub struct Proving {
    /// The client for vendors' servers. It knows nothing of the cloud's credentials.
    pub client: Client,
    /// What earlier runs have found.
    pub cache: Option<Cache>,
    /// How many originals are read at once.
    pub jobs: usize,
}

/// A cloud that visitors log in to: everything about its connection but who asks.
#[derive(Clone, Debug)]
pub struct Place {
    settings: BTreeMap<String, String>,
    folder: PathBuf,
    shown: Option<String>,
}

/// The settings of a connection that say where and not who.
const WHERE: [&str; 10] = [
    "auth_url",
    "region_name",
    "image_region_name",
    "interface",
    "image_interface",
    "image_endpoint_override",
    "verify",
    "insecure",
    "identity_api_version",
    "image_api_version",
];

impl Place {
    /// The identity service at this address, which names the image service.
    #[must_use]
    pub fn new(auth_url: &str) -> Self {
        let settings = [("auth_url".to_owned(), auth_url.to_owned())];
        Self {
            settings: settings.into(),
            folder: PathBuf::from("/"),
            shown: None,
        }
    }

    /// The same with the image service at this address, whatever the catalogue says.
    #[must_use]
    pub fn with_image_endpoint(mut self, url: &str) -> Self {
        self.settings
            .insert("image_endpoint_override".to_owned(), url.to_owned());
        self
    }

    /// Where a connection leads, without what it says of its user.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let values = config.values();
        let mut settings: BTreeMap<String, String> = values
            .filter(|(name, _, _)| WHERE.contains(name))
            .map(|(name, value, _)| (name.to_owned(), value))
            .collect();
        let transport = config.transport(net::Options::default());
        let mut file = |name: &str, path: Option<PathBuf>| {
            if let Some(path) = path {
                settings.insert(name.to_owned(), path.display().to_string());
            }
        };
        file("cacert", transport.ca_file);
        if let Some((cert, key)) = transport.client_cert {
            file("cert", Some(cert));
            file("key", key);
        }
        Self {
            settings,
            folder: PathBuf::from("/"),
            shown: None,
        }
    }

    /// The same with another address of the identity service for people: the one at which browsers' users know it.
    #[must_use]
    pub fn shown_as(mut self, url: &str) -> Self {
        self.shown = Some(url.to_owned());
        self
    }

    /// The address of the identity service, for people.
    #[must_use]
    pub fn shown(&self) -> &str {
        let asked = self.settings.get("auth_url").map_or("", String::as_str);
        self.shown.as_deref().unwrap_or(asked)
    }

    /// The connection of somebody who logs in there.
    ///
    /// # Errors
    /// [`cloud::Error::Config`] for what is missing or no address.
    pub(crate) fn config(&self, who: &[(&str, &str)]) -> Result<Config, cloud::Error> {
        let mut sources = Sources::new([], self.folder.clone());
        sources.system = PathBuf::from("/nonexistent");
        for (name, value) in &self.settings {
            sources.flag(name, value.clone());
        }
        for (name, value) in who.iter().filter(|(_, value)| !value.is_empty()) {
            sources.flag(name, *value);
        }
        Config::resolve(&sources).map(|(config, _)| config)
    }
}
