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
        let digest = random::digest(token);
        // A row for each role that the user was given in the project, one without a role for none.
        let rows = sqlx::query(
            "SELECT u.id, u.name, u.enabled, u.default_project, u.description, u.extra, u.stamp,
             t.user_stamp, t.project_id, t.project_stamp, t.credential_id, t.methods, t.audit, t.issued, t.expires,
             p.id, p.name, p.description, p.enabled, p.extra, p.stamp, a.role
             FROM identity_tokens t JOIN identity_users u ON u.id = t.user_id
             LEFT JOIN identity_projects p ON p.id = t.project_id
             LEFT JOIN identity_assignments a ON a.user_id = t.user_id AND a.project_id = t.project_id
             WHERE t.digest = $1",
        )
        .bind(&digest)
        .fetch_all(&self.pool)
        .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let mut given: Vec<String> = Vec::new();
        for row in &rows {
            given.extend(row.try_get::<Option<String>, _>(21)?);
        }
        given.sort();
        self.read(row, &given, digest, now).await
    }

    async fn read(
        &self,
        row: &AnyRow,
        given: &[String],
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
        let credential: Option<String> = row.try_get(10)?;
        let credential = match credential {
            Some(id) => match self.credential(&id).await {
                Ok(credential) => Some(credential),
                Err(Error::Missing { .. }) => return Ok(None),
                Err(error) => return Err(error),
            },
            None => None,
        };
        let (mut project, mut roles) = (None, Vec::new());
        if row.try_get::<Option<String>, _>(8)?.is_some() {
            let found = Project::of(row, 15)?;
            roles = effective(given, credential.as_ref(), now);
            if !found.enabled || found.stamp != row.try_get::<i64, _>(9)? || roles.is_empty() {
                return Ok(None);
            }
            project = Some(found);
        }
        let words = |column: usize| -> Result<Vec<String>, Error> {
            let text: String = row.try_get(column)?;
            Ok(text.split_whitespace().map(str::to_owned).collect())
        };
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
    /// has no role there
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
        let roles = effective(&given, credential, now);
        Ok((!roles.is_empty()).then_some((project, roles)))
    }
}

/// The roles of somebody who was given these, implied ones included. With an application credential: those of the
/// credential that the user still has, until it ends.
fn effective(
    given: &[String],
    credential: Option<&Credential>,
    now: Timestamp,
) -> Vec<&'static Role> {
    let mut roles = roles::expanded(given.iter().map(String::as_str));
    if let Some(credential) = credential {
        let ended = credential.expires.is_some_and(|end| now >= end);
        let own = roles::expanded(credential.roles.iter().map(|role| role.name));
        roles.retain(|role| !ended && own.contains(role));
    }
    roles
}
