//! Certificates named in the options, and the two reqwest clients built from them.

use std::path::Path;

use reqwest::redirect::Policy;
use reqwest::{Certificate, ClientBuilder, Identity};

use crate::error::{BoxError, Error};
use crate::options::{Options, Proxy};
use crate::public::Public;

/// What TLS needs from files, read and understood.
pub(crate) struct Material {
    roots: Vec<Certificate>,
    identity: Option<Identity>,
}

impl Material {
    pub(crate) fn read(options: &Options) -> Result<Self, Error> {
        let roots = match &options.ca_file {
            None => Vec::new(),
            Some(path) => authorities(path).map_err(|source| Error::Options {
                what: format!("cannot use the CA file {}", path.display()),
                source,
            })?,
        };
        let identity = match &options.client_cert {
            None => None,
            Some((cert, key)) => {
                Some(client_certificate(cert, key.as_deref()).map_err(|source| {
                    let key = key.as_deref().unwrap_or(cert).display();
                    Error::Options {
                        what: format!(
                            "cannot use the client certificate {} with the key {key}",
                            cert.display()
                        ),
                        source,
                    }
                })?)
            }
        };
        Ok(Self { roots, identity })
    }
}

fn authorities(path: &Path) -> Result<Vec<Certificate>, BoxError> {
    let pem = std::fs::read(path)?;
    let found =
        Certificate::from_pem_bundle(&pem).map_err(|_| "a certificate in it is not valid PEM")?;
    if found.is_empty() {
        return Err("there is no PEM certificate in it".into());
    }
    Ok(found)
}

fn client_certificate(cert: &Path, key: Option<&Path>) -> Result<Identity, BoxError> {
    let read =
        |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
    let mut pem = read(cert)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(read(key)?);
    }
    Identity::from_pem(&pem).map_err(|_| "it needs a PEM certificate and a PEM key".into())
}

/// For https: checks servers against the host's roots (loading them takes milliseconds) and the extra ones.
pub(crate) fn secure(options: &Options, material: &Material) -> Result<reqwest::Client, Error> {
    let mut builder = plain_builder(options)?
        .tls_danger_accept_invalid_certs(!options.verify)
        .tls_certs_merge(material.roots.iter().cloned());
    if let Some(identity) = &material.identity {
        builder = builder.identity(identity.clone());
    }
    build(builder)
}

/// For http: trusts no certificate at all, and so needs to load none.
pub(crate) fn plain(options: &Options) -> Result<reqwest::Client, Error> {
    build(plain_builder(options)?.tls_certs_only([]))
}

fn plain_builder(options: &Options) -> Result<ClientBuilder, Error> {
    let builder = reqwest::Client::builder()
        .user_agent(&options.user_agent)
        .connect_timeout(options.connect_timeout)
        // Who is silent for too long is known better here: a server that pauses while it takes an upload is not.
        .tcp_user_timeout(None)
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only();
    let builder = match !options.private && direct(&options.proxy) {
        true => builder.dns_resolver(Public),
        false => builder,
    };
    match &options.proxy {
        Proxy::Environment => Ok(builder),
        Proxy::Direct => Ok(builder.no_proxy()),
        Proxy::Through(url) => {
            let proxy =
                reqwest::Proxy::all(url.clone()).map_err(|error| unusable("the proxy", error))?;
            Ok(builder.no_proxy().proxy(proxy))
        }
    }
}

fn build(builder: ClientBuilder) -> Result<reqwest::Client, Error> {
    builder
        .build()
        .map_err(|error| unusable("the HTTP client", error))
}

fn unusable(what: &str, error: reqwest::Error) -> Error {
    Error::Options {
        what: format!("cannot set up {what}"),
        source: crate::cause::failure(error).cause.into(),
    }
}

/// Whether every name is looked up here, and none by a proxy. A proxy itself may be at a private address.
fn direct(proxy: &Proxy) -> bool {
    match proxy {
        Proxy::Direct => true,
        Proxy::Through(_) => false,
        Proxy::Environment => ["http_proxy", "https_proxy", "all_proxy"]
            .iter()
            .flat_map(|name| [(*name).to_owned(), name.to_ascii_uppercase()])
            .all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty())),
    }
}

/// Whether the way to a plain http server may lead through a proxy that is itself reached by TLS.
pub(crate) fn proxy_needs_tls(proxy: &Proxy) -> bool {
    match proxy {
        Proxy::Direct => false,
        Proxy::Through(url) => url.scheme() == "https",
        Proxy::Environment => ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
            .iter()
            .filter_map(std::env::var_os)
            .any(|value| value.to_string_lossy().starts_with("https:")),
    }
}
