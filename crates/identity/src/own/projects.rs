//! Making, finding, changing and deleting projects.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::record::{check_description, check_name, text, trimmed};
use super::users::merged;
use super::{Error, Own, Project, random};
use crate::limits;

/// A project to be made.
#[derive(Debug, Default)]
pub struct NewProject {
    /// The name, of which there must be no other.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether nobody can log in to it yet.
    pub disabled: bool,
    /// What else is to be kept.
    pub extra: Map<String, Value>,
}

/// What is to be changed of a project; what is `None` stays.
#[derive(Debug, Default)]
pub struct ProjectChange {
    /// Another name.
    pub name: Option<String>,
    /// Another description.
    pub description: Option<String>,
    /// Whether anybody can log in to it. Disabling ends every token for it.
    pub enabled: Option<bool>,
    /// What else is to be kept.
    pub extra: Map<String, Value>,
}

impl Own {
    /// The project with this id.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn project(&self, id: &str) -> Result<Project, Error> {
        let row = sqlx::query(
            "SELECT id, name, description, enabled, extra, stamp FROM identity_projects WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or_else(|| Error::missing("project", id))?;
        Project::of(&row, 0)
    }

    /// The project with this name.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn project_named(&self, name: &str) -> Result<Project, Error> {
        let row = sqlx::query(
            "SELECT id, name, description, enabled, extra, stamp FROM identity_projects WHERE name = $1",
        )
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        let row = row.ok_or_else(|| Error::missing("project", name))?;
        Project::of(&row, 0)
    }

    /// The project with this id, or else with this name.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn find_project(&self, name: &str) -> Result<Project, Error> {
        match self.project(name).await {
            Err(Error::Missing { .. }) => self.project_named(name).await,
            found => found,
        }
    }

    /// All projects, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        let rows = sqlx::query(
            "SELECT id, name, description, enabled, extra, stamp
             FROM identity_projects ORDER BY created, id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Project::of(row, 0)).collect()
    }

    /// The projects in which a user has a role, the oldest first.
    ///
    /// # Errors
    /// The database fails.
    pub async fn projects_of(&self, user: &str) -> Result<Vec<Project>, Error> {
        let rows = sqlx::query(
            "SELECT id, name, description, enabled, extra, stamp FROM identity_projects
             WHERE id IN (SELECT project_id FROM identity_assignments WHERE user_id = $1)
             ORDER BY created, id",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Project::of(row, 0)).collect()
    }

    /// Makes a project.
    ///
    /// # Errors
    /// The name is taken; something cannot be kept; the database fails.
    pub async fn create_project(
        &self,
        mut new: NewProject,
        now: Timestamp,
    ) -> Result<Project, Error> {
        new.name = trimmed(new.name);
        check_name("project", &new.name, limits::MAX_PROJECT_NAME)?;
        check_description(&new.description)?;
        let extra = text(&new.extra)?;
        let id = random::id();
        sqlx::query(
            "INSERT INTO identity_projects (id, name, description, enabled, extra, stamp, created)
             VALUES ($1, $2, $3, $4, $5, 0, $6)",
        )
        .bind(&id)
        .bind(&new.name)
        .bind(&new.description)
        .bind(i64::from(!new.disabled))
        .bind(extra)
        .bind(now.as_microsecond())
        .execute(&self.pool)
        .await
        .map_err(|error| Error::taken(error, "project", &new.name))?;
        self.project(&id).await
    }

    /// Changes a project.
    ///
    /// # Errors
    /// There is none; the new name is taken; something cannot be kept; the database fails.
    pub async fn change_project(&self, id: &str, change: ProjectChange) -> Result<Project, Error> {
        let project = self.project(id).await?;
        let name = change.name.map_or(project.name, trimmed);
        check_name("project", &name, limits::MAX_PROJECT_NAME)?;
        let description = change.description.unwrap_or(project.description);
        check_description(&description)?;
        let extra = text(&merged(project.extra, change.extra))?;
        sqlx::query(
            "UPDATE identity_projects SET name = $2, description = $3, enabled = COALESCE($4, enabled), extra = $5,
             stamp = stamp + $6 WHERE id = $1",
        )
        .bind(id)
        .bind(&name)
        .bind(description)
        .bind(change.enabled.map(i64::from))
        .bind(extra)
        .bind(i64::from(change.enabled == Some(false)))
        .execute(&self.pool)
        .await
        .map_err(|error| Error::taken(error, "project", &name))?;
        self.project(id).await
    }

    /// Deletes a project, with all tokens, roles and application credentials for it. What other services keep for the
    /// project stays, as with Keystone.
    ///
    /// # Errors
    /// There is none; the database fails.
    pub async fn delete_project(&self, id: &str) -> Result<(), Error> {
        let mut work = self.pool.begin().await?;
        sqlx::query("UPDATE identity_users SET default_project = NULL WHERE default_project = $1")
            .bind(id)
            .execute(&mut *work)
            .await?;
        let done = sqlx::query("DELETE FROM identity_projects WHERE id = $1")
            .bind(id)
            .execute(&mut *work)
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::missing("project", id));
        }
        Ok(work.commit().await?)
    }
}
