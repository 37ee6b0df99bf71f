//! The images of a cloud, as a plan needs them.

use cloud::{Glance, Hidden, Query};

use crate::plan::{CloudImages, Torn};

/// Why the images of a cloud are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The cloud did not list them to the end.
    #[error(transparent)]
    Cloud(#[from] cloud::Error),
    /// They changed while they were listed, twice in a row.
    #[error(transparent)]
    Torn(#[from] Torn),
}

/// The images that matter to plans for `project` (an id): those that it sees, and hidden ones of its own. Two lists are
/// asked for, each read to its end, and nothing else.
///
/// The hidden ones come last: a rotation hides the old image and shows the new one, so that one which happens between the
/// two lists has the old image in both of them, which is noticed. Then both are read once more.
///
/// # Errors
/// A list cannot be read to its end, or the images change faster than they are listed.
pub async fn cloud(glance: &Glance, project: &str) -> Result<CloudImages, Error> {
    match both(glance, project).await? {
        Ok(images) => Ok(images),
        Err(Torn { .. }) => Ok(both(glance, project).await??),
    }
}

async fn both(glance: &Glance, project: &str) -> Result<Result<CloudImages, Torn>, cloud::Error> {
    let mut images = glance.list(&Query::default()).await?;
    let hidden = Query {
        hidden: Hidden::Only,
        owner: Some(project.to_owned()),
        ..Query::default()
    };
    images.extend(glance.list(&hidden).await?);
    Ok(CloudImages::new(project, images))
}
