//! What commands that serve have alike: where they listen, their certificate, and how long they may take to end.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;
use url::Url;

use crate::failure::{Exit, Failure};

/// How long what is under way when the user wants an end may take: the listener's own patience, and a little more.
pub(crate) const ENDING: Duration = server::limits::GRACE.saturating_add(Duration::from_secs(5));

/// What is needed to speak HTTPS; none where neither file is named.
///
/// # Errors
/// Only one of the two is named, one cannot be read, or they do not belong together.
pub(crate) fn tls(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<server::Tls>, Failure> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => server::tls(certificate, key)
            .map(Some)
            .map_err(|error| Failure::of(Exit::Config, &error)),
        _ => Err(Failure::new(
            Exit::Config,
            "a certificate and a key go together: `--tls-cert` and `--tls-key`",
        )),
    }
}

/// The address at which others reach what is served, from what the user calls it.
///
/// # Errors
/// It is none, or has parts that an address below which there are others cannot have.
pub(crate) fn public(text: &str) -> Result<Url, Failure> {
    let whole = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            // It goes into a cookie's `Path` (RFC 6265, section 4.1.1).
            && !url.path().contains(';')
    };
    Url::parse(text).ok().filter(whole).ok_or_else(|| {
        Failure::new(Exit::Config, format!("`{text}` is no address of a service"))
            .hint("it is like https://images.example.org, or https://example.org/images where a proxy takes `/images` off")
    })
}

/// The path of a public address, which a proxy takes off: nothing, or `/images`.
pub(crate) fn outside(public: &Url) -> String {
    public.path().trim_end_matches('/').to_owned()
}

/// The socket at an address.
///
/// # Errors
/// Another has it, or it is not this machine's.
pub(crate) async fn listener(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(Exit::Config, format!("cannot listen on {address}"))
            .cause(error.to_string())
            .hint("choose another address: `--listen 127.0.0.1:0` takes any port that is free")
    })
}
