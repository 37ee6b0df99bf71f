//! Users and projects as the database keeps them.

use serde_json::{Map, Value};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::Error;
use crate::limits;

/// A project.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its name; there is no second one.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether anybody can log in to it.
    pub enabled: bool,
    /// What clients said of it besides.
    pub extra: Map<String, Value>,
    pub(crate) stamp: i64,
}

/// A user.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The id.
    pub id: String,
    /// The name; there is no second one.
    pub name: String,
    /// Whether the user can log in.
    pub enabled: bool,
    /// The project of log-ins that name none, by id.
    pub default_project: Option<String>,
    /// Who it is.
    pub description: Option<String>,
    /// What clients said of the user besides: `email` …
    pub extra: Map<String, Value>,
    pub(crate) stamp: i64,
}

impl Project {
    /// Out of the columns `id, name, description, enabled, extra, stamp`, counted from `first`.
    pub(super) fn of(row: &AnyRow, first: usize) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(first)?,
            name: row.try_get(first + 1)?,
            description: row.try_get(first + 2)?,
            enabled: row.try_get::<i64, _>(first + 3)? != 0,
            extra: map(&row.try_get::<String, _>(first + 4)?)?,
            stamp: row.try_get(first + 5)?,
        })
    }
}

impl User {
    /// Out of the columns `id, name, enabled, default_project, description, extra, stamp`, counted from `first`.
    pub(super) fn of(row: &AnyRow, first: usize) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(first)?,
            name: row.try_get(first + 1)?,
            enabled: row.try_get::<i64, _>(first + 2)? != 0,
            default_project: row.try_get(first + 3)?,
            description: row.try_get(first + 4)?,
            extra: map(&row.try_get::<String, _>(first + 5)?)?,
            stamp: row.try_get(first + 6)?,
        })
    }
}

fn map(text: &str) -> Result<Map<String, Value>, Error> {
    serde_json::from_str(text).map_err(|_| Error::Broken("a record is not readable"))
}

/// What clients said besides, as it is kept.
///
/// # Errors
/// It is too much.
pub(super) fn text(extra: &Map<String, Value>) -> Result<String, Error> {
    let text = serde_json::to_string(extra)
        .map_err(|_| Error::Broken("attributes cannot be written as JSON"))?;
    if text.len() > limits::MAX_EXTRA {
        return Err(Error::Invalid(format!(
            "the further attributes are longer than {} bytes",
            limits::MAX_EXTRA
        )));
    }
    Ok(text)
}

/// A name without surrounding space, as Keystone keeps names.
pub(super) fn trimmed(name: String) -> String {
    let trimmed = name.trim();
    if trimmed.len() == name.len() {
        return name;
    }
    trimmed.to_owned()
}

/// A name that can be kept. A NUL cannot, in PostgreSQL, and other control characters have no use.
///
/// # Errors
/// It is empty, too long, or has characters that no name has.
pub(super) fn check_name(what: &str, name: &str, longest: usize) -> Result<(), Error> {
    let length = name.chars().count();
    let wrong = if name.trim().is_empty() {
        "is empty".to_owned()
    } else if length > longest {
        format!("is longer than {longest} characters")
    } else if name.chars().any(char::is_control) {
        "has a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Invalid(format!("the name of the {what} {wrong}")))
}

/// A description that can be kept.
///
/// # Errors
/// It is too long, or has a NUL.
pub(super) fn check_description(text: &str) -> Result<(), Error> {
    if text.chars().count() > limits::MAX_DESCRIPTION {
        return Err(Error::Invalid(format!(
            "the description is longer than {} characters",
            limits::MAX_DESCRIPTION
        )));
    }
    if text.contains('\0') {
        return Err(Error::Invalid("the description has a NUL".to_owned()));
    }
    Ok(())
}
