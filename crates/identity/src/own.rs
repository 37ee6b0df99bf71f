//! Our own identity service: as much of Keystone v3 as the clients of an image service need.
//!
//! There is one domain, `default`, and a fixed set of roles. Everything is in a database; nothing but the pauses after
//! failed log-ins is kept in memory, so that several processes can serve one database.

mod api;
mod assignments;
mod bootstrap;
mod credentials;
mod error;
mod login;
mod password;
mod projects;
pub(crate) mod random;
mod record;
mod roles;
mod session;
mod tables;
mod throttle;
mod tokens;
mod users;

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use database::Pool;
use jiff::Timestamp;

use crate::{CallerFuture, Identity, Refusal, limits};

pub use api::{Catalogue, router};
pub use assignments::{Assignment, Where};
pub use bootstrap::Bootstrapped;
pub use credentials::{Credential, NewCredential};
pub use error::Error;
pub use login::{DomainRef, Grant, Proof, Scope, Who};
pub use projects::{NewProject, ProjectChange};
pub use random::password as generated_password;
pub use record::{Project, User};
pub use roles::{ROLES, Role, named as role_named};
pub use session::Session;
pub use users::{NewUser, UserChange};

/// The only domain's id.
pub const DOMAIN: &str = "default";
/// The only domain's name.
pub const DOMAIN_NAME: &str = "Default";

/// What an operator may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a token is good.
    pub token_life: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_life: limits::TOKEN_LIFE,
        }
    }
}

/// The service. Make it once, share it by reference or in an `Arc`.
pub struct Own {
    pool: Pool,
    settings: Settings,
    passwords: password::Passwords,
    throttle: throttle::Throttle,
    /// The minute, since 1970, in which ended tokens were last taken away.
    tidied: AtomicI64,
}

impl std::fmt::Debug for Own {
    /// Nothing of the database: its address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Own")
    }
}

impl Own {
    /// Opens the service on a database and makes the tables that are not there yet.
    ///
    /// # Errors
    /// The database fails, or a newer program made its tables.
    pub async fn open(pool: Pool, settings: Settings) -> Result<Self, Error> {
        database::migrate(&pool, "identity", tables::STEPS).await?;
        Ok(Self {
            pool,
            settings,
            passwords: password::Passwords::new(),
            throttle: throttle::Throttle::default(),
            tidied: AtomicI64::new(0),
        })
    }
}

impl Identity for Own {
    fn caller<'a>(&'a self, token: &'a str) -> CallerFuture<'a> {
        Box::pin(async move {
            match self.session(token, Timestamp::now()).await {
                Ok(Some(session)) => Ok(session.caller()),
                Ok(None) => Err(Refusal::Unknown),
                Err(error) => Err(Refusal::Unavailable(Box::new(error))),
            }
        })
    }
}
