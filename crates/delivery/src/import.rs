//! Images that the cloud imports: out of its staging area, or from an address that it fetches itself.

use std::time::Duration;

use cloud::{Glance, Import};
use wire::image::Image;

use crate::made::Made;
use crate::{Error, Imports};

/// Goes on only where the cloud offers this way of importing.
///
/// # Errors
/// [`Error::NotOffered`], and as [`Glance::import_methods`].
pub async fn offered(glance: &Glance, import: &Import) -> Result<(), Error> {
    let method = import.method();
    let offered = glance.import_methods().await?;
    match offered.iter().any(|name| name == method) {
        true => Ok(()),
        false => Err(Error::NotOffered { method, offered }),
    }
}

impl Made<'_> {
    /// Has the image imported and waits until it is there. One that is late is left alone: it may yet become what it should.
    ///
    /// # Errors
    /// As [`Glance::import`] and [`Glance::imported`].
    pub async fn settle(&self, imports: &Imports<'_>) -> Result<Image, Error> {
        let deadline: Duration = imports.deadline;
        self.glance().import(self.id(), imports.import).await?;
        let each = |image: &Image| (imports.watch)(image);
        let imported = self.glance().imported(self.id(), deadline, each).await;
        if matches!(imported, Err(cloud::Error::NotYet { .. })) {
            self.keep();
        }
        Ok(imported?)
    }
}
