//! The images of a cloud, all of them that matter, hidden ones too.

use std::collections::BTreeMap;

use wire::image::Image;

/// The lists of images do not fit each other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("image {id} changed while the images were listed")]
pub struct Torn {
    /// The image that came twice.
    pub id: String,
}

/// All images that a project sees: public ones and its own, hidden and not, read to the end. A list that could not be
/// read to the end must not become this.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudImages {
    project: String,
    images: BTreeMap<String, Image>,
}

impl CloudImages {
    /// The images that were listed. `project` is the id of the project that ours belong to.
    ///
    /// # Errors
    /// An image was listed twice with different records: the lists were read while somebody changed it.
    pub fn new(
        project: impl Into<String>,
        images: impl IntoIterator<Item = Image>,
    ) -> Result<Self, Torn> {
        let mut by_id = BTreeMap::new();
        for image in images {
            let id = image.id.clone();
            if let Some(before) = by_id.insert(id.clone(), image)
                && by_id.get(&id) != Some(&before)
            {
                return Err(Torn { id });
            }
        }
        Ok(Self {
            project: project.into(),
            images: by_id,
        })
    }

    /// The project that our images belong to, by id.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.project
    }

    /// All images, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Image> {
        self.images.values()
    }

    /// The image of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Image> {
        self.images.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Image> {
        self.images.get_mut(id)
    }

    pub(super) fn insert(&mut self, image: Image) {
        self.images.insert(image.id.clone(), image);
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.images.remove(id);
    }
}

/// Whether an image is what SCS-0102 v2 allows one of per system.
pub(super) fn is_public_generic(image: &Image) -> bool {
    image.visibility == "public"
        && !image.os_hidden
        && image.property("os_purpose") == Some("generic")
}
