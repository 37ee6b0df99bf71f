//! Bytes in files: `sha512/ab/cd/abcd…`, each of them written whole before it has its name.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;

use super::{Begun, BlobStore, Content, Done, StoreError, blocking, is_name};
use crate::limits::READ;

/// A directory with files.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// The store in this directory. Files that are put must be on the same file system.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, hash: &str) -> Result<PathBuf, StoreError> {
        let missing = || StoreError::Missing(hash.to_owned());
        if !is_name(hash) {
            return Err(missing());
        }
        let first = hash.get(..2).ok_or_else(missing)?;
        let second = hash.get(2..4).ok_or_else(missing)?;
        let root = self.root.join("sha512");
        Ok(root.join(first).join(second).join(hash))
    }
}

fn nowhere(all: &Path) -> StoreError {
    StoreError::Nowhere(format!("folder `{}`", all.display()))
}

/// Makes the entries of a directory outlive a power cut.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn put(path: &Path, file: &Path) -> Result<(), StoreError> {
    let odd = || io::Error::other("a path without a directory");
    let folder = path.parent().ok_or_else(odd)?;
    let above = folder.parent().ok_or_else(odd)?;
    if !folder.is_dir() {
        let all = above.parent().ok_or_else(odd)?;
        if !all.is_dir() {
            return Err(nowhere(all));
        }
        fs::create_dir_all(folder)?;
        sync(above)?;
        sync(all)?;
    }
    fs::rename(file, path)?;
    Ok(sync(folder)?)
}

impl BlobStore for Files {
    fn begin<'a>(&'a self, _hash: &'a str, _size: u64) -> Done<'a, Begun> {
        Box::pin(async { Ok(Begun::default()) })
    }

    fn put<'a>(&'a self, hash: &'a str, file: &'a Path, _begun: &'a Begun) -> Done<'a, ()> {
        Box::pin(async move {
            let (path, file) = (self.path(hash)?, file.to_owned());
            blocking(move || put(&path, &file)).await
        })
    }

    fn abort<'a>(&'a self, _hash: &'a str, _upload: &'a str) -> Done<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn get<'a>(&'a self, hash: &'a str, range: Range<u64>) -> Done<'a, Content> {
        Box::pin(async move {
            let (path, name) = (self.path(hash)?, hash.to_owned());
            let file = blocking(move || open(&path, name)).await?;
            let state = (Arc::new(file), range);
            Ok(Box::pin(stream::try_unfold(state, next)) as Content)
        })
    }

    fn len<'a>(&'a self, hash: &'a str) -> Done<'a, Option<u64>> {
        Box::pin(async move {
            let path = self.path(hash)?;
            blocking(move || match fs::metadata(&path) {
                Ok(found) => Ok(Some(found.len())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            })
            .await
        })
    }

    fn delete<'a>(&'a self, hash: &'a str) -> Done<'a, ()> {
        Box::pin(async move {
            let path = self.path(hash)?;
            blocking(move || match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            })
            .await
        })
    }

    fn make(&self) -> Done<'_, ()> {
        Box::pin(async move {
            let root = self.root.clone();
            let make = move || {
                fs::create_dir_all(root.join("sha512")).map_err(|why| StoreError::Unmade(root, why))
            };
            blocking(make).await
        })
    }

    fn look(&self) -> Done<'_, ()> {
        Box::pin(async move {
            let all = self.root.join("sha512");
            blocking(move || match fs::metadata(&all) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(nowhere(&all)),
                _ => Ok(()),
            })
            .await
        })
    }

    fn list(&self) -> Done<'_, Vec<String>> {
        Box::pin(async move {
            let root = self.root.join("sha512");
            blocking(move || {
                let mut names = Vec::new();
                for first in fs::read_dir(root)? {
                    for second in fs::read_dir(first?.path())? {
                        for file in fs::read_dir(second?.path())? {
                            let name = file?.file_name().to_string_lossy().into_owned();
                            if is_name(&name) {
                                names.push(name);
                            }
                        }
                    }
                }
                Ok(names)
            })
            .await
        })
    }
}

fn open(path: &Path, hash: String) -> Result<File, StoreError> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::Missing(hash)),
        other => Ok(other?),
    }
}

type Reading = (Arc<File>, Range<u64>);

/// The next piece of a file.
async fn next((file, range): Reading) -> Result<Option<(Bytes, Reading)>, StoreError> {
    let left = range.end.saturating_sub(range.start);
    if left == 0 {
        return Ok(None);
    }
    let want = usize::try_from(left).unwrap_or(READ).min(READ);
    let source = Arc::clone(&file);
    let piece = blocking(move || {
        let mut space = vec![0; want];
        source.read_exact_at(&mut space, range.start)?;
        Ok(Bytes::from(space))
    })
    .await?;
    let start = range.start.saturating_add(piece.len() as u64);
    Ok(Some((piece, (file, start..range.end))))
}
