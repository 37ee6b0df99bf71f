//! Making, finding, changing and deleting users.

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::record::{check_description, check_name, text, trimmed};
use super::{Error, Own, User, Who, random};
use crate::limits;

/// A user to be made.
#[derive(Debug, Default)]
pub struct NewUser {
    /// The name, of which there must be no other.
    pub name: String,
    /// The password; without one nobody can log in with it.
    pub password: Option<SecretString>,
    /// Whether the user can not log in yet.
    pub disabled: bool,
    /// The project of log-ins that name none, by id.
    pub default_project: Option<String>,
    /// Who it is.
    pub description: Option<String>,
    /// What else is to be kept.
    pub extra: Map<String, Value>,
}

/// What is to be changed of a user; what is `None` stays.
#[derive(Debug, Default)]
pub struct UserChange {
    /// Another name.
    pub name: Option<String>,
    /// Another password. It ends every token of the user.
    pub password: Option<SecretString>,
    /// Whether the user can log in. Disabling ends every token.
    pub enabled: Option<bool>,
    /// Another project of log-ins that name none, or none.
    pub default_project: Option<Option<String>>,
    /// Another description, or none.
    pub description: Option<Option<String>>,
    /// What else is to be kept.
    pub extra: Map<String, Value>,
}

impl Own {
    /// The user with this id.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn user(&self, id: &str) -> Result<User, Error> {
        let row = sqlx::query(
            "SELECT id, name, enabled, default_project, description, extra, stamp
             FROM identity_users WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or_else(|| Error::missing("user", id))?;
        User::of(&row, 0)
    }

    /// The user with this name.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn user_named(&self, name: &str) -> Result<User, Error> {
        let row = sqlx::query(
            "SELECT id, name, enabled, default_project, description, extra, stamp
             FROM identity_users WHERE name = $1",
        )
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or_else(|| Error::missing("user", name))?;
        User::of(&row, 0)
    }

    /// The user with this id, or else with this name.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn find_user(&self, name: &str) -> Result<User, Error> {
        match self.user(name).await {
            Err(Error::Missing { .. }) => self.user_named(name).await,
            found => found,
        }
    }

    /// All users, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let rows = sqlx::query(
            "SELECT id, name, enabled, default_project, description, extra, stamp
             FROM identity_users ORDER BY created, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| User::of(row, 0)).collect()
    }

    /// Makes a user.
    ///
    /// # Errors
    /// The name is taken; something cannot be kept; the database fails.
    pub async fn create_user(&self, mut new: NewUser, now: Timestamp) -> Result<User, Error> {
        new.name = trimmed(new.name);
        check_name("user", &new.name, limits::MAX_NAME)?;
        check_description(new.description.as_deref().unwrap_or_default())?;
        let extra = text(&new.extra)?;
        let password = match &new.password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let id = random::id();
        sqlx::query(
            "INSERT INTO identity_users
             (id, name, password, enabled, default_project, description, extra, stamp, created)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
        )
        .bind(&id)
        .bind(&new.name)
        .bind(password)
        .bind(i64::from(!new.disabled))
        .bind(&new.default_project)
        .bind(&new.description)
        .bind(extra)
        .bind(now.as_microsecond())
        .execute(&self.pool)
        .await
        .map_err(|error| Error::taken(error, "user", &new.name))?;
        self.user(&id).await
    }

    /// Changes a user.
    ///
    /// # Errors
    /// There is none; the new name is taken; something cannot be kept; the database fails.
    pub async fn change_user(&self, id: &str, change: UserChange) -> Result<User, Error> {
        let user = self.user(id).await?;
        let name = change.name.map_or(user.name, trimmed);
        check_name("user", &name, limits::MAX_NAME)?;
        let description = change.description.unwrap_or(user.description);
        check_description(description.as_deref().unwrap_or_default())?;
        let extra = text(&merged(user.extra, change.extra))?;
        let password = match &change.password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let ends_tokens = password.is_some() || change.enabled == Some(false);
        sqlx::query(
            "UPDATE identity_users SET name = $2, enabled = COALESCE($3, enabled), default_project = $4,
             description = $5, extra = $6, password = COALESCE($7, password), stamp = stamp + $8
             WHERE id = $1",
        )
        .bind(id)
        .bind(&name)
        .bind(change.enabled.map(i64::from))
        .bind(change.default_project.unwrap_or(user.default_project))
        .bind(description)
        .bind(extra)
        .bind(password)
        .bind(i64::from(ends_tokens))
        .execute(&self.pool)
        .await
        .map_err(|error| Error::taken(error, "user", &name))?;
        self.user(id).await
    }

    /// Changes the password of a user who knows the old one. It ends every token of the user.
    ///
    /// # Errors
    /// [`Error::Denied`] for a wrong password, or one that was changed meanwhile; the new one cannot be kept; the database
    /// fails.
    pub async fn change_password(
        &self,
        id: &str,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), Error> {
        let user = self.check_password(&Who::Id(id.to_owned()), old).await?;
        let new = self.passwords.hash(new).await?;
        let done = sqlx::query(
            "UPDATE identity_users SET password = $2, stamp = stamp + 1 WHERE id = $1 AND stamp = $3",
        )
        .bind(id)
        .bind(new)
        .bind(user.stamp)
        .execute(&self.pool)
        .await?;
        match done.rows_affected() {
            0 => Err(Error::Denied),
            _ => Ok(()),
        }
    }

    /// Deletes a user, with all tokens, roles and application credentials.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn delete_user(&self, id: &str) -> Result<(), Error> {
        let done = sqlx::query("DELETE FROM identity_users WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        match done.rows_affected() {
            0 => Err(Error::missing("user", id)),
            _ => Ok(()),
        }
    }
}

/// What is kept besides, after a change. A null is kept, too, as Keystone keeps it.
pub(super) fn merged(
    mut kept: Map<String, Value>,
    change: Map<String, Value>,
) -> Map<String, Value> {
    kept.extend(change);
    kept
}
