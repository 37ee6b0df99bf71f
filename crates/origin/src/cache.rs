//! What was found out or fetched once and need not be again: small files in a folder of a limited size.
//!
//! Nothing depends on it: whatever cannot be read is not there, and whatever cannot be written is not kept.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::limits::{MAX_CACHE, MAX_CACHED};

/// A folder of small files, the least recently used of which goes first.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    limit: u64,
}

impl Cache {
    /// In `folder`, which is made when something is kept. At most [`MAX_CACHE`] bytes.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            limit: MAX_CACHE,
        }
    }

    /// The same with room for `limit` bytes.
    #[must_use]
    pub fn limited(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// What is kept under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let file = File::open(self.path(name)?).ok()?;
        let mut bytes = Vec::new();
        (&file).take(MAX_CACHED + 1).read_to_end(&mut bytes).ok()?;
        // A file that belongs to somebody else is not touched, and is used all the same.
        let _ = file.set_modified(SystemTime::now());
        (bytes.len() as u64 <= MAX_CACHED).then_some(bytes)
    }

    /// Keeps something under a name, all of it or nothing, and lets go of what was not used for longest.
    ///
    /// # Errors
    /// It cannot be written; the work can go on.
    pub fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(name).ok_or(io::ErrorKind::InvalidFilename)?;
        if bytes.len() as u64 > MAX_CACHED.min(self.limit) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        self.shrink()
    }

    /// Names are made by us; anything else is none.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (!name.is_empty() && name.len() < 200 && name.bytes().all(good))
            .then(|| self.folder.join(name))
    }

    fn shrink(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let Ok(data) = entry.metadata() else { continue };
            if data.is_file() && self.is_ours(&entry.path()) {
                let used = data.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push((used, data.len(), entry.path()));
            }
        }
        files.sort();
        let mut all: u64 = files.iter().map(|(_, len, _)| len).sum();
        for (_, len, path) in files {
            if all <= self.limit {
                break;
            }
            // Another process may have been quicker.
            let _ = fs::remove_file(path);
            all = all.saturating_sub(len);
        }
        Ok(())
    }

    fn is_ours(&self, path: &Path) -> bool {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| self.path(name).is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("a/b")).limited(250);
        assert_eq!(cache.get("one"), None);
        for (name, age) in [("one", 30), ("two", 20)] {
            cache.put(name, &[7; 100]).unwrap();
            let file = File::options()
                .write(true)
                .open(folder.path().join("a/b").join(name));
            let then = SystemTime::now() - Duration::from_secs(age);
            file.unwrap().set_modified(then).unwrap();
        }
        assert_eq!(cache.get("one").unwrap().len(), 100);
        cache.put("three", &[7; 100]).unwrap();
        let kept = ["one", "two", "three"].map(|name| cache.get(name).is_some());
        assert_eq!(kept, [true, false, true]);
        assert!(cache.put("four", &[7; 300]).is_err());
        for name in ["", "../x", "a/b", "A", "."] {
            assert!(cache.put(name, b"x").is_err(), "{name}");
            assert_eq!(cache.get(name), None);
        }
    }
}
