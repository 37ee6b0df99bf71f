//! A value together with where it came from; secrets cannot be shown by accident.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A flag, such as `--os-auth-url`.
    Flag(String),
    /// An environment variable, such as `OS_AUTH_URL`.
    Env(String),
    /// A file.
    #[non_exhaustive]
    File {
        /// The file.
        path: PathBuf,
        /// The file as people write it: `~/.config/openstack/clouds.yaml`.
        label: String,
        /// The cloud or the vendor profile within it.
        cloud: String,
        /// The place within that, such as `auth.auth_url`.
        key: String,
        /// The line, counted from 1.
        line: Option<u64>,
    },
    /// Nobody said; this is what is used then.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Env(name) => f.write_str(name),
            Self::File {
                label,
                line: Some(line),
                ..
            } => write!(f, "{label}:{line}"),
            Self::File {
                label, line: None, ..
            } => f.write_str(label),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A value as it was written. It shows itself as `***`, whatever it is, until somebody asks for the text.
#[derive(Clone)]
pub(crate) struct Text(SecretString);

impl Text {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(crate) fn secret(&self) -> SecretString {
        self.0.clone()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) value: Text,
    pub(crate) origin: Origin,
}

impl Setting {
    pub(crate) fn new(value: impl Into<String>, origin: Origin) -> Self {
        Self {
            value: Text::new(value),
            origin,
        }
    }
}
