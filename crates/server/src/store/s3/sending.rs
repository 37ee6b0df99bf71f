//! An object on its way in, in parts.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use object_store::aws::AmazonS3;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::{Error, MultipartId};

use super::failed;
use crate::limits::{PART, PARTS, PARTS_WAITING, SENDING};
use crate::store::{StoreError, blocking};

/// Bytes of a part of a file of this size.
fn part(size: u64) -> u64 {
    PART.max(size.div_ceil(PARTS))
}

/// MiB of memory that it takes to send a file of this size.
pub(super) fn needed(size: u64) -> u32 {
    let bytes = size.min(part(size).saturating_mul(PARTS_WAITING as u64));
    u32::try_from((bytes >> 20) + 1).map_or(SENDING, |needed| needed.min(SENDING))
}

/// A file that goes to where an upload was begun for it.
pub(super) struct Sending {
    store: Arc<AmazonS3>,
    path: Path,
    upload: MultipartId,
    file: Arc<File>,
    size: u64,
}

impl Sending {
    /// Opens the file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) async fn open(
        store: Arc<AmazonS3>,
        path: Path,
        upload: &str,
        file: &FilePath,
        size: u64,
    ) -> Result<Self, StoreError> {
        let file = tokio::fs::File::open(file).await?.into_std().await;
        Ok(Self {
            store,
            path,
            upload: upload.to_owned(),
            file: Arc::new(file),
            size,
        })
    }

    /// Sends it. When that fails, no part is on its way any more.
    ///
    /// # Errors
    /// The file cannot be read, or the store does not take it.
    pub(super) async fn all(self) -> Result<(), StoreError> {
        let mut left = 0..self.size.div_ceil(part(self.size));
        let (mut waiting, mut sent) = (FuturesOrdered::new(), Vec::new());
        loop {
            while waiting.len() < PARTS_WAITING
                && let Some(number) = left.next()
            {
                waiting.push_back(self.one(number));
            }
            match waiting.next().await {
                Some(Ok(part)) => sent.push(part),
                Some(Err(error)) => {
                    // What would come after the upload is taken back could stay for ever.
                    while waiting.next().await.is_some() {}
                    return Err(error);
                }
                None => break,
            }
        }
        let store = &self.store;
        let done = store.complete_multipart(&self.path, &self.upload, sent);
        done.await.map(drop).map_err(refused)
    }

    /// Sends the part of this number, counted from 0.
    async fn one(&self, number: u64) -> Result<PartId, StoreError> {
        let begin = number.saturating_mul(part(self.size));
        let len = part(self.size).min(self.size.saturating_sub(begin));
        let (len, file) = (
            usize::try_from(len).unwrap_or(usize::MAX),
            Arc::clone(&self.file),
        );
        let bytes = blocking(move || {
            let mut bytes = vec![0; len];
            file.read_exact_at(&mut bytes, begin)?;
            Ok(Bytes::from(bytes))
        })
        .await?;
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let sent = self
            .store
            .put_part(&self.path, &self.upload, number, bytes.into());
        sent.await.map_err(refused)
    }
}

/// Why a part, or the end, was not taken: the upload may have been taken back by somebody who saw no use for it.
fn refused(error: Error) -> StoreError {
    match error {
        Error::NotFound { .. } => StoreError::Away(Box::new(error)),
        error => failed(error),
    }
}
