//! Bytes are kept before an image says that it has them, and deleted after no image says so any more.

use std::time::Duration;

use crate::intake::Taken;
use crate::limits::{HEARTBEAT, LATER};
use crate::records::stored;
use crate::service::Service;
use crate::store::StoreError;

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
        self.store.put(&taken.hash, &taken.file).await?;
        stored::found(&self.pool, &taken.hash, None).await?;
        Ok(())
    }

    /// Takes back the claim of `work`, and deletes the bytes if nobody else has a use for them. While the database is away
    /// that is tried again, without the caller.
    pub(crate) async fn let_go(&self, hash: &str, work: &str) {
        if self.give_up(hash, work).await {
            return;
        }
        let (service, hash, work) = (self.clone(), hash.to_owned(), work.to_owned());
        tokio::spawn(async move {
            for _ in 0..LATER {
                tokio::time::sleep(HEARTBEAT).await;
                if service.give_up(&hash, &work).await {
                    return;
                }
            }
            tracing::warn!(hash, "a claim stays until it is collected");
        });
    }

    /// The same once; false when the database does not let us.
    async fn give_up(&self, hash: &str, work: &str) -> bool {
        let given_up = async {
            let mut connection = self.pool.acquire().await?;
            stored::disclaim(&mut connection, work).await
        };
        if let Err(error) = given_up.await {
            tracing::warn!(%error, hash, "a claim cannot be taken back");
            return false;
        }
        self.release(hash).await;
        true
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
