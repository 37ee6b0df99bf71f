//! What a token stands for at this moment: looked up anew each time, so that a role that was taken is gone at once.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Credential, DOMAIN, Error, Own, Project, Role, User, random, roles};
use crate::{Caller, limits};

/// What a token stands for.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// What it is good for; none for an unscoped token.
    pub project: Option<Project>,
    /// What its owner may do there, implied roles included.
    pub roles: Vec<&'static Role>,
    /// The application credential it was made with.
    pub credential: Option<Credential>,
    /// How its owner logged in: `password`, `token`, `application_credential`.
    pub methods: Vec<String>,
    /// What it is called in audit records, and then what the one it was made from is called.
    pub audit: Vec<String>,
    /// When it was made.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    pub(super) digest: String,
}

impl Session {
    /// Who calls, for the other services.
    #[must_use]
    pub fn caller(&self) -> Caller {
        let project = self.project.as_ref();
        Caller {
            user: self.user.id.clone(),
            user_name: self.user.name.clone(),
            project: project.map(|project| project.id.clone()),
            project_name: project.map(|project| project.name.clone()),
            domain: DOMAIN.to_owned(),
            roles: self.roles.iter().map(|role| role.name.to_owned()).collect(),
            expires: self.expires,
        }
    }

    /// Whether the role is among those of the token.
    #[must_use]
    pub fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own.name == role)
    }
}

const BROKEN: Error = Error::Broken("a record has an impossible time");

impl Own {
    /// What a token stands for at `now`; nothing when it is unknown, has ended, or was revoked.
    ///
    /// # Errors
    /// The database fails.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, Error> {
        if token.is_empty() || token.len() > limits::MAX_TOKEN {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT u.id, u.name, u.enabled, u.default_project, u.description, u.extra, u.stamp,
             t.user_stamp, t.project_id, t.project_stamp, t.credential_id, t.methods, t.audit, t.issued, t.expires
             FROM identity_tokens t JOIN identity_users u ON u.id = t.user_id WHERE t.digest = $1",
        )
        .bind(random::digest(token))
        .fetch_optional(&self.pool)
        .await?;
        match row {
            Some(row) => self.read(&row, random::digest(token), now).await,
            None => Ok(None),
        }
    }

    async fn read(
        &self,
        row: &AnyRow,
        digest: String,
        now: Timestamp,
    ) -> Result<Option<Session>, Error> {
        let user = User::of(row, 0)?;
        let time = |column: usize| -> Result<Timestamp, Error> {
            Timestamp::from_microsecond(row.try_get(column)?).map_err(|_| BROKEN)
        };
        let (issued, expires) = (time(13)?, time(14)?);
        let stamp: i64 = row.try_get(7)?;
        if now >= expires || !user.enabled || stamp != user.stamp {
            return Ok(None);
        }
        let project: Option<String> = row.try_get(8)?;
        let credential: Option<String> = row.try_get(10)?;
        let credential = match credential {
            Some(id) => match self.credential(&id).await {
                Ok(credential) => Some(credential),
                Err(Error::Missing { .. }) => return Ok(None),
                Err(error) => return Err(error),
            },
            None => None,
        };
        let place = match project {
            Some(id) => match self.place(&user, &id, credential.as_ref(), now).await? {
                Some((project, _)) if project.stamp != row.try_get::<i64, _>(9)? => {
                    return Ok(None);
                }
                Some(place) => Some(place),
                None => return Ok(None),
            },
            None => None,
        };
        let words = |column: usize| -> Result<Vec<String>, Error> {
            let text: String = row.try_get(column)?;
            Ok(text.split_whitespace().map(str::to_owned).collect())
        };
        let (project, roles) = place.map_or_else(
            || (None, Vec::new()),
            |(project, roles)| (Some(project), roles),
        );
        Ok(Some(Session {
            user,
            project,
            roles,
            credential,
            methods: words(11)?,
            audit: words(12)?,
            issued,
            expires,
            digest,
        }))
    }

    /// The project and the user's roles in it; none when there is no such project, when it is disabled, or when the user
    /// has no role there. An application credential has its own roles as far as the user still has them.
    pub(super) async fn place(
        &self,
        user: &User,
        project: &str,
        credential: Option<&Credential>,
        now: Timestamp,
    ) -> Result<Option<(Project, Vec<&'static Role>)>, Error> {
        let project = match self.project(project).await {
            Ok(project) if project.enabled => project,
            Ok(_) | Err(Error::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let given = self.given(&user.id, &project.id).await?;
        let mut roles = roles::expanded(given.iter().map(String::as_str));
        if let Some(credential) = credential {
            if credential.expires.is_some_and(|end| now >= end) {
                return Ok(None);
            }
            let own = roles::expanded(credential.roles.iter().map(|role| role.name));
            roles.retain(|role| own.contains(role));
        }
        Ok((!roles.is_empty()).then_some((project, roles)))
    }
}
