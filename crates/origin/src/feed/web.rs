//! The pages of a vendor, from the vendor or a mirror.

use net::{Client, Request, StatusCode};
use url::Url;

use super::{Feed, PageFuture};
use crate::limits::MAX_PAGE;
use crate::route::Route;

/// Pages over the network, by a family's way.
pub struct Web<'a> {
    /// The client.
    pub client: &'a Client,
    /// Which hosts, and which mirrors.
    pub route: &'a Route,
}

impl Feed for Web<'_> {
    fn page<'a>(&'a self, url: &'a Url) -> PageFuture<'a> {
        Box::pin(async move {
            let client = self.route.strict(self.client);
            let request = Request {
                limit: MAX_PAGE,
                ..Request::get(self.route.ask(url)?)
            };
            let reply = client.exchange(request).await?;
            match reply.status {
                StatusCode::OK => Ok(Some(reply.body.to_vec())),
                StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
                _ => Err(reply.to_error().into()),
            }
        })
    }
}
