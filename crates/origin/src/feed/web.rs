//! The pages of a vendor, from the vendor or a mirror; one that has not changed is not fetched again.

use disk::{Algorithm, Digest, Hasher};
use net::{Client, HeaderValue, Reply, Request, StatusCode, Url, header};
use serde::{Deserialize, Serialize};

use super::{Feed, PageFuture};
use crate::Cache;
use crate::limits::MAX_PAGE;
use crate::route::Route;

/// Pages over the network, by a family's way.
pub struct Web<'a> {
    /// The client.
    pub client: &'a Client,
    /// Which hosts, and which mirrors.
    pub route: &'a Route,
    /// Where pages are kept for the next time.
    pub cache: Option<&'a Cache>,
}

/// What is kept of a page beside its body, which lies under its own digest.
#[derive(Serialize, Deserialize)]
struct Kept {
    url: String,
    etag: String,
    sha256: String,
}

impl Feed for Web<'_> {
    fn page<'a>(&'a self, url: &'a Url) -> PageFuture<'a> {
        Box::pin(async move {
            let client = self.route.strict(self.client);
            let asked = self.route.ask(url)?;
            let kept = self.cache.and_then(|cache| recall(cache, &asked));
            let mut request = Request {
                limit: MAX_PAGE,
                ..Request::get(asked.clone())
            };
            let tag = kept.as_ref().map(|(etag, _)| HeaderValue::from_str(etag));
            if let Some(Ok(tag)) = tag {
                request = request.header(header::IF_NONE_MATCH, tag);
            }
            let reply = client.exchange(request).await?;
            match (reply.status, kept) {
                (StatusCode::NOT_MODIFIED, Some((_, body))) => Ok(Some(body)),
                (StatusCode::OK, _) => {
                    if let Some(cache) = self.cache {
                        keep(cache, &asked, &reply);
                    }
                    Ok(Some(reply.body.to_vec()))
                }
                (StatusCode::NOT_FOUND | StatusCode::GONE, _) => Ok(None),
                _ => Err(reply.to_error().into()),
            }
        })
    }
}

/// The `ETag` and the body of the page as it was the last time.
fn recall(cache: &Cache, url: &Url) -> Option<(String, Vec<u8>)> {
    let kept: Kept = serde_json::from_slice(&cache.get(&name(url))?).ok()?;
    let expected = Digest::parse(Algorithm::Sha256, &kept.sha256).ok()?;
    let body = cache.get(&format!("body-{expected}"))?;
    (kept.url == url.as_str() && sha256(&body) == expected).then_some((kept.etag, body))
}

/// Keeps a page that names its state. Without one nobody could tell whether it has changed.
fn keep(cache: &Cache, url: &Url, reply: &Reply) {
    let etag = reply
        .headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok());
    let Some(etag) = etag else { return };
    let kept = Kept {
        url: url.to_string(),
        etag: etag.to_owned(),
        sha256: sha256(&reply.body).to_string(),
    };
    let Ok(entry) = serde_json::to_vec(&kept) else {
        return;
    };
    // What cannot be kept is fetched again, and that is all.
    let _ = cache
        .put(&format!("body-{}", kept.sha256), &reply.body)
        .and_then(|()| cache.put(&name(url), &entry));
}

fn name(url: &Url) -> String {
    format!("page-{}", sha256(url.as_str().as_bytes()))
}

fn sha256(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(Algorithm::Sha256);
    hasher.update(bytes);
    hasher.finish()
}
