//! The scrub: every byte in the store is read and held to its name.

use disk::{Algorithm, Hasher};
use futures_util::StreamExt;

use crate::records::stored::{self, Blob};
use crate::service::Service;
use crate::store::StoreError;
use crate::sweep::SweepError;

/// Bytes that are not what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rot {
    /// The SHA-512 that they should have.
    pub hash: String,
    /// What is wrong.
    pub finding: String,
    /// The ids of the images that use them. An upload of the right bytes, to any image, repairs them all.
    pub images: Vec<String>,
}

/// What a scrub has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrubbed {
    /// Names that were looked at.
    pub blobs: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// What is damaged or missing.
    pub rot: Vec<Rot>,
}

impl Service {
    /// Reads everything that is stored and says what is not what it should be; nothing is changed. Between two names
    /// `each` is told how many there were and how many there are.
    ///
    /// # Errors
    /// The database does not answer, or the store fails in another way than having lost something.
    pub async fn scrub(&self, mut each: impl FnMut(u64, u64)) -> Result<Scrubbed, SweepError> {
        let all = stored::all(&self.pool).await?;
        let mut scrubbed = Scrubbed::default();
        for blob in &all {
            each(scrubbed.blobs, all.len() as u64);
            scrubbed.blobs += 1;
            let finding = self.look(blob, &mut scrubbed.bytes).await?;
            let images = stored::users(&self.pool, &blob.hash).await?;
            if finding.is_some() && images.is_empty() {
                // Deleted while it was looked at.
                continue;
            }
            stored::found(&self.pool, &blob.hash, finding.as_deref()).await?;
            if let Some(finding) = finding {
                tracing::error!(
                    hash = blob.hash,
                    finding,
                    ?images,
                    "stored bytes are damaged"
                );
                scrubbed.rot.push(Rot {
                    hash: blob.hash.clone(),
                    finding,
                    images,
                });
            }
        }
        Ok(scrubbed)
    }

    /// What is to be said of bytes that the store has not: nothing, if it has no place for any.
    async fn missing(&self) -> Result<String, StoreError> {
        self.store.look().await?;
        Ok("missing".to_owned())
    }

    async fn look(&self, blob: &Blob, bytes: &mut u64) -> Result<Option<String>, StoreError> {
        match self.store.len(&blob.hash).await? {
            None => return self.missing().await.map(Some),
            Some(len) if len != blob.size => {
                let size = blob.size;
                return Ok(Some(format!("{len} bytes instead of {size}")));
            }
            Some(_) => {}
        }
        let mut content = match self.store.get(&blob.hash, 0..blob.size).await {
            Err(StoreError::Missing(_)) => return self.missing().await.map(Some),
            other => other?,
        };
        let mut hasher = Hasher::new(Algorithm::Sha512);
        while let Some(piece) = content.next().await {
            let piece = match piece {
                Ok(piece) => piece,
                // A store that is away says nothing of the bytes.
                Err(error @ StoreError::Away(_)) => return Err(error),
                Err(error) => return Ok(Some(format!("unreadable: {error}"))),
            };
            *bytes = bytes.saturating_add(piece.len() as u64);
            hasher = hash(hasher, piece).await?;
        }
        let found = hasher.finish().to_string();
        Ok((found != blob.hash).then(|| format!("other bytes: their SHA-512 is {found}")))
    }
}

/// Adds a piece where it does not hold up others.
async fn hash(mut hasher: Hasher, piece: bytes::Bytes) -> Result<Hasher, StoreError> {
    let added = tokio::task::spawn_blocking(move || {
        hasher.update(&piece);
        hasher
    });
    added
        .await
        .map_err(|error| StoreError::Failed(Box::new(error)))
}
