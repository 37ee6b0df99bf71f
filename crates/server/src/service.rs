//! What all requests share.

use std::path::PathBuf;
use std::sync::Arc;

use database::Pool;
use identity::Identity;
use prometheus_client::metrics::histogram::Histogram;

use crate::bodies::Bodies;
use crate::limits;
use crate::metrics::{self, Metrics};
use crate::records::{STEPS, metadefs, stored};
use crate::store::{BlobStore, StoreError};

/// What an operator can choose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The directory in which uploads are written before they are kept; for files on the same file system as the store.
    pub spool: PathBuf,
    /// Where clients reach the service, such as `https://images.example.org:9292`; without it what they ask for is used.
    pub public_url: Option<String>,
    /// Where clients log in: told to whoever comes without a token.
    pub identity_url: Option<String>,
    /// The name of the store.
    pub store: String,
    /// Bytes of one image at most.
    pub image_size_cap: u64,
    /// Bytes that a project may store; none for no limit.
    pub project_quota: Option<u64>,
    /// Images that a project may have; none for no limit.
    pub image_quota: Option<u64>,
    /// Hosts from which `web-download` may fetch although only this machine or its network reaches them; at any port.
    pub import_hosts: Vec<String>,
    /// Whether `/metrics` answers.
    pub metrics: bool,
    /// Ports from which `web-download` may fetch otherwise.
    pub import_ports: Vec<u16>,
}

impl Settings {
    /// The defaults, with this directory for uploads.
    #[must_use]
    pub fn new(spool: PathBuf) -> Self {
        Self {
            spool,
            public_url: None,
            identity_url: None,
            store: "main".to_owned(),
            image_size_cap: limits::IMAGE_SIZE_CAP,
            project_quota: None,
            image_quota: None,
            import_hosts: Vec::new(),
            metrics: true,
            import_ports: vec![80, 443],
        }
    }
}

/// The image service; clones are the same one.
#[derive(Clone)]
pub struct Service {
    pub(crate) pool: Pool,
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) identity: Arc<dyn Identity>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) bodies: Bodies,
    pub(crate) metrics: Metrics,
    pub(crate) seconds: Histogram,
}

/// What is kept: records and bytes, both there and fit for use.
#[derive(Clone)]
pub struct Kept {
    pool: Pool,
    store: Arc<dyn BlobStore>,
}

impl Kept {
    /// Makes the tables when they are not there, and the place for the bytes when there are none yet.
    ///
    /// # Errors
    /// The database does not answer, or a newer program made it; the place for the bytes has gone, or cannot be made.
    pub async fn open(pool: Pool, store: Arc<dyn BlobStore>) -> Result<Self, StartError> {
        database::migrate(&pool, "images", STEPS).await?;
        database::migrate(&pool, "metadefs", metadefs::STEPS).await?;
        // A place that has gone is not made anew: every image would seem to be lost, and what comes would hide what was there.
        if !stored::any(&pool).await.map_err(database::Error::from)? {
            store.make().await?;
        }
        store.look().await?;
        Ok(Self { pool, store })
    }
}

impl Service {
    /// The service over what is kept, for these users.
    ///
    /// # Errors
    /// The directory for uploads cannot be made.
    pub fn new(
        kept: Kept,
        identity: Arc<dyn Identity>,
        settings: Settings,
    ) -> Result<Self, StartError> {
        std::fs::create_dir_all(&settings.spool)
            .map_err(|source| StartError::Spool(settings.spool.clone(), source))?;
        Ok(Self {
            pool: kept.pool,
            store: kept.store,
            identity,
            settings: Arc::new(settings),
            bodies: Bodies::default(),
            metrics: Metrics::default(),
            seconds: metrics::seconds(),
        })
    }
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no database for it.
    #[error(transparent)]
    Database(#[from] database::Error),
    /// Uploads cannot be written.
    #[error("the directory {0} for uploads cannot be made")]
    Spool(PathBuf, #[source] std::io::Error),
    /// The place for the bytes is not there, or cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}
