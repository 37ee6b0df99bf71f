//! Why the identity service did not do what it was asked.

use std::time::Duration;

use super::Role;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing: 404.
    #[error("could not find {what}: {id}")]
    Missing {
        /// `user`, `project`, `role` …
        what: &'static str,
        /// What was asked for.
        id: String,
    },
    /// The name is taken: 409.
    #[error("there is already a {what} `{name}`")]
    Taken {
        /// `user`, `project` …
        what: &'static str,
        /// The name.
        name: String,
    },
    /// What was sent cannot be used: 400.
    #[error("{0}")]
    Invalid(String),
    /// Not said why: 401.
    #[error("the request you have made requires authentication")]
    Denied,
    /// Said why: 401. Only for who has shown who they are.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// Known, but not allowed: 403.
    #[error("you are not authorized to perform the requested action: {0}")]
    Forbidden(&'static str),
    /// Too many of something: 403, as Keystone's limits.
    #[error("there are {limit} {what} already, the most there may be")]
    Full {
        /// What there are too many of.
        what: &'static str,
        /// The most there may be.
        limit: i64,
    },
    /// Too many failed log-ins to this name, or too many log-ins at all: 429.
    #[error("too many log-ins; try again in {} s", wait.as_secs().max(1))]
    Busy {
        /// How long to wait.
        wait: Duration,
    },
    /// The database failed: 503.
    #[error("the records of users cannot be read or written")]
    Database(#[from] database::Error),
    /// A record, or the machine's random numbers or threads, are not as they must be: 500.
    #[error("{0}")]
    Broken(&'static str),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Error {
    /// That there is no such thing.
    pub(crate) fn missing(what: &'static str, id: &str) -> Self {
        Self::Missing {
            what,
            id: id.to_owned(),
        }
    }

    /// That a user has not this role in this project, in the words of Keystone.
    pub(crate) fn no_assignment(role: &Role, user: &str, project: &str) -> Self {
        Self::Missing {
            what: "role assignment with role",
            id: format!(
                "{}, user or group: {user}, project, domain, or system: {project}",
                role.id
            ),
        }
    }

    /// `Taken` for a name that the database refused as a second one, otherwise the error itself.
    pub(crate) fn taken(error: sqlx::Error, what: &'static str, name: &str) -> Self {
        let twice = error
            .as_database_error()
            .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
        if twice {
            let name = name.to_owned();
            return Self::Taken { what, name };
        }
        error.into()
    }
}
