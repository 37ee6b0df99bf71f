//! The way to what a family publishes: its own hosts, or a mirror in their place.

use net::Client;
use url::Url;

use crate::Error;
use crate::family::Family;

/// A mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// Stands for `https://HOST/`; without it for the base of the family.
    pub host: Option<String>,
    /// What is asked instead. Ends with `/`.
    pub url: Url,
}

impl Mirror {
    /// Reads `URL` or `HOST=URL`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (host, url) = match text.split_once('=') {
            Some((host, url)) if !host.contains([':', '/']) => (Some(host), url),
            _ => (None, text),
        };
        let mut url = Url::parse(url).map_err(|error| format!("`{url}`: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() {
            return Err(format!("`{url}` is no http or https address of a folder"));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self {
            host: host.map(str::to_ascii_lowercase),
            url,
        })
    }
}

/// Which hosts are asked for a family, and which may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    base: String,
    hosts: Vec<String>,
    redirects: Vec<String>,
    mirrors: Vec<Mirror>,
}

impl Route {
    /// The way of a family, with these mirrors.
    #[must_use]
    pub fn new(family: &Family, mirrors: &[Mirror]) -> Self {
        Self {
            base: family.base.to_string(),
            hosts: family.hosts.clone(),
            redirects: family.redirects.clone(),
            mirrors: mirrors.to_vec(),
        }
    }

    /// What is asked for `url`: the same, or its place on a mirror.
    ///
    /// # Errors
    /// [`Error::Foreign`] when it is at none of the family's hosts, or not at https.
    pub fn ask(&self, url: &Url) -> Result<Url, Error> {
        let host = url.host_str().unwrap_or_default();
        if url.scheme() != "https" || !self.hosts.iter().any(|own| own == host) {
            return Err(Error::Foreign {
                url: net::shown(url),
            });
        }
        for mirror in &self.mirrors {
            let rest = match &mirror.host {
                Some(named) if named == host => url
                    .as_str()
                    .strip_prefix(&format!("https://{host}/"))
                    .map(str::to_owned),
                Some(_) => None,
                None => url.as_str().strip_prefix(&self.base).map(str::to_owned),
            };
            let Some(rest) = rest else { continue };
            // Not joined: what begins with `//` would name another host.
            return Url::parse(&format!("{}{rest}", mirror.url)).map_err(|_| Error::Foreign {
                url: net::shown(url),
            });
        }
        Ok(url.clone())
    }

    /// The client for pages and checksum files: it follows redirects among the family's hosts alone.
    #[must_use]
    pub fn strict(&self, client: &Client) -> Client {
        client.within(self.hosts.clone())
    }

    /// The client for images, which may be sent on to further hosts.
    #[must_use]
    pub fn images(&self, client: &Client) -> Client {
        if self.redirects.iter().any(|host| host == "*") {
            return client.clone();
        }
        client.within(self.hosts.iter().chain(&self.redirects).cloned())
    }

    /// Whether a mirror stands in for `url`.
    #[must_use]
    pub fn is_mirrored(&self, url: &Url) -> bool {
        self.ask(url).is_ok_and(|asked| asked != *url)
    }
}
