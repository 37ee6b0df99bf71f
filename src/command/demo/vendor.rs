//! The demonstration's vendor: a small image, its checksum file, its signature, and a mirror of them on loopback.

use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::folder::write;
use crate::failure::{Exit, Failure};

/// What the vendor publishes. `assets/demo/make` makes it with qemu-img, sha512sum and gpg.
const PUBLISHED: [(&str, &[u8]); 3] = [
    (
        "demo-linux-1-amd64-20260105.qcow2",
        include_bytes!("../../../assets/demo/demo-linux-1-amd64-20260105.qcow2"),
    ),
    (
        "SHA512SUMS",
        include_bytes!("../../../assets/demo/SHA512SUMS"),
    ),
    (
        "SHA512SUMS.gpg",
        include_bytes!("../../../assets/demo/SHA512SUMS.gpg"),
    ),
];
/// What a user has of the vendor, by its place in the demonstration's folder.
const KNOWN: [(&str, &[u8]); 3] = [
    (
        "vendor.asc",
        include_bytes!("../../../assets/demo/vendor.asc"),
    ),
    (
        "families/demo.yaml",
        include_bytes!("../../../assets/demo/demo.yaml"),
    ),
    (
        "catalogue.yaml",
        include_bytes!("../../../assets/demo/catalogue.yaml"),
    ),
];

/// The original among what is published.
pub(super) const ORIGINAL: &str = "demo-linux-1-amd64-20260105.qcow2";

/// Lays out what the vendor publishes, and what a user has of it.
///
/// # Errors
/// A file cannot be written.
pub(super) fn lay_out(folder: &Path) -> Result<(), Failure> {
    for (name, bytes) in PUBLISHED {
        write(&folder.join("vendor").join(name), bytes)?;
    }
    for (name, bytes) in KNOWN {
        write(&folder.join(name), bytes)?;
    }
    Ok(())
}

/// A mirror of the vendor on a free port of loopback, as long as this lives.
pub(super) struct Mirror {
    pub(super) address: SocketAddr,
    task: JoinHandle<std::io::Result<()>>,
}

impl Mirror {
    /// Serves what is published.
    ///
    /// # Errors
    /// There is no loopback to listen on.
    pub(super) async fn start() -> Result<Self, Failure> {
        let cannot = |error: std::io::Error| {
            Failure::new(Exit::Config, "cannot serve the vendor's files on 127.0.0.1")
                .cause(error.to_string())
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let router = PUBLISHED
            .into_iter()
            .fold(Router::new(), |router, (name, bytes)| {
                router.route(&format!("/{name}"), get(move || async move { bytes }))
            });
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, task })
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.task.abort();
    }
}
