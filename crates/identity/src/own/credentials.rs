//! Application credentials: secrets for programs, with some of a user's roles in one project.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::record::{check_description, check_name};
use super::{Error, Own, Role, random, roles};
use crate::limits;

/// An application credential, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// Which project it is for.
    pub project: String,
    /// Its name, unique among the user's.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it ends; none for never.
    pub expires: Option<Timestamp>,
    /// Whether tokens made with it may make and delete application credentials; none when it was not said.
    pub unrestricted: Option<bool>,
    /// The roles that it has.
    pub roles: Vec<&'static Role>,
}

/// An application credential to be made.
#[derive(Debug)]
pub struct NewCredential {
    /// Its name, unique among the user's.
    pub name: String,
    /// Its secret; a random one without.
    pub secret: Option<SecretString>,
    /// What it is for.
    pub description: Option<String>,
    /// When it ends; none for never.
    pub expires: Option<Timestamp>,
    /// Whether tokens made with it may make and delete application credentials.
    pub unrestricted: Option<bool>,
    /// The roles that it has.
    pub roles: Vec<&'static Role>,
}

impl Credential {
    /// Out of the columns `id, user_id, project_id, name, description, expires, unrestricted, roles`.
    fn of(row: &AnyRow) -> Result<Self, Error> {
        let expires: Option<i64> = row.try_get(5)?;
        let names: String = row.try_get(7)?;
        let named = names.split_whitespace().map(roles::named);
        Ok(Self {
            id: row.try_get(0)?,
            user: row.try_get(1)?,
            project: row.try_get(2)?,
            name: row.try_get(3)?,
            description: row.try_get(4)?,
            expires: expires
                .map(Timestamp::from_microsecond)
                .transpose()
                .map_err(|_| Error::Broken("a record has an impossible time"))?,
            unrestricted: row.try_get::<Option<i64>, _>(6)?.map(|flag| flag != 0),
            roles: named.collect::<Result<_, _>>()?,
        })
    }
}

impl Own {
    /// The application credential with this id, and the form in which its secret is kept.
    pub(super) async fn credential_and_secret(
        &self,
        id: &str,
    ) -> Result<(Credential, String), Error> {
        let row = sqlx::query(
            "SELECT id, user_id, project_id, name, description, expires, unrestricted, roles, secret
             FROM identity_credentials WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or_else(|| Error::missing("Application Credential", id))?;
        Ok((Credential::of(&row)?, row.try_get(8)?))
    }

    /// The application credential with this id.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn credential(&self, id: &str) -> Result<Credential, Error> {
        Ok(self.credential_and_secret(id).await?.0)
    }

    /// A user's application credentials, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn credentials_of(&self, user: &str) -> Result<Vec<Credential>, Error> {
        let rows = sqlx::query(
            "SELECT id, user_id, project_id, name, description, expires, unrestricted, roles
             FROM identity_credentials WHERE user_id = $1 ORDER BY created, id",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Credential::of).collect()
    }

    /// Makes an application credential, and gives its secret, which is shown once and kept only as a hash.
    ///
    /// # Errors
    /// The name is taken, the user has too many; something cannot be kept; the database fails.
    pub async fn create_credential(
        &self,
        user: &str,
        project: &str,
        new: NewCredential,
        now: Timestamp,
    ) -> Result<(Credential, SecretString), Error> {
        check_name("application credential", &new.name, limits::MAX_NAME)?;
        check_description(new.description.as_deref().unwrap_or_default())?;
        let secret = match new.secret {
            Some(secret) if secret.expose_secret().is_empty() => {
                return Err(Error::Invalid("the secret is empty".to_owned()));
            }
            Some(secret) => secret,
            None => random::secret()?,
        };
        let kept = self.passwords.hash(&secret).await?;
        let id = random::id();
        let names: Vec<&str> = new.roles.iter().map(|role| role.name).collect();
        let done = sqlx::query(
            "INSERT INTO identity_credentials
             (id, user_id, project_id, name, secret, description, expires, unrestricted, roles, created)
             SELECT $1, $2, $3, $4, $5, $6, CAST($7 AS BIGINT), CAST($8 AS BIGINT), $9, CAST($10 AS BIGINT)
             WHERE (SELECT COUNT(*) FROM identity_credentials WHERE user_id = $2) < $11",
        )
        .bind(&id)
        .bind(user)
        .bind(project)
        .bind(&new.name)
        .bind(kept)
        .bind(&new.description)
        .bind(new.expires.map(Timestamp::as_microsecond))
        .bind(new.unrestricted.map(i64::from))
        .bind(names.join(" "))
        .bind(now.as_microsecond())
        .bind(limits::MAX_CREDENTIALS)
        .execute(&self.pool)
        .await
        .map_err(|error| Error::taken(error, "application_credential", &new.name))?;
        if done.rows_affected() == 0 {
            let (what, limit) = ("application credentials", limits::MAX_CREDENTIALS);
            return Err(Error::Full { what, limit });
        }
        Ok((self.credential(&id).await?, secret))
    }

    /// Deletes an application credential, and with it its tokens.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn delete_credential(&self, id: &str) -> Result<(), Error> {
        let done = sqlx::query("DELETE FROM identity_credentials WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        match done.rows_affected() {
            0 => Err(Error::missing("Application Credential", id)),
            _ => Ok(()),
        }
    }
}
