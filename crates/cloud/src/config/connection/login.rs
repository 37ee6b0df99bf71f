//! Who asks: a password, a token or an application credential.

use secrecy::SecretString;

use super::scope::DomainRef;
use super::{origin, secret, text};
use crate::Error;
use crate::config::layer::Layer;
use crate::config::setting::{Origin, Setting};

/// The kinds of log-in that are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Password,
    Token,
    Application,
}

/// A user or an application credential, by id or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NameOrId {
    Id(String),
    /// A name and the domain it is unique in. An application credential's name has none; its user has.
    Name(String, Option<DomainRef>),
}

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) enum Login {
    Password {
        user: NameOrId,
        password: SecretString,
    },
    Token(SecretString),
    Application {
        credential: NameOrId,
        user: Option<NameOrId>,
        secret: SecretString,
    },
}

const SUPPORTED: &str = "password, v3password, token, v3token, v3applicationcredential";

/// The kind asked for by `auth_type`, or else the one that the settings are for.
pub(crate) fn kind(layer: &mut Layer) -> Result<Kind, Error> {
    if let Some(name) = text(layer, "auth_type") {
        return match name {
            "password" | "v3password" => Ok(Kind::Password),
            "token" | "v3token" => Ok(Kind::Token),
            "v3applicationcredential" | "applicationcredential" => Ok(Kind::Application),
            _ => {
                let origin = origin(layer, "auth_type");
                Err(
                    Error::config(format!("auth_type `{name}` ({origin}) is not supported"))
                        .detail(format!("supported are {SUPPORTED}")),
                )
            }
        };
    }
    let has = |name: &str| layer.contains_key(name);
    let kind = if has("application_credential_secret") {
        Kind::Application
    } else if has("token") && !has("password") {
        Kind::Token
    } else {
        Kind::Password
    };
    layer.insert("auth_type", Setting::new(kind.name(), Origin::Default));
    Ok(kind)
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::Application => "v3applicationcredential",
        }
    }
}

/// Settings that this kind of log-in needs and that nobody said.
pub(crate) fn missing(kind: Kind, layer: &Layer) -> Vec<&'static str> {
    let has = |name: &str| layer.contains_key(name);
    let user = has("username") || has("user_id");
    let mut missing = Vec::new();
    let mut need = |is_there: bool, name: &'static str| {
        if !is_there {
            missing.push(name);
        }
    };
    need(has("auth_url"), "auth_url");
    match kind {
        Kind::Password => {
            need(user, "username");
            need(has("password"), "password");
        }
        Kind::Token => need(has("token"), "token"),
        Kind::Application => {
            let (id, name) = (
                has("application_credential_id"),
                has("application_credential_name"),
            );
            need(id || name, "application_credential_id");
            need(
                has("application_credential_secret"),
                "application_credential_secret",
            );
            // A name is unique only among its user's credentials.
            need(id || !name || user, "username");
        }
    }
    missing
}

impl Login {
    /// Reads the log-in; [`missing`] has seen to it that everything is there.
    pub(crate) fn new(kind: Kind, layer: &mut Layer) -> Result<Self, Error> {
        let lost = |name: &str| Error::config(format!("{name} is not set"));
        Ok(match kind {
            Kind::Password => Self::Password {
                user: user(layer).ok_or_else(|| lost("username"))?,
                password: secret(layer, "password").ok_or_else(|| lost("password"))?,
            },
            Kind::Token => Self::Token(secret(layer, "token").ok_or_else(|| lost("token"))?),
            Kind::Application => {
                let id =
                    text(layer, "application_credential_id").map(|id| NameOrId::Id(id.to_owned()));
                let name = text(layer, "application_credential_name");
                let credential = id.or_else(|| Some(NameOrId::Name(name?.to_owned(), None)));
                let credential = credential.ok_or_else(|| lost("application_credential_id"))?;
                let secret = secret(layer, "application_credential_secret");
                Self::Application {
                    user: if matches!(credential, NameOrId::Name(..)) {
                        user(layer)
                    } else {
                        None
                    },
                    credential,
                    secret: secret.ok_or_else(|| lost("application_credential_secret"))?,
                }
            }
        })
    }

    /// The kind of log-in, as `auth_type` spells it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Password { .. } => Kind::Password.name(),
            Self::Token(_) => Kind::Token.name(),
            Self::Application { .. } => Kind::Application.name(),
        }
    }

    /// The secret itself.
    pub(crate) fn secret(&self) -> &SecretString {
        match self {
            Self::Password {
                password: secret, ..
            }
            | Self::Token(secret)
            | Self::Application { secret, .. } => secret,
        }
    }
}

/// The user, by id or by name and domain.
fn user(layer: &mut Layer) -> Option<NameOrId> {
    if let Some(id) = text(layer, "user_id") {
        return Some(NameOrId::Id(id.to_owned()));
    }
    let name = text(layer, "username")?.to_owned();
    Some(NameOrId::Name(
        name,
        Some(DomainRef::of(layer, "user_domain_id", "user_domain_name")),
    ))
}
