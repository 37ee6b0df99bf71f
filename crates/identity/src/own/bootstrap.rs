//! The first user and the first project of a new service.

use jiff::Timestamp;
use secrecy::SecretString;
use sqlx::Row as _;

use super::{Error, Own, Project, User, random};

/// The name of the first project, of the first user, and of the role that the user has.
const ADMIN: &str = "admin";

/// What was made. The password is kept nowhere else: show it once, or write it where only its owner reads it.
#[derive(Debug)]
pub struct Bootstrapped {
    /// The project `admin`.
    pub project: Project,
    /// The user `admin`, who may do everything.
    pub user: User,
    /// The user's password.
    pub password: SecretString,
}

impl Own {
    /// Makes the project `admin` and the user `admin` with the role of that name, when there is no user at all; otherwise
    /// changes nothing and gives nothing. Without a password one is generated. All is made or nothing; of several
    /// processes one makes it.
    ///
    /// # Errors
    /// The password cannot be used; the database fails.
    pub async fn bootstrap(
        &self,
        password: Option<SecretString>,
        now: Timestamp,
    ) -> Result<Option<Bootstrapped>, Error> {
        let somebody = sqlx::query("SELECT id FROM identity_users LIMIT 1")
            .fetch_optional(&self.pool)
            .await?;
        if somebody.is_some() {
            return Ok(None);
        }
        let password = match password {
            Some(password) => password,
            None => random::password()?,
        };
        let kept = self.passwords.hash(&password).await?;
        if !self.first(&kept, now).await? {
            return Ok(None);
        }
        Ok(Some(Bootstrapped {
            project: self.project_named(ADMIN).await?,
            user: self.user_named(ADMIN).await?,
            password,
        }))
    }

    /// Whether we were the first.
    async fn first(&self, kept: &str, now: Timestamp) -> Result<bool, Error> {
        let mut work = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO identity_projects (id, name, description, enabled, extra, stamp, created)
             VALUES ($1, $2, 'Whose administrators may do everything', 1, '{}', 0, $3)
             ON CONFLICT (name) DO NOTHING",
        )
        .bind(random::id())
        .bind(ADMIN)
        .bind(now.as_microsecond())
        .execute(&mut *work)
        .await?;
        let row = sqlx::query("SELECT id FROM identity_projects WHERE name = $1")
            .bind(ADMIN)
            .fetch_one(&mut *work)
            .await?;
        let project: String = row.try_get(0)?;
        let user = random::id();
        let made = sqlx::query(
            "INSERT INTO identity_users
             (id, name, password, enabled, default_project, description, extra, stamp, created)
             VALUES ($1, $2, $3, 1, $4, NULL, '{}', 0, $5) ON CONFLICT (name) DO NOTHING",
        )
        .bind(&user)
        .bind(ADMIN)
        .bind(kept)
        .bind(&project)
        .bind(now.as_microsecond())
        .execute(&mut *work)
        .await?;
        if made.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO identity_assignments (user_id, project_id, role) VALUES ($1, $2, $3)",
        )
        .bind(&user)
        .bind(&project)
        .bind(ADMIN)
        .execute(&mut *work)
        .await?;
        work.commit().await?;
        Ok(true)
    }
}
