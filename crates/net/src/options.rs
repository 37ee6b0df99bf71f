//! What a client is told once: timeouts, retries, certificates, proxies.

use std::path::PathBuf;
use std::time::Duration;

use url::Url;

/// How a [`Client`](crate::Client) behaves. Start from [`Options::default`].
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a connection, TLS handshake included, may take to come up. 10 s.
    pub connect_timeout: Duration,
    /// How long a server may send nothing: no headers after a request, no byte within a body. 60 s.
    /// There is no limit on the whole transfer.
    pub stall_timeout: Duration,
    /// Attempts beyond the first, for what can heal: connections, resets, 408, 429 and 5xx answers. 4.
    pub retries: u32,
    /// The pause before the first repeated attempt; doubled for each further one up to 8 s. 0.5 s.
    /// A server's `Retry-After` of up to a minute goes before it.
    pub backoff: Duration,
    /// A file of PEM certificates trusted besides the host's own roots.
    pub ca_file: Option<PathBuf>,
    /// Whether the server's certificate and name are checked. True.
    pub verify: bool,
    /// A client certificate (PEM, with its chain) and its key; without a second path the first file holds both.
    pub client_cert: Option<(PathBuf, Option<PathBuf>)>,
    /// Which proxy to go through.
    pub proxy: Proxy,
    /// Whether addresses that only this machine or its own network can reach may be talked to. True; false for servers
    /// that somebody else names. What a proxy connects to is the proxy's decision.
    pub private: bool,
    /// The `User-Agent` header: `ectype/` and the version.
    pub user_agent: String,
}

/// Where requests go on their way out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in capitals or not.
    #[default]
    Environment,
    /// Straight to the server, whatever the environment says.
    Direct,
    /// Everything through this proxy.
    Through(Url),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(60),
            retries: 4,
            backoff: Duration::from_millis(500),
            ca_file: None,
            verify: true,
            client_cert: None,
            proxy: Proxy::Environment,
            private: true,
            user_agent: concat!("ectype/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}
