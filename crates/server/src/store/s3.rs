//! Bytes in an object store that speaks S3: Ceph, MinIO, Amazon.

mod reading;
mod sending;

use std::ops::Range;
use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::multipart::MultipartStore as _;
use object_store::path::Path;
use object_store::{ClientConfigKey, ObjectStore as _, ObjectStoreExt as _, RetryConfig};
use tokio::sync::Semaphore;

use super::{Begun, BlobStore, Content, Done, StoreError, is_name};
use crate::limits::{PART, SENDING, STORE_LOOK, STORE_PATIENCE, STORE_STALL, STORE_TRIES};
use reading::Reading;
use sending::{Sending, needed};

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
    store: Arc<AmazonS3>,
    name: String,
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
            name: bucket.name.clone(),
            prefix: Path::from(bucket.prefix.as_str()),
            sending: Semaphore::new(SENDING as usize),
        })
    }

    fn nowhere(&self) -> StoreError {
        StoreError::Nowhere(format!("bucket `{}`", self.name))
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

impl BlobStore for S3 {
    fn begin<'a>(&'a self, hash: &'a str, size: u64) -> Done<'a, Begun> {
        Box::pin(async move {
            // One request takes what is small, and is the only way to store nothing at all.
            if size <= PART {
                return Ok(Begun::default());
            }
            let path = self.path(hash)?;
            match self.store.create_multipart(&path).await {
                Ok(upload) => Ok(Begun {
                    upload: Some(upload),
                }),
                Err(object_store::Error::NotFound { .. }) => Err(self.nowhere()),
                Err(error) => Err(failed(error)),
            }
        })
    }

    fn put<'a>(&'a self, hash: &'a str, file: &'a FilePath, begun: &'a Begun) -> Done<'a, ()> {
        Box::pin(async move {
            let path = self.path(hash)?;
            let size = tokio::fs::metadata(file).await?.len();
            let room = self.sending.acquire_many(needed(size)).await;
            let _room = room.map_err(|closed| StoreError::Failed(Box::new(closed)))?;
            if let Some(upload) = begun.upload() {
                let store = Arc::clone(&self.store);
                let sending = Sending::open(store, path, upload, file, size);
                return sending.await?.all().await;
            }
            let bytes = Bytes::from(tokio::fs::read(file).await?);
            match self.store.put(&path, bytes.into()).await {
                Ok(_) => Ok(()),
                Err(object_store::Error::NotFound { .. }) => Err(self.nowhere()),
                Err(error) => Err(failed(error)),
            }
        })
    }

    fn abort<'a>(&'a self, hash: &'a str, upload: &'a str) -> Done<'a, ()> {
        Box::pin(async move {
            let upload = upload.to_owned();
            match self.store.abort_multipart(&self.path(hash)?, &upload).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(failed(error)),
            }
        })
    }

    fn get<'a>(&'a self, hash: &'a str, range: Range<u64>) -> Done<'a, Content> {
        Box::pin(async move {
            let path = self.path(hash)?;
            let reading = Reading::begin(Arc::<AmazonS3>::clone(&self.store), path, range).await;
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

    fn make(&self) -> Done<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn look(&self) -> Done<'_, ()> {
        Box::pin(async move {
            // The bucket itself has no name within it. That it is there is said in words that are none of an object: only
            // this one answer matters.
            let root = Path::default();
            let asked = tokio::time::timeout(STORE_LOOK, self.store.head(&root));
            match asked.await {
                Ok(Err(object_store::Error::NotFound { .. })) => Err(self.nowhere()),
                _ => Ok(()),
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
