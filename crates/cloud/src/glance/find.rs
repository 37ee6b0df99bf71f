//! Finding the one image that a name or an id means, or saying why there is not one.

use wire::image::Image;

use super::{Glance, Hidden, Query, Visibility};
use crate::Error;
use crate::near::near;

/// How many near names are offered.
const NEAR: usize = 5;

impl Glance {
    /// The image with this id, hidden or not, or else with this name.
    ///
    /// A name is looked for among what the project sees; if nothing there has it, among hidden images; if nothing there
    /// has it either, among strangers' community images. So nobody can take a name over, or make it ambiguous, by
    /// publishing an image of that name to the community. Within a step a name that fits several images fits none.
    ///
    /// # Errors
    /// [`Error::NotFound`] with names that are near, [`Error::Ambiguous`] with all that have the name, and as for
    /// [`Glance::list`].
    pub async fn find(&self, name_or_id: &str) -> Result<Image, Error> {
        if is_uuid(name_or_id)
            && let Some(image) = self.show(name_or_id).await?
        {
            return Ok(image);
        }
        let named = |visibility, hidden| Query {
            name: Some(name_or_id.to_owned()),
            visibility,
            hidden,
            ..Query::default()
        };
        let steps = [
            named(None, Hidden::No),
            named(None, Hidden::Only),
            named(Some(Visibility::Community), Hidden::No),
            named(Some(Visibility::Community), Hidden::Only),
        ];
        for step in &steps {
            if let Some(image) = self.only(step, name_or_id).await? {
                return Ok(image);
            }
        }
        let everything = Query {
            hidden: Hidden::Both,
            ..Query::default()
        };
        let known = self.list(&everything).await?;
        let near = near(name_or_id, known.iter().map(Image::name), NEAR);
        Err(Error::NotFound {
            name: name_or_id.to_owned(),
            near,
        })
    }

    /// As [`Glance::find`], and where that finds nothing, by name among the images that others share with this project
    /// and that it has not accepted: they are in no ordinary list.
    ///
    /// # Errors
    /// As [`Glance::find`].
    pub async fn find_offered(&self, name_or_id: &str) -> Result<Image, Error> {
        match self.find(name_or_id).await {
            Err(absent @ Error::NotFound { .. }) => {
                let offered = Query {
                    name: Some(name_or_id.to_owned()),
                    visibility: Some(Visibility::Shared),
                    member_status: Some("all".to_owned()),
                    ..Query::default()
                };
                self.only(&offered, name_or_id).await?.ok_or(absent)
            }
            found => found,
        }
    }

    /// The one image with exactly this name that a query finds; several are an error.
    async fn only(&self, query: &Query, name: &str) -> Result<Option<Image>, Error> {
        let mut images = self.list(query).await?;
        // Some databases compare without regard to case.
        images.retain(|image| image.name() == name);
        if images.len() > 1 {
            return Err(Error::Ambiguous {
                name: name.to_owned(),
                images,
            });
        }
        Ok(images.pop())
    }
}

/// Whether a text has the form that Glance's ids have; anything else need not be asked for as an id.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    lengths == [8, 4, 4, 4, 12]
        && groups
            .iter()
            .all(|group| group.chars().all(|c| c.is_ascii_hexdigit()))
}
