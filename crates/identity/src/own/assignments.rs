//! Which user has which role in which project.

use sqlx::Row as _;

use super::{Error, Own, Role, roles};

/// A user's role in a project, with the names of all three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The user's id.
    pub user: String,
    /// The user's name.
    pub user_name: String,
    /// The project's id.
    pub project: String,
    /// The project's name.
    pub project_name: String,
    /// The role.
    pub role: &'static Role,
}

/// Which assignments to look at; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Where {
    /// Those of this user, by id.
    pub user: Option<String>,
    /// Those in this project, by id.
    pub project: Option<String>,
    /// Those of this role, by id.
    pub role: Option<String>,
}

impl Own {
    /// The assignments of a kind; implied roles are not among them.
    ///
    /// # Errors
    /// The database fails.
    pub async fn assignments(&self, of: &Where) -> Result<Vec<Assignment>, Error> {
        let rows = sqlx::query(
            "SELECT u.id, u.name, p.id, p.name, a.role FROM identity_assignments a
             JOIN identity_users u ON u.id = a.user_id JOIN identity_projects p ON p.id = a.project_id
             WHERE ($1 = '' OR a.user_id = $1) AND ($2 = '' OR a.project_id = $2)
             ORDER BY p.created, p.id, u.created, u.id",
        )
        .bind(of.user.clone().unwrap_or_default())
        .bind(of.project.clone().unwrap_or_default())
        .fetch_all(&self.pool)
        .await?;
        let mut found = Vec::new();
        for row in &rows {
            let role = roles::named(&row.try_get::<String, _>(4)?)?;
            if of.role.as_deref().is_none_or(|id| id == role.id) {
                found.push(Assignment {
                    user: row.try_get(0)?,
                    user_name: row.try_get(1)?,
                    project: row.try_get(2)?,
                    project_name: row.try_get(3)?,
                    role,
                });
            }
        }
        Ok(found)
    }

    /// The names of the roles that a user was given in a project; implied ones are not among them.
    pub(super) async fn given(&self, user: &str, project: &str) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(
            "SELECT role FROM identity_assignments WHERE user_id = $1 AND project_id = $2 ORDER BY role",
        )
        .bind(user)
        .bind(project)
        .fetch_all(&self.pool)
        .await?;
        let names = rows.iter().map(|row| row.try_get(0));
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Gives a user a role in a project. One that the user has stays.
    ///
    /// # Errors
    /// There is no such user or project; the database fails.
    pub async fn assign(&self, user: &str, project: &str, role: &Role) -> Result<(), Error> {
        self.project(project).await?;
        self.user(user).await?;
        sqlx::query(
            "INSERT INTO identity_assignments (user_id, project_id, role) VALUES ($1, $2, $3)
             ON CONFLICT (user_id, project_id, role) DO NOTHING",
        )
        .bind(user)
        .bind(project)
        .bind(role.name)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes a role from a user in a project. Tokens and application credentials lose it at once.
    ///
    /// # Errors
    /// The user does not have it; the database fails.
    pub async fn unassign(&self, user: &str, project: &str, role: &Role) -> Result<(), Error> {
        let done = sqlx::query(
            "DELETE FROM identity_assignments WHERE user_id = $1 AND project_id = $2 AND role = $3",
        )
        .bind(user)
        .bind(project)
        .bind(role.name)
        .execute(&self.pool)
        .await?;
        match done.rows_affected() {
            0 => Err(Error::no_assignment(role, user, project)),
            _ => Ok(()),
        }
    }
}
