//! What keeps a catalogue or a plan from being read.

use std::fmt;
use std::path::PathBuf;

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as it was named.
    pub file: String,
    /// The line, counted from 1; 0 for the file as a whole.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// Why a catalogue cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What stands in it is no catalogue.
    #[error("{place}: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// What is wrong, in one line.
        message: String,
    },
}

impl Error {
    pub(crate) fn at(file: &str, line: u64, message: impl Into<String>) -> Self {
        Self::Syntax {
            place: Place {
                file: file.to_owned(),
                line,
            },
            message: message.into(),
        }
    }
}

/// What is wrong with one definition. It is taken out, and whatever the cloud has of it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The definition.
    pub definition: String,
    /// Where it says so; `None` when nothing in particular does.
    pub place: Option<Place>,
    /// What is wrong, in one line.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        write!(f, "{}: {}", self.definition, self.message)
    }
}
