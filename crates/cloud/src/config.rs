//! Which cloud, who asks, and how: resolved from flags, variables and files, every value with its origin.
//!
//! The rules are openstacksdk's, so that a clouds.yaml and an openrc file mean here what they mean there. A named cloud
//! (`--os-cloud`, `OS_CLOUD`) is not mixed with the log-in of the `OS_*` variables, and a [`Warning`] names what was left
//! out. (The `openstack` command, unlike the library beneath it, lays those variables over the named cloud, which is how
//! people come to work on another cloud than they named.) Of the variables only `OS_REGION_NAME` still counts, and only
//! when it does not stand there as part of such a log-in. A flag always counts: it is what the user says now.
//!
//! Three things differ on purpose. A clouds.yaml that is not well-formed is an error here, not passed over; a file that
//! is named outright must be there; and a word that is neither true nor false where one is wanted is an error, where
//! openstacksdk takes `verify: "False"` for true and `OS_INSECURE=1` for false.
//! Users and projects named without a domain are in the one with the id `default`, as for the `openstack` command.

mod choose;
mod connection;
mod document;
mod files;
mod key;
mod layer;
mod named;
mod setting;
mod syntax;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

pub use choose::Source;
pub(crate) use connection::{Connection, DomainRef, Login, NameOrId, ScopeRef};
pub use document::{Document, parse_clouds};
pub use files::{Found, Place};
pub use key::{KEYS, Key};
pub use setting::Origin;
pub use syntax::SyntaxError;

use crate::Error;
use layer::Layer;

/// Everything that a configuration is made from, handed in: nothing is read from the process.
#[derive(Clone)]
pub struct Sources {
    /// `--os-cloud`.
    pub cloud: Option<String>,
    /// `--clouds`: the clouds.yaml to use instead of the usual places.
    pub clouds_file: Option<PathBuf>,
    /// The `--os-*` flags, by [`Key::name`].
    pub flags: BTreeMap<String, String>,
    /// The environment. Empty variables count as unset.
    pub env: BTreeMap<String, String>,
    /// The current folder.
    pub current_dir: PathBuf,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The folder of system-wide configuration: `/etc`.
    pub system: PathBuf,
}

impl fmt::Debug for Sources {
    /// Names only: any value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("cloud", &self.cloud)
            .field("clouds_file", &self.clouds_file)
            .field("flags", &self.flags.keys())
            .field(
                "env",
                &self
                    .env
                    .keys()
                    .filter(|name| name.starts_with("OS_"))
                    .collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

impl Sources {
    /// Sources with an environment and a current folder, without flags; home is the environment's `HOME`.
    #[must_use]
    pub fn new(env: impl IntoIterator<Item = (String, String)>, current_dir: PathBuf) -> Self {
        let env: BTreeMap<String, String> = env.into_iter().collect();
        let home = env
            .get("HOME")
            .filter(|home| !home.is_empty())
            .map(PathBuf::from);
        Self {
            cloud: None,
            clouds_file: None,
            flags: BTreeMap::new(),
            env,
            current_dir,
            home,
            system: PathBuf::from("/etc"),
        }
    }

    /// Adds what a `--os-*` flag says; `name` is a [`Key::name`].
    pub fn flag(&mut self, name: &str, value: impl Into<String>) {
        let name = Key::find(name).map_or(name, |key| key.name);
        self.flags.insert(name.to_owned(), value.into());
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.env
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// Something that the user should know although it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub(crate) String);

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A connection as it was resolved.
#[derive(Clone, Debug)]
pub struct Config {
    source: Source,
    layer: Layer,
    connection: Connection,
}

impl Config {
    /// Resolves the connection. Reads files, but contacts nobody.
    ///
    /// # Errors
    /// [`Error::NoCloud`], [`Error::UnknownCloud`] and [`Error::Config`], each with what was looked at.
    pub fn resolve(sources: &Sources) -> Result<(Self, Vec<Warning>), Error> {
        let choose::Choice {
            source,
            mut layer,
            mut warnings,
        } = choose::choose(sources)?;
        let connection = Connection::new(sources, &source, &mut layer, &mut warnings)?;
        Ok((
            Self {
                source,
                layer,
                connection,
            },
            warnings,
        ))
    }

    /// The source that won.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Every value in effect, with its origin: name as clouds.yaml spells it, value (secrets as `***`).
    pub fn values(&self) -> impl Iterator<Item = (&'static str, String, &Origin)> {
        KEYS.iter().filter_map(|key| {
            let setting = self.layer.get(key.name)?;
            let shown = if key.secret {
                "***".to_owned()
            } else {
                connection::without_userinfo(setting.value.expose())
            };
            Some((key.name, shown, &setting.origin))
        })
    }

    /// The kind of log-in: `password`, `token` or `v3applicationcredential`.
    #[must_use]
    pub fn auth_type(&self) -> &'static str {
        self.connection.login.kind()
    }

    /// The address of the identity service as given, without user information.
    #[must_use]
    pub fn auth_url(&self) -> String {
        connection::without_userinfo(self.connection.auth_url.as_str())
    }

    /// The region of the image service, if one was said.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.connection.region.as_deref()
    }

    /// The transport settings of this connection laid over `base`: certificate authorities, verification, client certificate.
    #[must_use]
    pub fn transport(&self, base: net::Options) -> net::Options {
        let tls = &self.connection.tls;
        net::Options {
            ca_file: tls.ca_file.clone(),
            verify: tls.verify,
            client_cert: tls.client_cert.clone(),
            ..base
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}
