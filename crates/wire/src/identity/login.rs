//! The body of `POST /v3/auth/tokens`, serialised only when it is sent: it holds secrets.
//!
//! Source: Identity API v3, "Password authentication with scoped authorization" and its neighbours.

use serde::Serialize;

/// The whole body. Without a `Debug` on purpose: it holds a secret.
#[derive(Serialize)]
pub struct AuthRequest<'a> {
    auth: Login<'a>,
}

impl<'a> AuthRequest<'a> {
    /// Puts the envelope around a log-in.
    #[must_use]
    pub fn new(auth: Login<'a>) -> Self {
        Self { auth }
    }
}

/// Who asks, and for what.
#[derive(Serialize)]
pub struct Login<'a> {
    /// Who asks.
    pub identity: Identity<'a>,
    /// What the token shall be good for. An application credential carries its own and sends none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope<'a>>,
}

/// The proof of who asks; exactly one of the three is set.
#[derive(Serialize)]
pub struct Identity<'a> {
    methods: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<Password<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<TokenLogin<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_credential: Option<Application<'a>>,
}

impl<'a> Identity<'a> {
    /// A user's password.
    #[must_use]
    pub fn password(user: User<'a>, password: &'a str) -> Self {
        let user = User {
            password: Some(password),
            ..user
        };
        Self {
            methods: ["password"],
            password: Some(Password { user }),
            token: None,
            application_credential: None,
        }
    }

    /// A token that is exchanged for another.
    #[must_use]
    pub fn token(id: &'a str) -> Self {
        Self {
            methods: ["token"],
            password: None,
            token: Some(TokenLogin { id }),
            application_credential: None,
        }
    }

    /// An application credential.
    #[must_use]
    pub fn application_credential(credential: Application<'a>) -> Self {
        Self {
            methods: ["application_credential"],
            password: None,
            token: None,
            application_credential: Some(credential),
        }
    }
}

/// The member `password` of the identity.
#[derive(Serialize)]
pub struct Password<'a> {
    user: User<'a>,
}

/// The member `token` of the identity.
#[derive(Serialize)]
pub struct TokenLogin<'a> {
    id: &'a str,
}

/// The member `application_credential` of the identity: by id, or by name together with its user.
#[derive(Serialize)]
pub struct Application<'a> {
    /// The credential's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The credential's name, unique within its user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The user whose credential it is, when named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User<'a>>,
    /// The secret.
    pub secret: &'a str,
}

/// A user, by id or by name and domain.
#[derive(Default, Serialize)]
pub struct User<'a> {
    /// The user's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The user's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The domain the name is unique in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl<'a> User<'a> {
    /// A user by id, or by name and domain.
    #[must_use]
    pub fn new(id: Option<&'a str>, name: Option<&'a str>, domain: Option<Domain<'a>>) -> Self {
        Self {
            id,
            name,
            domain,
            password: None,
        }
    }
}

/// A domain, by id or by name.
#[derive(Clone, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Domain<'a> {
    /// By id.
    Id(&'a str),
    /// By name.
    Name(&'a str),
}

/// What the token shall be good for.
#[derive(Serialize)]
pub enum Scope<'a> {
    /// A project.
    #[serde(rename = "project")]
    Project(Project<'a>),
    /// A domain.
    #[serde(rename = "domain")]
    Domain(Domain<'a>),
    /// The whole system (`{"all": true}`).
    #[serde(rename = "system")]
    System {
        /// Always true; Keystone knows no other system scope.
        all: bool,
    },
    /// What a trust delegates.
    #[serde(rename = "OS-TRUST:trust")]
    Trust {
        /// The trust's id.
        id: &'a str,
    },
}

/// A project, by id or by name and domain.
#[derive(Serialize)]
pub struct Project<'a> {
    /// The project's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<&'a str>,
    /// The project's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// The domain the name is unique in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain<'a>>,
}
