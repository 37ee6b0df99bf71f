//! The certificate of the service and its key, from PEM files, and what a renewal puts there.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::limits::{CERTIFICATE_LOOK, MAX_CERTIFICATE};

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not what it should be.
    #[error("{path} holds no {what}")]
    File {
        /// The file.
        path: PathBuf,
        /// `certificate` or `private key`.
        what: &'static str,
        /// Why.
        source: pem::Error,
    },
    /// The two do not go together.
    #[error("the certificate in {certificate} and the key in {key} cannot be used together")]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's.
        key: PathBuf,
        /// Why.
        source: tokio_rustls::rustls::Error,
    },
}

/// A certificate with its key. Connections get what was read last; those that are there keep what they began with.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<ServerConfig>>,
    /// What the files were like when they were last read, with success or without.
    seen: Mutex<Stamps>,
}

/// By what it is told that a file is another one: device, inode, length and change of its content, to the nanosecond.
type Stamp = Option<(u64, u64, u64, i64, i64)>;
type Stamps = (Stamp, Stamp);

impl Tls {
    /// Reads what a listener needs to speak TLS.
    ///
    /// # Errors
    /// A file cannot be read, or the two do not belong together.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let seen = stamps(certificate, key);
        let current = read(certificate, key)?;
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(current)),
            seen: Mutex::new(seen),
        })
    }

    /// What the next connection is served with.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// The certificate's file.
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Reads the files anew. What they hold serves from the next connection on.
    ///
    /// # Errors
    /// As for [`Tls::open`]; what was read before is kept then.
    pub fn renew(&self) -> Result<(), TlsError> {
        let seen = stamps(&self.certificate, &self.key);
        self.renew_as(seen)
    }

    /// The same if the files have changed since they were last read; else nothing.
    fn look(&self) -> Option<Result<(), TlsError>> {
        let now = stamps(&self.certificate, &self.key);
        let same = now == *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        (!same).then(|| self.renew_as(now))
    }

    /// `seen` is from before the files are read: a change in between is found at the next look.
    fn renew_as(&self, seen: Stamps) -> Result<(), TlsError> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        let new = Arc::new(read(&self.certificate, &self.key)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Renews whenever it is asked to, and every [`CERTIFICATE_LOOK`] if the files have changed. Tells `say` what came of it. Ends
    /// when nobody can ask any more.
    pub async fn keep(
        self: Arc<Self>,
        mut asked: mpsc::Receiver<()>,
        say: impl Fn(Result<(), TlsError>),
    ) {
        let mut clock =
            tokio::time::interval_at(Instant::now() + CERTIFICATE_LOOK, CERTIFICATE_LOOK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let tls = Arc::clone(&self);
            // Files may be on a slow disk; connections are not to wait for it.
            let reading = tokio::select! {
                _ = clock.tick() => tokio::task::spawn_blocking(move || tls.look()),
                asked = asked.recv() => match asked {
                    Some(()) => tokio::task::spawn_blocking(move || Some(tls.renew())),
                    None => return,
                },
            };
            if let Ok(Some(renewed)) = reading.await {
                say(renewed);
            }
        }
    }
}

fn stamps(certificate: &Path, key: &Path) -> Stamps {
    let stamp = |path: &Path| {
        let meta = std::fs::metadata(path).ok()?;
        let (seconds, nanos) = (meta.mtime(), meta.mtime_nsec());
        Some((meta.dev(), meta.ino(), meta.size(), seconds, nanos))
    };
    (stamp(certificate), stamp(key))
}

fn read(certificate: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let fault = |path: &Path, what| {
        let path = path.to_owned();
        move |source| TlsError::File { path, what, source }
    };
    let chain: Result<Vec<_>, _> = bytes(certificate).and_then(|bytes| {
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
        all.and_then(|all| match all.is_empty() {
            true => Err(pem::Error::NoItemsFound),
            false => Ok(all),
        })
    });
    let chain = chain.map_err(fault(certificate, "certificate"))?;
    let private = bytes(key).and_then(|bytes| PrivateKeyDer::from_pem_slice(&bytes));
    let private = private.map_err(fault(key, "private key"))?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(chain, private)
        });
    let mut config = config.map_err(|source| TlsError::Unusable {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        source,
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// What is in a file, up to [`MAX_CERTIFICATE`].
fn bytes(path: &Path) -> Result<Vec<u8>, pem::Error> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(pem::Error::Io)?;
    let read = file.take(MAX_CERTIFICATE + 1).read_to_end(&mut bytes);
    read.map_err(pem::Error::Io)?;
    if bytes.len() as u64 > MAX_CERTIFICATE {
        let long = io::Error::new(io::ErrorKind::FileTooLarge, "the file is too long");
        return Err(pem::Error::Io(long));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
