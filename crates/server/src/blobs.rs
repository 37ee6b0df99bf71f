//! Bytes are kept before an image says that it has them, and deleted after no image says so any more.

use std::time::Duration;

use crate::intake::Taken;
use crate::records::parts;
use crate::records::stored;
use crate::service::Service;
use crate::store::{Begun, StoreError};

/// Why bytes are not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unkept {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The same bytes are being deleted by somebody who does not come to an end with it.
    #[error("the same bytes are being deleted")]
    Dying,
    #[error("the database has failed")]
    Database(#[from] sqlx::Error),
}

/// How long to wait for somebody else who is deleting the same bytes.
const WAIT: Duration = Duration::from_millis(100);
/// How often.
const WAITS: usize = 50;

impl Service {
    /// Keeps what came in. It stays claimed for `work` until an image points at it or [`Service::let_go`] is called.
    pub(crate) async fn keep(&self, taken: &Taken, work: &str) -> Result<(), Unkept> {
        let mut waited = 0;
        while !stored::claim(&self.pool, &taken.hash, taken.size, work).await? {
            waited += 1;
            if waited > WAITS {
                return Err(Unkept::Dying);
            }
            tokio::time::sleep(WAIT).await;
        }
        let begun = self.begin(taken, work).await?;
        self.store.put(&taken.hash, &taken.file, &begun).await?;
        if let Some(upload) = begun.upload() {
            parts::ended(&self.pool, upload).await?;
        }
        stored::found(&self.pool, &taken.hash, None).await?;
        Ok(())
    }

    /// Begins to put, and writes down what the store has begun before there is any of it.
    async fn begin(&self, taken: &Taken, work: &str) -> Result<Begun, Unkept> {
        let begun = self.store.begin(&taken.hash, taken.size).await?;
        if let Some(upload) = begun.upload()
            && let Err(error) = parts::begun(&self.pool, upload, &taken.hash, work).await
        {
            // Nobody will know of it later.
            if let Err(error) = self.store.abort(&taken.hash, upload).await {
                tracing::warn!(%error, upload, "an upload without parts stays in the store");
            }
            return Err(error.into());
        }
        Ok(begun)
    }

    /// Takes back what was begun in the store and claimed for `work`, and deletes the bytes if nobody else has a use for
    /// them. What the store does not do is left to the collection.
    pub(crate) async fn let_go(&self, work: &str) -> Result<(), sqlx::Error> {
        for parts in parts::of(&self.pool, work).await? {
            match self.store.abort(&parts.hash, &parts.upload).await {
                Ok(()) => parts::ended(&self.pool, &parts.upload).await?,
                Err(error) => {
                    tracing::warn!(%error, hash = parts.hash, "parts stay until they are collected");
                }
            }
        }
        let mut connection = self.pool.acquire().await?;
        let claimed = stored::disclaim(&mut connection, work).await?;
        drop(connection);
        for hash in claimed {
            self.release(&hash).await;
        }
        Ok(())
    }

    /// Deletes bytes when nobody has a use for them. What fails is left to the collection.
    pub(crate) async fn release(&self, hash: &str) {
        let deleted = async {
            if stored::condemn(&self.pool, hash).await? {
                self.store.delete(hash).await?;
                stored::bury(&self.pool, hash).await?;
            }
            Ok::<(), Unkept>(())
        };
        if let Err(error) = deleted.await {
            tracing::warn!(%error, hash, "bytes stay until they are collected");
        }
    }
}
