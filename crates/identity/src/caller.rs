//! Who calls: the user, the project and the roles that a token stands for.

use std::future::Future;
use std::pin::Pin;

use jiff::Timestamp;

/// Whom a token stands for, as an identity service says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's id.
    pub user: String,
    /// The user's name.
    pub user_name: String,
    /// The project that the token is scoped to, by id; none for an unscoped token.
    pub project: Option<String>,
    /// That project's name.
    pub project_name: Option<String>,
    /// The id of the domain of the project, or of the user where there is no project.
    pub domain: String,
    /// The names of the roles in the project, in small letters.
    pub roles: Vec<String>,
    /// When the token ends.
    pub expires: Timestamp,
}

impl Caller {
    /// Whether the caller has the role. Roles imply each other as in Keystone: an `admin` is a `manager`, that a
    /// `member`, that a `reader`.
    #[must_use]
    pub fn has(&self, role: &str) -> bool {
        let implied: &[&str] = match role {
            "reader" => &["reader", "member", "manager", "admin"],
            "member" => &["member", "manager", "admin"],
            "manager" => &["manager", "admin"],
            other => &[other],
        };
        self.roles.iter().any(|own| implied.contains(&own.as_str()))
    }

    /// Whether the caller may do everything in the image service.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.has("admin")
    }
}

/// What [`Identity::caller`] returns.
pub type CallerFuture<'a> = Pin<Box<dyn Future<Output = Result<Caller, Refusal>> + Send + 'a>>;

/// Tells whom a token stands for: our own service, or a Keystone.
pub trait Identity: Send + Sync {
    /// Whom the token stands for.
    fn caller<'a>(&'a self, token: &'a str) -> CallerFuture<'a>;
}

/// Why nobody is behind a token.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is unknown, has ended or was revoked: 401.
    #[error("the token is not valid")]
    Unknown,
    /// The identity service does not answer: 503.
    #[error("the identity service does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
