//! Bytes in an object store that speaks S3: Ceph, MinIO, Amazon.

mod reading;

use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{
    ClientConfigKey, ObjectStore, ObjectStoreExt as _, RetryConfig, WriteMultipart,
};
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;

use super::{BlobStore, Content, Done, StoreError, is_name};
use crate::limits::{
    PART, PARTS, PARTS_WAITING, READ, SENDING, STORE_PATIENCE, STORE_STALL, STORE_TRIES,
};
use reading::Reading;

/// Where the bucket is, and as whom to use it.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What comes before the names of objects; may be empty.
    pub prefix: String,
    /// The address of the service, without the bucket; none for Amazon's.
    pub endpoint: Option<String>,
    /// The region; `us-east-1` where nobody cares.
    pub region: Option<String>,
    /// As whom; without it the variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and their kind say.
    pub access: Option<Access>,
}

/// A user of an object store.
#[derive(Clone)]
pub struct Access {
    /// The id of the key.
    pub id: String,
    /// The key.
    pub secret: String,
}

impl std::fmt::Debug for Access {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A bucket.
#[derive(Debug)]
pub struct S3 {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// A permit for each MiB that may be on its way in.
    sending: Semaphore,
}

impl S3 {
    /// The bucket. Nothing is contacted yet.
    ///
    /// # Errors
    /// The settings make no sense.
    pub fn new(bucket: &Bucket) -> Result<Self, StoreError> {
        let stall = format!("{}s", STORE_STALL.as_secs());
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(&bucket.name)
            // A large image may take hours, as long as some of it comes.
            .with_config(AmazonS3ConfigKey::Client(ClientConfigKey::Timeout), "1day")
            .with_config(
                AmazonS3ConfigKey::Client(ClientConfigKey::ReadTimeout),
                stall,
            )
            .with_retry(RetryConfig {
                max_retries: STORE_TRIES,
                retry_timeout: STORE_PATIENCE,
                ..RetryConfig::default()
            });
        if let Some(endpoint) = &bucket.endpoint {
            let plain = endpoint.starts_with("http://");
            builder = builder.with_endpoint(endpoint).with_allow_http(plain);
        }
        if let Some(access) = &bucket.access {
            builder = builder
                .with_access_key_id(&access.id)
                .with_secret_access_key(&access.secret);
        }
        if let Some(region) = &bucket.region {
            builder = builder.with_region(region);
        }
        Ok(Self {
            store: Arc::new(builder.build().map_err(failed)?),
            prefix: Path::from(bucket.prefix.as_str()),
            sending: Semaphore::new(SENDING as usize),
        })
    }

    fn path(&self, hash: &str) -> Result<Path, StoreError> {
        let (true, Some(first)) = (is_name(hash), hash.get(..2)) else {
            return Err(StoreError::Missing(hash.to_owned()));
        };
        Ok(self.prefix.clone().join("sha512").join(first).join(hash))
    }
}

fn failed(error: object_store::Error) -> StoreError {
    match error {
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => {
            StoreError::Denied(std::io::Error::other(error))
        }
        error @ object_store::Error::Generic { .. } => StoreError::Away(Box::new(error)),
        error => StoreError::Failed(Box::new(error)),
    }
}

/// Bytes of a part of a file of this size.
fn part(size: u64) -> u64 {
    PART.max(size / PARTS)
}

/// MiB of memory that it takes to send a file of this size: what is filled, what is on its way, and what is just read.
fn needed(size: u64) -> u32 {
    let waiting = PARTS_WAITING as u64 + 2;
    let bytes = size.min(part(size).saturating_mul(waiting));
    u32::try_from((bytes >> 20) + 1).map_or(SENDING, |needed| needed.min(SENDING))
}

/// Sends a file in parts.
async fn put(
    store: &dyn ObjectStore,
    path: &Path,
    file: &FilePath,
    size: u64,
) -> Result<(), StoreError> {
    let part = usize::try_from(part(size)).unwrap_or(usize::MAX);
    let mut file = tokio::fs::File::open(file).await?;
    let upload = store.put_multipart(path).await.map_err(failed)?;
    let mut upload = WriteMultipart::new_with_chunk_size(upload, part);
    let sent = async {
        loop {
            let mut space = BytesMut::with_capacity(READ);
            if file.read_buf(&mut space).await? == 0 {
                return Ok::<(), StoreError>(());
            }
            upload
                .wait_for_capacity(PARTS_WAITING)
                .await
                .map_err(failed)?;
            upload.put(space.freeze());
        }
    };
    if let Err(error) = sent.await {
        // The parts that were sent cost money until they are taken back.
        if let Err(error) = upload.abort().await {
            tracing::warn!(%error, "the parts of an upload stay in the bucket");
        }
        return Err(error);
    }
    upload.finish().await.map_err(failed)?;
    Ok(())
}

impl BlobStore for S3 {
    fn put<'a>(&'a self, hash: &'a str, file: &'a FilePath) -> Done<'a, ()> {
        Box::pin(async move {
            let path = self.path(hash)?;
            let size = tokio::fs::metadata(file).await?.len();
            let room = self.sending.acquire_many(needed(size)).await;
            let _room = room.map_err(|closed| StoreError::Failed(Box::new(closed)))?;
            if size <= PART {
                // One request, and the only way to store nothing at all.
                let bytes = tokio::fs::read(file).await?;
                let put = self.store.put(&path, Bytes::from(bytes).into());
                return put.await.map(drop).map_err(failed);
            }
            put(self.store.as_ref(), &path, file, size).await
        })
    }

    fn get<'a>(&'a self, hash: &'a str, range: Range<u64>) -> Done<'a, Content> {
        Box::pin(async move {
            let path = self.path(hash)?;
            let reading = Reading::begin(Arc::clone(&self.store), path, range).await;
            match reading {
                Ok(reading) => Ok(Box::pin(reading.pieces()) as Content),
                Err(object_store::Error::NotFound { .. }) => {
                    Err(StoreError::Missing(hash.to_owned()))
                }
                Err(error) => Err(failed(error)),
            }
        })
    }

    fn len<'a>(&'a self, hash: &'a str) -> Done<'a, Option<u64>> {
        Box::pin(async move {
            match self.store.head(&self.path(hash)?).await {
                Ok(found) => Ok(Some(found.size)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(failed(error)),
            }
        })
    }

    fn delete<'a>(&'a self, hash: &'a str) -> Done<'a, ()> {
        Box::pin(async move {
            match self.store.delete(&self.path(hash)?).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(failed(error)),
            }
        })
    }

    fn list(&self) -> Done<'_, Vec<String>> {
        Box::pin(async move {
            let under = self.prefix.clone().join("sha512");
            let mut found = self.store.list(Some(&under));
            let mut names = Vec::new();
            while let Some(object) = found.next().await {
                let object = object.map_err(failed)?;
                if let Some(name) = object.location.filename().filter(|name| is_name(name)) {
                    names.push(name.to_owned());
                }
            }
            Ok(names)
        })
    }
}
