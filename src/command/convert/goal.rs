//! Where a converted image goes.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use disk::write::Existing;

use crate::failure::{Exit, Failure};
use crate::terminal::Sink;

/// Where a converted image goes.
#[derive(Debug)]
pub(super) enum Goal {
    /// Standard output.
    Pipe,
    /// A device or a named pipe: written as it comes.
    Device(PathBuf),
    /// A file, which appears when it is complete.
    File(PathBuf, Existing),
}

impl Goal {
    /// # Errors
    /// A folder, a file in a folder that is not there, a terminal; a file or block device that may not be overwritten.
    pub(super) fn of(path: &Path, overwrite: bool, stdout: Sink) -> Result<Self, Failure> {
        let usage = |what: &str| Failure::new(Exit::Usage, what);
        if path == Path::new("-") {
            return match stdout.terminal {
                true => {
                    Err(usage("a disk image does not belong on a terminal")
                        .hint("name a file as OUT"))
                }
                false => Ok(Self::Pipe),
            };
        }
        let refuse = |what: &str| Failure::new(Exit::Usage, format!("`{}` {what}", path.display()));
        let existing = if overwrite {
            Existing::Replace
        } else {
            Existing::Keep
        };
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => Err(refuse("is a folder").hint("name a file as OUT")),
            Ok(data) if data.file_type().is_block_device() && !overwrite => {
                Err(refuse("is a block device").hint("`--overwrite` writes over what is on it"))
            }
            Ok(data) if !data.is_file() => Ok(Self::Device(path.to_owned())),
            Ok(_) if !overwrite => Err(taken(path)),
            Ok(_) => Ok(Self::File(path.to_owned(), existing)),
            Err(_) if path.file_name().is_none() => Err(refuse("is no file's name")),
            Err(_) => {
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty());
                match folder.is_none_or(Path::is_dir) {
                    true => Ok(Self::File(path.to_owned(), existing)),
                    false => Err(refuse("is in a folder that does not exist")),
                }
            }
        }
    }
}

/// A file that is there and stays.
pub(super) fn taken(path: &Path) -> Failure {
    let message = format!("`{}` is there already", path.display());
    Failure::new(Exit::Usage, message)
        .hint("`--overwrite` replaces it when the new one is complete")
}
