//! The certificate of the service and its key, from PEM files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

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
        source: tokio_rustls::rustls::pki_types::pem::Error,
    },
    /// The two do not go together.
    #[error("the certificate and the key cannot be used")]
    Unusable(#[from] tokio_rustls::rustls::Error),
}

/// A certificate with its key, ready for use.
pub type Tls = Arc<ServerConfig>;

/// What a listener needs to speak TLS.
///
/// # Errors
/// A file cannot be read, or the two do not belong together.
pub fn tls(certificate: &Path, key: &Path) -> Result<Tls, TlsError> {
    let file = |path: &Path, what| {
        let path = path.to_owned();
        move |source| TlsError::File { path, what, source }
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(file(certificate, "certificate"));
    let key = PrivateKeyDer::from_pem_file(key).map_err(file(key, "private key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain?, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
