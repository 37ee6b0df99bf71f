//! The images that somebody may see: asked for once for all pages that are made within some seconds.

use std::sync::Arc;

use cloud::{Error, Glance, Hidden, Query, Visibility};
use jiff::Timestamp;
use tokio::sync::Mutex;
use wire::image::Image;

use crate::limits::LIST_AGE;

/// A list of images and when it was asked for.
#[derive(Default)]
pub(crate) struct Listing(Mutex<Option<(Timestamp, Arc<Vec<Image>>)>>);

impl Listing {
    /// The images; `public`: only those that everybody may see.
    ///
    /// # Errors
    /// As for [`Glance::list`].
    pub(crate) async fn get(
        &self,
        glance: &Glance,
        public: bool,
        now: Timestamp,
    ) -> Result<Arc<Vec<Image>>, Error> {
        let mut kept = self.0.lock().await;
        if let Some((then, images)) = &*kept
            && now >= *then
            && now.duration_since(*then) < LIST_AGE
        {
            return Ok(Arc::clone(images));
        }
        let mut images = match public {
            true => everybodys(glance).await?,
            false => glance.list(&query(Visibility::All)).await?,
        };
        images.retain(|image| !matches!(image.status.as_str(), "deleted" | "pending_delete"));
        let images = Arc::new(images);
        *kept = Some((now, Arc::clone(&images)));
        Ok(images)
    }

    /// Has the list asked for anew the next time.
    pub(crate) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

fn query(visibility: Visibility) -> Query {
    Query {
        visibility: Some(visibility),
        hidden: Hidden::Both,
        ..Query::default()
    }
}

async fn everybodys(glance: &Glance) -> Result<Vec<Image>, Error> {
    let (public, community) = (query(Visibility::Public), query(Visibility::Community));
    let (mut images, community) = tokio::try_join!(glance.list(&public), glance.list(&community))?;
    images.extend(community);
    // Whatever a service makes of the filter, nobody else's images are shown.
    images.retain(is_everybodys);
    Ok(images)
}

/// Whether everybody may see an image.
pub(crate) fn is_everybodys(image: &Image) -> bool {
    matches!(image.visibility.as_str(), "public" | "community")
}
