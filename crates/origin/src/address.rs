//! Where an original or a checksum file lies: a URL or a local path.

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::Url;

/// An http(s) URL or a local path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// `http` or `https`.
    Url(Url),
    /// A file of this machine.
    Path(PathBuf),
}

/// A text that is no address we read from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {reason}")]
pub struct NotAnAddress {
    /// The text, printable and without the values of a query.
    pub text: String,
    /// Why not.
    pub reason: &'static str,
}

impl Address {
    /// What a person typed: an http(s) URL, a `file:` URL or a path.
    ///
    /// # Errors
    /// For a URL of another kind.
    pub fn typed(text: &str) -> Result<Self, NotAnAddress> {
        if !text.contains("://") && !text.starts_with("file:") {
            return Ok(Self::Path(PathBuf::from(text)));
        }
        let url = Url::parse(text).map_err(|_| not(text, "is not a well-formed URL"))?;
        if url.scheme() != "file" {
            return Self::remote(url, text);
        }
        let path = url
            .to_file_path()
            .map_err(|()| not(text, "names no file of this machine"))?;
        Ok(Self::Path(path))
    }

    /// What the property of an image says. Only http(s) counts: whoever can set a property must not be able to make
    /// us read local files.
    ///
    /// # Errors
    /// For anything that is not an http(s) URL.
    pub fn in_property(text: &str) -> Result<Self, NotAnAddress> {
        let url = Url::parse(text).map_err(|_| not(text, "is not a URL"))?;
        Self::remote(url, text)
    }

    fn remote(url: Url, text: &str) -> Result<Self, NotAnAddress> {
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(Self::Url(url)),
            _ => Err(not(text, "is not an http or https URL")),
        }
    }

    /// The path, decoded, its parts separated by `/`.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Url(url) => percent_decode_str(url.path())
                .decode_utf8_lossy()
                .into_owned(),
            Self::Path(path) => path.to_string_lossy().into_owned(),
        }
    }

    /// The file's own name: the last part of its path.
    #[must_use]
    pub fn name(&self) -> String {
        self.path()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned()
    }

    /// The host that answers for it; `None` for a local file.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Url(url) => url.host_str(),
            Self::Path(_) => None,
        }
    }

    /// Whether it is fetched over TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Url(url) if url.scheme() == "https")
    }

    /// The file called `name` in the same directory.
    #[must_use]
    pub fn sibling(&self, name: &str) -> Option<Self> {
        match self {
            Self::Url(url) => {
                let mut url = url.clone();
                url.set_query(None);
                url.set_fragment(None);
                url.path_segments_mut().ok()?.pop().push(name);
                Some(Self::Url(url))
            }
            Self::Path(path) => Some(Self::Path(
                path.parent().unwrap_or(Path::new("")).join(name),
            )),
        }
    }

    /// The file called like this one with `ending` after its name.
    #[must_use]
    pub fn with_ending(&self, ending: &str) -> Option<Self> {
        self.sibling(&format!("{}{ending}", self.name()))
    }
}

impl fmt::Display for Address {
    /// Fit to be shown: no user, no password, no query values, no control characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(&net::shown(url)),
            Self::Path(path) => f.write_str(&printable(&path.to_string_lossy())),
        }
    }
}

fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn not(text: &str, reason: &'static str) -> NotAnAddress {
    let text = match Url::parse(text) {
        Ok(url) if url.has_host() => net::shown(&url),
        _ => printable(text).chars().take(200).collect(),
    };
    NotAnAddress { text, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_never_names_a_local_file() {
        for text in [
            "file:///etc/passwd",
            "/etc/passwd",
            "etc/passwd",
            "ftp://h/x",
            "http:",
            "",
            "private",
            "data:,x",
        ] {
            assert!(Address::in_property(text).is_err(), "{text}");
        }
        assert!(Address::in_property("https://h.example/x.qcow2").is_ok());
    }

    #[test]
    fn a_person_may_name_files_in_every_usual_way() {
        assert_eq!(Address::typed("x.img"), Ok(Address::Path("x.img".into())));
        assert_eq!(
            Address::typed("file:///a%20b"),
            Ok(Address::Path("/a b".into()))
        );
        assert!(Address::typed("ftp://h/x").is_err());
        assert_eq!(Address::typed("http://h/x%20y").unwrap().name(), "x y");
    }

    #[test]
    fn what_lies_beside_keeps_no_query() {
        let address = Address::typed("https://h/a/b%2Bc.img?sig=secret#x").unwrap();
        assert_eq!(address.name(), "b+c.img");
        assert_eq!(
            address.sibling("SHA256SUMS").unwrap().to_string(),
            "https://h/a/SHA256SUMS"
        );
        assert_eq!(
            address.with_ending(".sha256").unwrap().to_string(),
            "https://h/a/b+c.img.sha256"
        );
        assert_eq!(
            Address::typed("a/b")
                .unwrap()
                .sibling("c")
                .unwrap()
                .to_string(),
            "a/c"
        );
        assert!(!address.to_string().contains("secret"));
    }
}
