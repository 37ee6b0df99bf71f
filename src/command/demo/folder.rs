//! Where everything of a demonstration lies: a temporary folder that goes with it, or one that the user wants to keep.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::{Exit, Failure};

/// The folder of one demonstration.
pub(super) struct Folder {
    path: PathBuf,
    /// Removed with all that is in it when this is dropped.
    temporary: Option<TempDir>,
}

impl Folder {
    /// The new folder that the user has named, or a temporary one.
    ///
    /// # Errors
    /// It is there already, or cannot be made.
    pub(super) fn make(kept: Option<&Path>) -> Result<Self, Failure> {
        let (made, temporary) = match kept {
            Some(path) => {
                fs::create_dir(path).map_err(|error| cannot(path, &error))?;
                (path.to_owned(), None)
            }
            None => {
                let made = tempfile::Builder::new().prefix("ectype-demo-").tempdir();
                let made = made.map_err(|error| cannot(&std::env::temp_dir(), &error))?;
                (made.path().to_owned(), Some(made))
            }
        };
        // The commands run in the folder, and a relative path would be another one there.
        let path = fs::canonicalize(&made).map_err(|error| cannot(&made, &error))?;
        Ok(Self { path, temporary })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it stays.
    pub(super) fn is_kept(&self) -> bool {
        self.temporary.is_none()
    }

    /// Removes it if it was temporary.
    ///
    /// # Errors
    /// Something of it is left.
    pub(super) fn end(self) -> Result<(), Failure> {
        let Some(temporary) = self.temporary else {
            return Ok(());
        };
        temporary.close().map_err(|error| {
            let message = format!("cannot remove `{}`", self.path.display());
            Failure::new(Exit::Config, message).cause(error.to_string())
        })
    }
}

/// Writes a file, with the folders above it.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let above = path.parent().map_or(Ok(()), fs::create_dir_all);
    above
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| cannot(path, &error))
}

/// The only file below `folder`.
///
/// # Errors
/// There is none, or more than one.
pub(super) fn only_file(folder: &Path) -> Result<PathBuf, Failure> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let found = fs::read_dir(&folder).and_then(|entries| {
            entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect()
        });
        let found: Vec<PathBuf> = found.map_err(|error| cannot_read(&folder, &error))?;
        let (below, plain): (Vec<_>, Vec<_>) = found.into_iter().partition(|path| path.is_dir());
        folders.extend(below);
        files.extend(plain);
    }
    match (files.pop(), files.as_slice()) {
        (Some(file), []) => Ok(file),
        _ => {
            let message = format!("there is not one file in `{}`", folder.display());
            Err(Failure::new(Exit::Bug, message))
        }
    }
}

/// Turns over the last bit of the byte at `offset`. What the byte is now.
///
/// # Errors
/// The file cannot be read or written.
pub(super) fn turn_over(path: &Path, offset: u64) -> Result<u8, Failure> {
    use std::os::unix::fs::FileExt as _;
    let file = fs::OpenOptions::new().read(true).write(true).open(path);
    let turned = file.and_then(|file| {
        let mut byte = [0];
        file.read_exact_at(&mut byte, offset)?;
        let byte = byte.map(|byte| byte ^ 1);
        file.write_all_at(&byte, offset)?;
        Ok(byte)
    });
    let [byte] = turned.map_err(|error| cannot(path, &error))?;
    Ok(byte)
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Config, format!("cannot write `{}`", path.display())).caused_by(Some(error))
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Config, format!("cannot read `{}`", path.display())).caused_by(Some(error))
}
