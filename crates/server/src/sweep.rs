//! The collection: what was left behind by uploads that were killed, by deletions that were not ended, by clients that went
//! away.

use std::fs::{File, TryLockError};
use std::time::{Duration, SystemTime};

use crate::limits::{ABANDONED, CLAIM, DYING};
use crate::moment;
use crate::records::image::IMPORT_TASK;
use crate::records::{images, parts, stored, tasks};
use crate::service::Service;
use crate::store::StoreError;

/// Whether other processes may be at work on the same service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They may: only what is old enough is taken for abandoned.
    Maybe,
    /// There are none: everything that is not finished is abandoned.
    None,
}

/// What becomes of bytes in the store that no record knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strays {
    /// They stay. The service itself never makes any: they are of another service in the same place, or of a time after
    /// the backup that the records were restored from.
    Keep,
    /// They go.
    Remove,
}

/// What a collection has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Images that wait for data again after their upload or import was abandoned.
    pub images: u64,
    /// Bytes in the store that no image used, by number of names.
    pub blobs: u64,
    /// Uploads to an object store that were left in the middle, with their parts.
    pub parts: u64,
    /// Files of uploads that came to nothing.
    pub files: u64,
    /// Tasks whose time was over.
    pub tasks: u64,
}

impl Collected {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Why a collection came to no end.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The records cannot be read or written.
    #[error("the database has failed")]
    Database(#[from] sqlx::Error),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory of uploads cannot be read.
    #[error("the directory of uploads cannot be read")]
    Spool(#[source] std::io::Error),
}

impl Service {
    /// Collects what nobody will come back for.
    ///
    /// # Errors
    /// The database, the store or the directory of uploads does not do its part. What was done until then is done.
    pub async fn collect(&self, others: Others, strays: Strays) -> Result<Collected, SweepError> {
        let before = |age: Duration| match others {
            Others::None => i64::MAX,
            Others::Maybe => {
                moment::now().saturating_sub(i64::try_from(age.as_micros()).unwrap_or(i64::MAX))
            }
        };
        let mut collected = Collected {
            images: self.requeue(before(ABANDONED)).await?,
            tasks: tasks::forget(&self.pool).await?,
            ..Collected::default()
        };
        for parts in parts::abandoned(&self.pool).await? {
            self.store.abort(&parts.hash, &parts.upload).await?;
            parts::ended(&self.pool, &parts.upload).await?;
            collected.parts += 1;
        }
        stored::expire_claims(&self.pool, before(CLAIM)).await?;
        for (hash, dying) in stored::unused(&self.pool, before(DYING)).await? {
            if dying || stored::condemn(&self.pool, &hash).await? {
                self.store.delete(&hash).await?;
                stored::bury(&self.pool, &hash).await?;
                collected.blobs += 1;
            }
        }
        if strays == Strays::Remove {
            collected.blobs += self.remove_strays().await?;
        }
        collected.files = self.empty_spool(others).map_err(SweepError::Spool)?;
        Ok(collected)
    }

    async fn remove_strays(&self) -> Result<u64, SweepError> {
        let mut count = 0;
        for hash in self.store.list().await? {
            if stored::condemn_unknown(&self.pool, &hash).await? {
                self.store.delete(&hash).await?;
                stored::bury(&self.pool, &hash).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Gives images back whose upload or import gave no sign of life since `before`.
    async fn requeue(&self, before: i64) -> Result<u64, sqlx::Error> {
        let mut count = 0;
        for mut image in images::abandoned(&self.pool, before).await? {
            let task = image.properties.get(IMPORT_TASK);
            let task = task.and_then(|task| task.as_str()).map(str::to_owned);
            image.requeue(&self.settings.store);
            let mut connection = self.pool.acquire().await?;
            // Somebody who has just written is alive.
            if !images::update(&mut connection, &image).await? {
                continue;
            }
            drop(connection);
            count += 1;
            if let Some(task) = task {
                let message = "the service was stopped while it was at work";
                tasks::set(&self.pool, &task, "failure", message, None).await?;
            }
        }
        Ok(count)
    }

    fn empty_spool(&self, others: Others) -> std::io::Result<u64> {
        let mut count = 0;
        for entry in std::fs::read_dir(&self.settings.spool)? {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with("upload-") {
                continue;
            }
            // An upload that has just ended takes its file away itself.
            let Some(file) = there(File::open(entry.path()))? else {
                continue;
            };
            // Zeros are not written, and many uploads may wait for the store: a file that is old may still be in use.
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                continue;
            }
            let age = SystemTime::now().duration_since(file.metadata()?.modified()?);
            let abandoned = age.is_ok_and(|age| age > ABANDONED.saturating_mul(2));
            if (others == Others::None || abandoned)
                && there(std::fs::remove_file(entry.path()))?.is_some()
            {
                count += 1;
            }
        }
        Ok(count)
    }
}

/// What was found or done, or nothing if the file is not there any more.
fn there<T>(found: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
