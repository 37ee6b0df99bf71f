//! Metadata definitions from files, in the form that Glance's `glance-manage db_load_metadefs` reads.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use database::Pool;
use serde_json::Value;

use crate::api::described;
use crate::limits::{MAX_DEFINITIONS_FILE, MAX_DEFINITIONS_FILES};
use crate::records::metadefs::{self as records, Namespace, Part, Unmade};

/// The owner of what is loaded where a file names none, as with `glance-manage`.
const OWNER: &str = "admin";

/// What becomes of a namespace that is there and in a file, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays as it is.
    Keep,
    /// It is deleted with all that is in it, and the file's takes its place.
    Replace,
}

/// What was done, by the names of namespaces in the order of their files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// New ones.
    pub added: Vec<String>,
    /// Those that took the place of others.
    pub replaced: Vec<String>,
    /// Those that were there and stayed.
    pub kept: Vec<String>,
}

/// Why nothing was loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder or a file cannot be read.
    #[error("`{0}` cannot be read")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// There is nothing to load.
    #[error("`{0}` has no files that end in .json")]
    Nothing(PathBuf),
    /// There are too many files, or one is too long.
    #[error(
        "`{0}` is too large: at most {MAX_DEFINITIONS_FILES} files of {MAX_DEFINITIONS_FILE} bytes are read"
    )]
    TooLarge(PathBuf),
    /// A file is no namespace.
    #[error("`{path}` defines no namespace: {reason}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The records cannot be read or written.
    #[error(transparent)]
    Database(#[from] database::Error),
}

impl From<sqlx::Error> for LoadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// A namespace and what is in it, from a file.
struct Definition {
    file: PathBuf,
    space: Namespace,
    parts: Vec<Part>,
}

/// Loads a file, or the files of a folder that end in `.json`: all of them or, if one is no namespace, none. The tables are
/// made when they are not there.
///
/// # Errors
/// A file cannot be read or is no namespace, or the database fails; nothing was changed then.
pub async fn load(pool: &Pool, path: &Path, existing: Existing) -> Result<Loaded, LoadError> {
    let definitions = files(path)?.into_iter().map(read);
    let definitions = definitions.collect::<Result<Vec<Definition>, LoadError>>()?;
    database::migrate(pool, "metadefs", records::STEPS).await?;
    let mut loaded = Loaded::default();
    let mut work = database::begin(pool).await?;
    for Definition { file, space, parts } in definitions {
        let name = space.namespace.clone();
        let done = match existing {
            Existing::Keep if records::is_there(&mut work, &name).await? => {
                loaded.kept.push(name);
                continue;
            }
            Existing::Keep => &mut loaded.added,
            Existing::Replace if records::remove_namespace(&mut work, &name).await? => {
                &mut loaded.replaced
            }
            Existing::Replace => &mut loaded.added,
        };
        done.push(name);
        match records::insert(&mut work, &space, &parts).await {
            Ok(()) => {}
            Err(Unmade::Taken) => return Err(invalid(file, "its name is taken")),
            Err(Unmade::Twice(part)) => {
                return Err(invalid(file, format!("`{}` is in it twice", part.name)));
            }
            Err(Unmade::Database(error)) => return Err(error.into()),
        }
    }
    work.commit().await?;
    Ok(loaded)
}

fn invalid(path: PathBuf, reason: impl Into<String>) -> LoadError {
    LoadError::Invalid {
        path,
        reason: reason.into(),
    }
}

/// The files, in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |error| LoadError::Unreadable(path.to_owned(), error);
    if path.metadata().map_err(unreadable)?.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir().map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.extension().is_some_and(|ending| ending == "json") && file.is_file() {
            files.push(file);
        }
        if files.len() > MAX_DEFINITIONS_FILES {
            return Err(LoadError::TooLarge(path.to_owned()));
        }
    }
    if files.is_empty() {
        return Err(LoadError::Nothing(path.to_owned()));
    }
    files.sort();
    Ok(files)
}

fn read(path: PathBuf) -> Result<Definition, LoadError> {
    let unreadable = |error| LoadError::Unreadable(path.clone(), error);
    let file = std::fs::File::open(&path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let mut file = file.take(MAX_DEFINITIONS_FILE.saturating_add(1));
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_DEFINITIONS_FILE {
        return Err(LoadError::TooLarge(path));
    }
    let document: Value = match serde_json::from_slice(&bytes) {
        Ok(document) => document,
        Err(error) => return Err(invalid(path, format!("it is no JSON: {error}"))),
    };
    match described(&document, Some(OWNER.to_owned())) {
        Ok(described) => Ok(Definition {
            file: path,
            space: described.space,
            parts: described.parts,
        }),
        Err(refused) => Err(invalid(path, refused.reason())),
    }
}
