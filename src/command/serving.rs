//! What commands that serve have alike: where they listen, their certificate, and how long they may take to end.

use std::future::pending;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use disk::Cancel;
use server::{Tls, TlsError};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;

use crate::failure::{Exit, Failure};
use hangup::Meaning;

mod hangup;

pub(crate) use hangup::Hangup;

/// How long what is under way when the user wants an end may take: the listener's own patience, and a little more.
pub(crate) const ENDING: Duration = server::limits::GRACE.saturating_add(Duration::from_secs(5));

/// What is needed to speak HTTPS; none where neither file is named.
///
/// # Errors
/// Only one of the two is named, one cannot be read, or they do not belong together.
pub(crate) fn tls(
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Result<Option<Arc<Tls>>, Failure> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Tls::open(certificate, key)
            .map(|tls| Some(Arc::new(tls)))
            .map_err(|error| Failure::of(Exit::Config, &error)),
        _ => Err(Failure::new(
            Exit::Config,
            "a certificate and a key go together: `--tls-cert` and `--tls-key`",
        )),
    }
}

/// Who is told about the certificate: in a log, or on a terminal.
pub(crate) trait Told {
    /// What is as it should be.
    fn good(&self, text: &str);
    /// What is not, though the work goes on.
    fn bad(&self, text: &str);
}

/// Takes renewed certificates, by themselves and on SIGHUP, until what is `served` has come to its end. The end of the terminal
/// asks it for that by `cancel`.
pub(crate) async fn renewing<T>(
    hangup: Hangup,
    tls: Option<Arc<Tls>>,
    told: &impl Told,
    cancel: &Cancel,
    served: impl Future<Output = T>,
) -> T {
    tokio::pin!(served);
    tokio::select! {
        done = &mut served => return done,
        () = renewals(hangup, tls, told) => cancel.cancel(),
    }
    served.await
}

/// Ends where the terminal is gone.
async fn renewals(mut hangup: Hangup, tls: Option<Arc<Tls>>, told: &impl Told) {
    let (ask, asked) = mpsc::channel(1);
    let file = tls
        .as_ref()
        .map(|tls| tls.certificate().display().to_string());
    let say = |renewed: Result<(), TlsError>| match renewed {
        Ok(()) => told.good(&format!(
            "the certificate was read anew from {}",
            file.as_deref().unwrap_or_default()
        )),
        Err(error) => {
            let why = Failure::of(Exit::Config, &error).on_one_line(": ");
            told.bad(&format!("the certificate stays the one that it was: {why}"));
        }
    };
    let keeping = async {
        match &tls {
            Some(tls) => Arc::clone(tls).keep(asked, say).await,
            None => pending().await,
        }
    };
    let asking = async {
        while hangup.next().await == Meaning::Renew {
            match tls {
                // One that waits already is as good as another.
                Some(_) => drop(ask.try_send(())),
                None => told.good("there is no certificate to be read anew"),
            }
        }
    };
    tokio::select! {
        () = keeping => (),
        () = asking => (),
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
