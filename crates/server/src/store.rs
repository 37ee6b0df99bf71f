//! Where the bytes of images are kept: by their SHA-512, in files or in an object store.

mod files;
mod s3;

use std::future::Future;
use std::ops::Range;
use std::path::Path;
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

/// Keeps bytes by their SHA-512. All of it can be called by several processes at one time.
pub trait BlobStore: Send + Sync {
    /// Keeps the bytes of a file, which is on the disk already, under `hash`. What was there under the name is replaced, so
    /// that damage is repaired. When it returns, the bytes outlive a power cut. The file may be moved.
    fn put<'a>(&'a self, hash: &'a str, file: &'a Path) -> Done<'a, ()>;

    /// The bytes in a range, which must lie within them.
    fn get<'a>(&'a self, hash: &'a str, range: Range<u64>) -> Done<'a, Content>;

    /// How many bytes there are; none when there is nothing under the name.
    fn len<'a>(&'a self, hash: &'a str) -> Done<'a, Option<u64>>;

    /// Deletes the bytes; it is fine when there are none.
    fn delete<'a>(&'a self, hash: &'a str) -> Done<'a, ()>;

    /// All names.
    fn list(&self) -> Done<'_, Vec<String>>;
}

/// Whether this is a name that the store gives: nothing else becomes a path.
fn is_name(hash: &str) -> bool {
    hash.len() == 128 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
