//! The file that is fetched into: hidden until it is complete, with holes where there are zeros.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use disk::{Contents, Digests, Sink};
use net::Bytes;
use tempfile::{NamedTempFile, TempPath};

/// So many zeros in a row, at a multiple of as many, become a hole.
const HOLE: usize = 64 << 10;

/// A file that appears under its name when it is finished. Dropped before that it is removed.
pub(super) struct Hidden {
    file: File,
    path: TempPath,
    goal: PathBuf,
    replace: bool,
    at: u64,
    limit: u64,
}

impl Hidden {
    /// Begins a file that will be `goal`, and have at most `limit` bytes.
    pub(super) fn begin(goal: &Path, replace: bool, limit: u64) -> io::Result<Self> {
        let name = goal.file_name().unwrap_or_default().to_string_lossy();
        let folder = goal
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let named: NamedTempFile = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".part")
            .permissions(Permissions::from_mode(0o666))
            .tempfile_in(folder)?;
        let (file, path) = named.into_parts();
        Ok(Self {
            file,
            path,
            goal: goal.to_owned(),
            replace,
            at: 0,
            limit,
        })
    }

    /// Where the file ends after `len` more bytes.
    fn end(&self, len: u64) -> io::Result<u64> {
        let end = self.at.checked_add(len);
        end.filter(|end| *end <= self.limit)
            .ok_or_else(|| io::ErrorKind::FileTooLarge.into())
    }
}

impl Sink for Hidden {
    fn begin(&mut self, _size: Option<u64>) -> io::Result<()> {
        Ok(())
    }

    fn data(&mut self, bytes: Bytes) -> io::Result<()> {
        let mut rest = bytes.as_ref();
        self.end(rest.len() as u64)?;
        while !rest.is_empty() {
            let to_edge = HOLE as u64 - self.at % HOLE as u64;
            let take = usize::try_from(to_edge).unwrap_or(HOLE).min(rest.len());
            let (piece, more) = rest.split_at(take);
            if piece.len() < HOLE || piece.iter().any(|byte| *byte != 0) {
                self.file.write_all_at(piece, self.at)?;
            }
            self.at += piece.len() as u64;
            rest = more;
        }
        Ok(())
    }

    fn zero(&mut self, len: u64) -> io::Result<()> {
        self.at = self.end(len)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Contents> {
        self.file.set_len(self.at)?;
        self.file.sync_all()?;
        if self.replace {
            self.path.persist(&self.goal).map_err(|e| e.error)?;
        } else {
            self.path
                .persist_noclobber(&self.goal)
                .map_err(|e| e.error)?;
        }
        Ok(Contents {
            size: self.at,
            digests: Digests::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn zeros_become_holes_and_nothing_is_there_before_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let goal = folder.path().join("disk.raw");
        let mut file = Box::new(Hidden::begin(&goal, false, 5 << 20).unwrap());
        let mut expected = vec![7; 5];
        file.data(Bytes::from(expected.clone())).unwrap();
        file.zero(3 << 20).unwrap();
        let mut piece = vec![0; 1 << 20];
        piece.push(9);
        file.data(Bytes::from(piece.clone())).unwrap();
        file.zero(10).unwrap();
        expected.resize(5 + (3 << 20), 0);
        expected.extend(piece);
        expected.extend([0; 10]);
        assert!(!goal.exists());
        assert!(file.zero(1 << 20).is_err());
        assert!(file.data(Bytes::from(vec![1; 1 << 20])).is_err());
        file.finish().unwrap();
        assert!(std::fs::read(&goal).unwrap() == expected);
        assert!(goal.metadata().unwrap().blocks() * 512 < 1 << 20);
        let second = Box::new(Hidden::begin(&goal, false, 5 << 20).unwrap());
        assert!(second.finish().is_err());
        drop(Hidden::begin(&goal, true, 1).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
