//! What is wrong with a family file, and where in it.

use std::io;
use std::path::{Path, PathBuf};

/// Why families cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is no family.
    #[error("{}{}: {message}", path.display(), place(*line))]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Line, counted from 1; 0 when the problem has no place.
        line: u64,
        /// What is wrong, in one line.
        message: String,
    },
}

fn place(line: u64) -> String {
    match line {
        0 => String::new(),
        line => format!(", line {line}"),
    }
}

/// Something wrong, and a text of the file near which it is.
pub(super) struct Wrong {
    pub(super) near: String,
    pub(super) message: String,
}

impl Error {
    /// What the YAML parser says.
    pub(super) fn syntax(path: &Path, error: &serde_saphyr::Error) -> Self {
        let (line, message) = crate::yaml::complaint(error);
        Self::Syntax {
            path: path.to_owned(),
            line,
            message,
        }
    }

    /// What a check found, at the first line that holds the text it is about.
    pub(super) fn at(path: &Path, text: &str, wrong: Wrong) -> Self {
        let line = text
            .lines()
            .position(|line| !wrong.near.is_empty() && line.contains(&wrong.near))
            .map_or(0, |index| index as u64 + 1);
        Self::Syntax {
            path: path.to_owned(),
            line,
            message: wrong.message,
        }
    }
}
