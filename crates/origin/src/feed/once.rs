//! Pages that several look-ups need, each fetched once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use url::Url;

use super::{Feed, PageFuture};
use crate::Error;

type Page = Arc<OnceCell<Result<Option<Vec<u8>>, Arc<Error>>>>;

/// Pages of another feed, each asked for once as long as this lives. One that could not be had is not asked for again,
/// either: a server that is down costs its timeouts once.
pub struct Once<'a> {
    feed: &'a dyn Feed,
    pages: Mutex<HashMap<Url, Page>>,
}

impl<'a> Once<'a> {
    /// The pages of `feed`.
    #[must_use]
    pub fn new(feed: &'a dyn Feed) -> Self {
        Self {
            feed,
            pages: Mutex::default(),
        }
    }

    fn cell(&self, url: &Url) -> Page {
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(pages.entry(url.clone()).or_default())
    }
}

impl Feed for Once<'_> {
    fn page<'a>(&'a self, url: &'a Url) -> PageFuture<'a> {
        Box::pin(async move {
            let cell = self.cell(url);
            let page = cell
                .get_or_init(async || self.feed.page(url).await.map_err(Arc::new))
                .await;
            page.clone().map_err(Error::Shared)
        })
    }
}
