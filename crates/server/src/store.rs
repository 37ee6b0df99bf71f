//! Where the bytes of images are kept: by their SHA-512, in files or in an object store.

mod files;
mod s3;

use std::future::Future;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;

pub use files::Files;
pub use s3::{Access, Bucket, S3};

/// Why a store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has no such bytes.
    #[error("the store has no bytes {0}")]
    Missing(String),
    /// The place for all bytes is not there, so that nothing can be said of any of them.
    #[error("there is no {0}")]
    Nowhere(String),
    /// The place for all bytes cannot be made.
    #[error("the folder `{0}` for images cannot be made")]
    Unmade(PathBuf, #[source] std::io::Error),
    /// There is no room.
    #[error("the store is full")]
    Full(#[source] std::io::Error),
    /// It may not be written.
    #[error("the store may not be written")]
    Denied(#[source] std::io::Error),
    /// It does not answer, or not as it should; later it may.
    #[error("the store does not answer as it should")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else.
    #[error("the store has failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind as Kind;
        match error.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge => Self::Full(error),
            Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Self::Denied(error),
            _ => Self::Failed(Box::new(error)),
        }
    }
}

/// What a store returns.
pub type Done<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Bytes as they come out of a store.
pub type Content = Pin<Box<dyn Stream<Item = Result<Bytes, StoreError>> + Send>>;

/// Bytes that are about to be put.
#[derive(Clone, Debug, Default)]
pub struct Begun {
    upload: Option<String>,
}

impl Begun {
    /// What the store calls them until they are there. Without it they go in at once, or not at all.
    #[must_use]
    pub fn upload(&self) -> Option<&str> {
        self.upload.as_deref()
    }
}

/// Keeps bytes by their SHA-512. All of it can be called by several processes at one time.
pub trait BlobStore: Send + Sync {
    /// Begins to keep `size` bytes under `hash`. If the store has a name for what was begun, that is to be written down
    /// before any bytes are put: whoever is killed in the middle leaves parts that nothing but this name takes back.
    fn begin<'a>(&'a self, hash: &'a str, size: u64) -> Done<'a, Begun>;

    /// Keeps the bytes of a file, which is on the disk already, under `hash`. What was there under the name is replaced, so
    /// that damage is repaired. When it returns, the bytes outlive a power cut. The file may be moved. When it fails, what
    /// was begun is to be aborted.
    fn put<'a>(&'a self, hash: &'a str, file: &'a Path, begun: &'a Begun) -> Done<'a, ()>;

    /// Takes back what was begun and did not end; it is fine when there is nothing.
    fn abort<'a>(&'a self, hash: &'a str, upload: &'a str) -> Done<'a, ()>;

    /// The bytes in a range, which must lie within them.
    fn get<'a>(&'a self, hash: &'a str, range: Range<u64>) -> Done<'a, Content>;

    /// How many bytes there are; none when there is nothing under the name.
    fn len<'a>(&'a self, hash: &'a str) -> Done<'a, Option<u64>>;

    /// Deletes the bytes; it is fine when there are none.
    fn delete<'a>(&'a self, hash: &'a str) -> Done<'a, ()>;

    /// Makes the place for the bytes, before there are any. Buckets are made by whoever owns them.
    ///
    /// # Errors
    /// [`StoreError::Unmade`]
    fn make(&self) -> Done<'_, ()>;

    /// Whether the place for the bytes is there at all. A store that does not say so soon is taken at its word later.
    ///
    /// # Errors
    /// [`StoreError::Nowhere`]: it is surely not there.
    fn look(&self) -> Done<'_, ()>;

    /// All names.
    fn list(&self) -> Done<'_, Vec<String>>;
}

/// Whether this is a name that the store gives: nothing else becomes a path.
fn is_name(hash: &str) -> bool {
    hash.len() == 128 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Does file work where it does not hold up others.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(StoreError::Failed(Box::new(error))),
    }
}
