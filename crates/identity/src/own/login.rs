//! Logging in: a proof of who asks, and what the token shall be good for.

use std::time::Instant;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row as _;

use super::tokens::NewToken;
use super::{Credential, DOMAIN, DOMAIN_NAME, Error, Own, Project, Role, Session, User, random};

/// A domain as callers name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DomainRef {
    /// By id.
    Id(String),
    /// By name.
    Name(String),
}

impl DomainRef {
    /// Whether it is the one domain that there is.
    #[must_use]
    pub fn known(&self) -> bool {
        match self {
            Self::Id(id) => id == DOMAIN,
            Self::Name(name) => name == DOMAIN_NAME,
        }
    }
}

/// A user, a project or an application credential as callers name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// By id.
    Id(String),
    /// By name, within a domain.
    Name(String, DomainRef),
}

/// How somebody shows who they are.
#[derive(Debug)]
pub enum Proof {
    /// With a password.
    Password(Who, SecretString),
    /// With a token.
    Token(SecretString),
    /// With an application credential and its secret, by id.
    Credential(String, SecretString),
    /// With an application credential and its secret, by its name and its user.
    NamedCredential(String, Who, SecretString),
}

/// What a token shall be good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Not said: the user's default project if there is one, and else nothing.
    Unsaid,
    /// Nothing but asking for another token.
    Unscoped,
    /// A project.
    Project(Who),
    /// A domain, the system, a trust: here nobody has a role in one.
    Elsewhere,
}

/// A token that was made.
#[derive(Debug)]
pub struct Grant {
    /// The token.
    pub token: SecretString,
    /// What it stands for.
    pub session: Session,
}

