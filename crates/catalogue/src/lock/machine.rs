//! The lock on this machine: a file that the kernel unlocks when its process ends, however that ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Error;

/// The lock of this machine on one project of one cloud, until it is dropped.
#[derive(Debug)]
pub struct Machine {
    /// Locked.
    _file: File,
    holder: String,
}

impl Machine {
    /// Locks a file in `folder`, which is made when needed, for the images of `project` at `endpoint` that have `tag`.
    ///
    /// # Errors
    /// [`Error::Here`], [`Error::File`].
    pub fn take(folder: &Path, endpoint: &str, project: &str, tag: &str) -> Result<Self, Error> {
        let mut name = String::new();
        for byte in Sha256::digest(format!("{endpoint}\n{project}\n{tag}"))
            .iter()
            .take(12)
        {
            name.push_str(&format!("{byte:02x}"));
        }
        let path = folder.join(format!("{name}.lock"));
        let failed = |source: io::Error| Error::File {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Here),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let holder = holder(&mut file).map_err(failed)?;
        Ok(Self {
            _file: file,
            holder,
        })
    }

    /// What all runs have in common that have locked this file. One whose record says this and which does not hold the lock
    /// is not there any more.
    #[must_use]
    pub fn holder(&self) -> &str {
        &self.holder
    }
}

/// What stands in the file, or a new name for it.
fn holder(file: &mut File) -> io::Result<String> {
    let mut text = String::new();
    file.take(64).read_to_string(&mut text)?;
    if let Ok(known) = Uuid::parse_str(text.trim()) {
        return Ok(known.to_string());
    }
    let new = Uuid::new_v4().to_string();
    file.set_len(0)?;
    file.write_all(new.as_bytes())?;
    file.sync_all()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_project_of_one_cloud_is_locked_once() {
        let folder = tempfile::tempdir().unwrap();
        let take = |cloud: &str, project: &str| Machine::take(folder.path(), cloud, project, "tag");
        let first = take("https://one/", "p").unwrap();
        assert!(matches!(take("https://one/", "p"), Err(Error::Here)));
        take("https://two/", "p").unwrap();
        take("https://one/", "q").unwrap();
        let holder = first.holder().to_owned();
        drop(first);
        // Its name stays, so that what a killed run left in the cloud is known as this machine's.
        assert_eq!(take("https://one/", "p").unwrap().holder(), holder);
    }
}
