//! Pages that were recorded earlier, for tests and for looking at a vendor without a network.

use std::collections::BTreeMap;

use url::Url;

use super::{Feed, PageFuture};

/// Pages by their address.
#[derive(Clone, Debug, Default)]
pub struct Recorded(BTreeMap<String, Vec<u8>>);

impl Recorded {
    /// Adds a page.
    #[must_use]
    pub fn with(mut self, url: &str, page: impl Into<Vec<u8>>) -> Self {
        self.0.insert(url.to_owned(), page.into());
        self
    }
}

impl Feed for Recorded {
    fn page<'a>(&'a self, url: &'a Url) -> PageFuture<'a> {
        let page = self.0.get(url.as_str()).cloned();
        Box::pin(std::future::ready(Ok(page)))
    }
}