impl Own {
    /// Logs somebody in.
    ///
    /// # Errors
    /// [`Error::Denied`] for everything that is wrong with a name, a password or a scope; [`Error::Busy`].
    pub async fn log_in(
        &self,
        proof: &Proof,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Grant, Error> {
        let (token, session) = match proof {
            Proof::Password(who, password) => {
                let user = self.check_password(who, password).await?;
                let place = self.scoped(&user, scope, now).await?;
                let new = fresh(user, place, "password");
                self.issue(new, now).await?
            }
            Proof::Token(token) => self.exchange(token, scope, now).await?,
            Proof::Credential(id, secret) => {
                let found = self.credential_and_secret(id).await?;
                self.with_credential(Some(found), id, secret, scope, now)
                    .await?
            }
            Proof::NamedCredential(name, who, secret) => {
                let found = self.credential_named(who, name).await?;
                let at = format!("{name}\0{who:?}");
                self.with_credential(found, &at, secret, scope, now).await?
            }
        };
        Ok(Grant { token, session })
    }

    /// The user whose password it is.
    pub(super) async fn check_password(
        &self,
        who: &Who,
        password: &SecretString,
    ) -> Result<User, Error> {
        let found = self.user_and_password(who).await?;
        // A user has one count of failures, by whichever name; so has a name that nobody has.
        let name = match &found {
            Some((user, _)) => random::digest(&user.id),
            None => random::digest(&format!("{who:?}")),
        };
        let kept = found.as_ref().and_then(|(_, kept)| kept.as_deref());
        let fits = self.slowly(&name, password, kept).await?;
        match found {
            Some((user, _)) if fits && user.enabled => Ok(user),
            _ => Err(Error::Denied),
        }
    }

    /// Whether a secret fits; after failures not at once.
    async fn slowly(
        &self,
        name: &str,
        secret: &SecretString,
        kept: Option<&str>,
    ) -> Result<bool, Error> {
        let pause = self.throttle.pause(name, Instant::now())?;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let fits = self.passwords.fits(secret, kept).await?;
        if fits {
            self.throttle.passed(name);
        } else {
            self.throttle.failed(name, Instant::now());
        }
        Ok(fits)
    }

    async fn user_and_password(&self, who: &Who) -> Result<Option<(User, Option<String>)>, Error> {
        let (id, name) = match who {
            Who::Id(id) => (id.as_str(), ""),
            Who::Name(name, domain) if domain.known() => ("", name.as_str()),
            Who::Name(..) => return Ok(None),
        };
        let row = sqlx::query(
            "SELECT id, name, enabled, default_project, description, extra, stamp, password
             FROM identity_users WHERE id = $1 OR name = $2",
        )
        .bind(id)
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        let read = |row| Ok((User::of(&row, 0)?, row.try_get(7)?));
        row.map(read).transpose()
    }

    /// What was asked for, if the user may have it.
    async fn scoped(
        &self,
        user: &User,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Option<(Project, Vec<&'static Role>)>, Error> {
        let project = match scope {
            Scope::Unscoped => return Ok(None),
            Scope::Unsaid => {
                // A default project that cannot be had is no fault of the log-in.
                return match &user.default_project {
                    Some(id) => self.place(user, id, None, now).await,
                    None => Ok(None),
                };
            }
            Scope::Elsewhere => return Err(Error::Denied),
            Scope::Project(who) => self.meant_project(who).await,
        };
        let project = match project {
            Ok(project) => project,
            Err(Error::Missing { .. }) => return Err(Error::Denied),
            Err(error) => return Err(error),
        };
        match self.place(user, &project.id, None, now).await? {
            Some(place) => Ok(Some(place)),
            None => Err(Error::Denied),
        }
    }

    async fn meant_project(&self, who: &Who) -> Result<Project, Error> {
        match who {
            Who::Id(id) => self.project(id).await,
            Who::Name(name, domain) if domain.known() => self.project_named(name).await,
            Who::Name(name, _) => Err(Error::missing("project", name)),
        }
    }

    /// A token for another scope. Neither the way of the log-in nor its end changes by it.
    async fn exchange(
        &self,
        token: &SecretString,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<(SecretString, Session), Error> {
        let from = self.session(token.expose_secret(), now).await?;
        let from = from.ok_or_else(|| Error::missing("token", "the one that was sent"))?;
        if from.credential.is_some() {
            return Err(Error::Forbidden(
                "Using a delegated token to create another token is not allowed.",
            ));
        }
        let place = self.scoped(&from.user, scope, now).await?;
        let new = NewToken {
            from: Some(&from),
            ..fresh(from.user.clone(), place, "token")
        };
        self.issue(new, now).await
    }

    async fn credential_named(
        &self,
        who: &Who,
        name: &str,
    ) -> Result<Option<(Credential, String)>, Error> {
        let Some((user, _)) = self.user_and_password(who).await? else {
            return Ok(None);
        };
        let row =
            sqlx::query("SELECT id FROM identity_credentials WHERE user_id = $1 AND name = $2")
                .bind(&user.id)
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        match row {
            Some(row) => {
                let id: String = row.try_get(0)?;
                Ok(Some(self.credential_and_secret(&id).await?))
            }
            None => Ok(None),
        }
    }

    async fn with_credential(
        &self,
        found: Option<(Credential, String)>,
        name: &str,
        secret: &SecretString,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<(SecretString, Session), Error> {
        let at = match &found {
            Some((credential, _)) => random::digest(&credential.id),
            None => random::digest(name),
        };
        let kept = found.as_ref().map(|(_, kept)| kept.as_str());
        let fits = self.slowly(&at, secret, kept).await?;
        let Some((credential, _)) = found.filter(|_| fits) else {
            return Err(Error::Denied);
        };
        if *scope != Scope::Unsaid {
            return Err(Error::Unauthorized(
                "Error authenticating with application credential: Application credentials cannot request a scope.",
            ));
        }
        let user = self.user(&credential.user).await?;
        if !user.enabled {
            return Err(Error::Denied);
        }
        let place = self
            .place(&user, &credential.project, Some(&credential), now)
            .await?;
        let place = place.ok_or(Error::Denied)?;
        let new = NewToken {
            credential: Some(credential),
            ..fresh(user, Some(place), "application_credential")
        };
        self.issue(new, now).await
    }
}

fn fresh(
    user: User,
    place: Option<(Project, Vec<&'static Role>)>,
    method: &'static str,
) -> NewToken<'static> {
    NewToken {
        user,
        place,
        credential: None,
        method,
        from: None,
    }
}
