//! The listener: connections are taken, over TLS or not, served with limits on their heads and their time, and ended well.

mod files;
mod linger;
mod patient;
mod steady;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::api::discovery::Secure;
use crate::limits::{GRACE, HANDSHAKE, HEAD_TIME, MAX_HEAD};
use crate::tls::Tls;
use linger::Unread;
use patient::Patient;
use steady::Steady;

/// Where it is listened, and how.
pub struct Listening {
    /// The socket.
    pub listener: TcpListener,
    /// The certificate and its key; none for plain HTTP.
    pub tls: Option<Arc<Tls>>,
}

/// Serves until `end`, and then until the requests under way have ended, or half a minute is over.
///
/// # Errors
/// Nothing can be taken from the socket any more.
pub async fn serve(
    listening: Listening,
    router: Router,
    end: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let connections = Arc::new(Semaphore::new(files::connections()));
    let graceful = GracefulShutdown::new();
    let mut end = std::pin::pin!(end);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&connections).acquire_owned() => permit,
            () = &mut end => break,
        };
        let Ok(permit) = permit else { break };
        let taken = tokio::select! {
            taken = listening.listener.accept() => taken,
            () = &mut end => break,
        };
        let stream = match taken {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Too many open files, or a client that is gone already: others may have better luck.
                tracing::warn!(%error, "a connection was not taken");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = Connection {
            router: router.clone(),
            graceful: graceful.watcher(),
            permit,
        };
        let tls = listening.tls.as_ref().map(|tls| tls.current());
        tokio::spawn(connection.run(stream, tls.map(TlsAcceptor::from)));
    }
    drop(listening.listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests that were under way are broken off");
    }
    Ok(())
}

struct Connection {
    router: Router,
    graceful: hyper_util::server::graceful::Watcher,
    permit: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(self, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
        // Small answers should not wait for more.
        let _ = stream.set_nodelay(true);
        match acceptor {
            None => self.serve(stream, false).await,
            Some(acceptor) => {
                match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => self.serve(stream, true).await,
                    Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                    Err(_) => tracing::debug!("a TLS handshake took too long"),
                }
            }
        }
    }

    async fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        secure: bool,
    ) {
        let router = match secure {
            true => self.router.layer(axum::Extension(Secure)),
            false => self.router,
        };
        let unread = Unread::default();
        let bodies = unread.clone();
        let service = router.map_request(move |request: Request<Incoming>| {
            request.map(|body| Body::new(Steady::new(Body::new(body), bodies.clone())))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(MAX_HEAD)
            .serve_connection(
                TokioIo::new(Patient::new(stream, unread)),
                TowerToHyperService::new(service),
            );
        if let Err(error) = self.graceful.watch(connection).await {
            tracing::debug!(%error, "a connection has ended early");
        }
        drop(self.permit);
    }
}
