//! Where everything of a demonstration lies: a temporary folder that goes with it, or one that the user wants to keep.
//!
//! Who is killed removes nothing. So a temporary folder has a file that is locked as long as any process of the
//! demonstration lives, and the next demonstration removes those folders whose file nobody holds.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tempfile::TempDir;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// How the name of a temporary folder begins.
const PREFIX: &str = "ectype-demo-";
/// The file in it that is locked.
const LOCK: &str = "demo.lock";
/// What stands in that file, so that no other's is taken for it.
const MARK: &str = "held while a demonstration of ectype is at work in this folder\n";

/// The folder of one demonstration.
pub(super) struct Folder {
    path: PathBuf,
    /// Locked; of a temporary folder only.
    lock: Option<File>,
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
                let made = tempfile::Builder::new().prefix(PREFIX).tempdir();
                let made = made.map_err(|error| cannot(&std::env::temp_dir(), &error))?;
                (made.path().to_owned(), Some(made))
            }
        };
        // The commands run in the folder, and a relative path would be another one there.
        let path = fs::canonicalize(&made).map_err(|error| cannot(&made, &error))?;
        let lock = match temporary {
            Some(_) => Some(locked(&path).map_err(|error| cannot(&path, &error))?),
            None => None,
        };
        Ok(Self {
            path,
            lock,
            temporary,
        })
    }

    /// The file that is locked, for a process of the demonstration to hold, too.
    ///
    /// # Errors
    /// There are too many open files.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        self.lock.as_ref().map(File::try_clone).transpose()
    }

    /// Removes what demonstrations that were killed have left beside this one.
    pub(super) fn tidy(&self, context: &Context) {
        let Some(beside) = self.temporary.as_ref().and(self.path.parent()) else {
            return;
        };
        let Ok(own) = fs::metadata(&self.path) else {
            return;
        };
        // Who cannot list the folder has nothing in it to be tidied.
        for found in fs::read_dir(beside).into_iter().flatten().flatten() {
            let named = found
                .file_name()
                .as_encoded_bytes()
                .starts_with(PREFIX.as_bytes());
            if named && let Some(_lock) = left_behind(&found.path(), own.uid()) {
                let shown = found.path();
                let shown = shown.display();
                match fs::remove_dir_all(found.path()) {
                    Ok(()) => context.note(&format!(
                        "removed {shown}, which a demonstration left when it was killed"
                    )),
                    Err(error) => context.warn(&format!(
                        "cannot remove {shown}, which a demonstration has left: {error}"
                    )),
                }
            }
        }
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

/// The lock of a new folder. It gets its name when it is held already: nobody ever sees it without a holder.
fn locked(folder: &Path) -> io::Result<File> {
    let early = folder.join("new.lock");
    let mut file = OpenOptions::new()
        .create_new(true)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(&early)?;
    file.write_all(MARK.as_bytes())?;
    file.lock()?;
    fs::rename(&early, folder.join(LOCK))?;
    Ok(file)
}

/// The lock of a folder that a demonstration of this user has left, now held by us; nothing if it is another's, or is in use.
fn left_behind(folder: &Path, user: u32) -> Option<File> {
    let meta = fs::symlink_metadata(folder).ok()?;
    if !meta.is_dir() || meta.uid() != user {
        return None;
    }
    let no_follow = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let open = OpenOptions::new()
        .read(true)
        .custom_flags(no_follow)
        .open(folder.join(LOCK));
    let file = open.ok()?;
    let meta = file.metadata().ok()?;
    if !meta.is_file() || meta.uid() != user {
        return None;
    }
    file.try_lock().ok()?;
    let mut text = String::new();
    let longest = MARK.len() as u64 + 1;
    (&file).take(longest).read_to_string(&mut text).ok()?;
    (text == MARK).then_some(file)
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
