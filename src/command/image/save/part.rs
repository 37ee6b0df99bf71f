//! Where the bytes go: a pipe, or a hidden file beside the one that they will be.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use disk::write::raw::Sparse;
use wire::image::Image;

use crate::failure::{Exit, Failure};

/// Where the user wants the bytes.
#[derive(Debug)]
pub(super) enum Destination {
    /// Standard output.
    Pipe,
    /// A named pipe or a device: written as it comes.
    Device(PathBuf),
    /// An ordinary file; links to it are followed.
    File(PathBuf),
}

impl Destination {
    /// # Errors
    /// A folder, or a file in a folder that is not there.
    pub(super) fn of(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::Pipe);
        };
        let refuse = |what: &str| {
            let message = format!("`{}` {what}", path.display());
            Err(Failure::new(Exit::Usage, message).hint("name a file: --file FILE"))
        };
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => refuse("is a folder"),
            Ok(data) if !data.is_file() => Ok(Self::Device(path.to_owned())),
            Ok(_) => Ok(Self::File(
                path.canonicalize().unwrap_or_else(|_| path.to_owned()),
            )),
            Err(_) if path.file_name().is_none() => refuse("is no file's name"),
            Err(_) => match folder(path).is_dir() {
                true => Ok(Self::File(path.to_owned())),
                false => refuse("is in a folder that does not exist"),
            },
        }
    }

    /// Makes ready for the bytes of an image.
    ///
    /// # Errors
    /// As [`Part::open`].
    pub(super) fn open(&self, image: &Image) -> Result<Target, Failure> {
        Ok(match self {
            Self::Pipe => Target::Pipe,
            Self::Device(path) => Target::Device(path.clone()),
            Self::File(path) => Target::Part(Part::open(path, &image.id, image.size)?),
        })
    }
}

/// A destination that is ready for bytes.
pub(super) enum Target {
    /// Standard output.
    Pipe,
    /// A named pipe or a device; opened by whoever writes, because that may wait for a reader.
    Device(PathBuf),
    /// A file, with what an earlier run has left of it.
    Part(Part),
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The bytes that are there so far, in a file that belongs to this process alone.
pub(super) struct Part {
    file: File,
    here: PathBuf,
    goal: PathBuf,
    /// Writes behind the bytes that are there.
    to: Sparse,
}

impl Part {
    /// Takes up what an earlier run of the same image and name has left, or begins.
    ///
    /// # Errors
    /// Another process is at it, or the file cannot be written.
    fn open(goal: &Path, id: &str, size: Option<u64>) -> Result<Self, Failure> {
        let name = goal.file_name().unwrap_or_default().to_string_lossy();
        let here = goal.with_file_name(format!(".{name}.{id}.part"));
        let unwritable = |error: io::Error| cannot(&here, &error);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&here)
            .map_err(unwritable)?;
        if file.try_lock().is_err() {
            let message = format!("another process is saving to `{}`", goal.display());
            return Err(Failure::new(Exit::Unreachable, message));
        }
        let mut len = file.metadata().map_err(unwritable)?.len();
        if size.is_none_or(|size| len > size) {
            file.set_len(0).map_err(unwritable)?;
            len = 0;
        }
        let to = Sparse::at(file.try_clone().map_err(unwritable)?, len);
        Ok(Self {
            file,
            here,
            goal: goal.to_owned(),
            to,
        })
    }

    /// The bytes that are there.
    pub(super) fn len(&self) -> u64 {
        self.to.end()
    }

    /// Begins from the start.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn restart(&mut self) -> Result<(), Failure> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.try_clone());
        self.to = Sparse::new(emptied.map_err(|error| cannot(&self.here, &error))?);
        Ok(())
    }

    /// Gives the bytes that are there, piece by piece.
    pub(super) fn again(&mut self, mut each: impl FnMut(&[u8])) -> Result<(), Failure> {
        let unreadable = |error: io::Error| cannot(&self.here, &error);
        self.file.rewind().map_err(unreadable)?;
        let (mut left, mut buffer) = (self.len(), vec![0; 1 << 20]);
        while left > 0 {
            let count = self.file.read(&mut buffer).map_err(unreadable)?;
            if count == 0 {
                return Err(unreadable(io::ErrorKind::UnexpectedEof.into()));
            }
            each(buffer.get(..count).unwrap_or_default());
            left = left.saturating_sub(count as u64);
        }
        Ok(())
    }

    /// Adds bytes; zeros only make the file longer.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        // The next run takes the file's length for what is there.
        let done = self.to.add(bytes).and_then(|()| self.to.set_end());
        done.map_err(|error| cannot(&self.here, &error))
    }

    /// Gives the file its name. Only here do the bytes appear under it.
    pub(super) fn publish(mut self) -> Result<(), Failure> {
        let mut publish = || {
            self.to.settle()?;
            fs::rename(&self.here, &self.goal)?;
            File::open(folder(&self.goal))?.sync_all()
        };
        publish().map_err(|error| cannot(&self.goal, &error))
    }

    /// Takes the bytes away: they are wrong.
    pub(super) fn discard(self) {
        // If that fails, the next run finds them wrong again.
        drop(fs::remove_file(&self.here));
    }
}

/// A file that cannot be written.
pub(super) fn cannot(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write `{}`", path.display());
    let failure = Failure::new(Exit::Unreachable, message).cause(error.to_string());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            failure.hint("make room and run it again: it goes on where it was")
        }
        _ => failure,
    }
}
