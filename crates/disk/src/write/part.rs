//! A file that appears under its name only when it is complete: written beside it under a hidden name, then renamed.

use bytes::Bytes;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::{NamedTempFile, TempPath};

use crate::limits::CHUNK;
use crate::run::Fan;
use crate::source::sparse;
use crate::{Algorithms, Contents, Sink};

/// What becomes of a file that has the name already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the writing fails with [`io::ErrorKind::AlreadyExists`].
    Keep,
    /// It is replaced, at the end and at once; its permissions are kept.
    Replace,
}

/// A file that is being written. Dropped before [`publish`](Self::publish) it is removed.
#[derive(Debug)]
pub struct Part {
    file: File,
    /// Taken by whoever removes or renames it.
    path: Arc<Mutex<Option<TempPath>>>,
    goal: PathBuf,
    existing: Existing,
}

/// Removes what was begun, when it is dropped before the file got its name.
#[derive(Debug)]
pub struct Unfinished(Arc<Mutex<Option<TempPath>>>);

impl Part {
    /// Begins a file that will be `goal`; links to an existing one are followed.
    ///
    /// # Errors
    /// The folder cannot be written; or `goal` is there and is to be kept.
    pub fn begin(goal: &Path, existing: Existing) -> io::Result<Self> {
        let goal = goal.canonicalize().unwrap_or_else(|_| goal.to_owned());
        let before = goal.metadata().ok();
        if before.is_some() && existing == Existing::Keep {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let name = goal
            .file_name()
            .ok_or(io::ErrorKind::InvalidFilename)?
            .to_string_lossy();
        let named: NamedTempFile = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".part")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder(&goal))?;
        if let Some(before) = before {
            named.as_file().set_permissions(before.permissions())?;
        }
        let (file, path) = named.into_parts();
        Ok(Self {
            file,
            path: Arc::new(Mutex::new(Some(path))),
            goal,
            existing,
        })
    }

    /// The file, to write into.
    ///
    /// # Errors
    /// The process has too many files open.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// What removes the file when nobody finishes it.
    #[must_use]
    pub fn unfinished(&self) -> Unfinished {
        Unfinished(self.path.clone())
    }

    /// Gives the file its name. Only here do the bytes appear under it; they are on the disk then.
    ///
    /// # Errors
    /// The file cannot be synced or renamed; or a file has got the name meanwhile and is to be kept. Nothing has the name then
    /// that had not before.
    pub fn publish(self) -> io::Result<()> {
        self.file.sync_all()?;
        let taken = self
            .path
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let path = taken.ok_or(io::ErrorKind::NotFound)?;
        match self.existing {
            Existing::Keep => path.persist_noclobber(&self.goal),
            Existing::Replace => path.persist(&self.goal),
        }
        .map_err(|failed| failed.error)?;
        File::open(folder(&self.goal))?.sync_all()
    }

    /// The size and the digests of what is in the file.
    fn contents(&self, digests: Algorithms) -> io::Result<Contents> {
        let len = self.file.metadata()?.len();
        let mut fan = Fan::new(digests);
        let mut at = 0;
        while !digests.is_empty()
            && let Some(run) = sparse(&self.file, at, len, CHUNK)?
        {
            at += run.len();
            fan.send(&run)
                .map_err(|_| io::Error::other("a digest has stopped"))?;
        }
        Ok(Contents {
            size: len,
            ..fan.finish()
        })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What is in it removes the file when it goes.
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The folder that a file is in.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// A sink into a part, which gets its name when the sink is finished.
pub(super) struct Held {
    inner: Box<dyn Sink>,
    part: Part,
    digests: Algorithms,
}

impl Held {
    pub(super) fn new(inner: Box<dyn Sink>, part: Part, digests: Algorithms) -> Self {
        Self {
            inner,
            part,
            digests,
        }
    }
}

impl Sink for Held {
    fn begin(&mut self, size: Option<u64>) -> io::Result<()> {
        self.inner.begin(size)
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        self.inner.data(bytes)
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.inner.zero(len)
    }

    fn finish(self: Box<Self>) -> io::Result<Contents> {
        self.inner.finish()?;
        let contents = self.part.contents(self.digests)?;
        self.part.publish()?;
        Ok(contents)
    }
}
