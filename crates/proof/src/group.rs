//! Which images can be judged by one pass over one original.

use origin::Address;
use wire::image::Image;

use crate::reason::{Code, Reason};
use crate::source::source_of;
use crate::verdict::{Level, Verdict};

/// One original and the images that are said to be copies of it.
#[derive(Clone, Debug)]
pub struct Group {
    /// The original.
    pub original: Address,
    /// Whether the user named it, and not the images.
    pub by_user: bool,
    /// The images, each with its place in the list that was asked for.
    pub images: Vec<(usize, Image)>,
}

/// Sorts images by their original, in the order of first mention. Images that cannot be judged get their verdict at
/// once. With `Level::Content` every image stands alone, because its own bytes are read beside the original.
#[must_use]
pub fn group(
    images: Vec<Image>,
    original: Option<&Address>,
    level: Level,
    now: jiff::Timestamp,
) -> (Vec<Group>, Vec<(usize, Verdict)>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut verdicts = Vec::new();
    for (place, image) in images.into_iter().enumerate() {
        let address = active(&image)
            .and_then(|()| original.map_or_else(|| source_of(&image), |a| Ok(a.clone())));
        let address = match address {
            Ok(address) => address,
            Err(reason) => {
                let verdict = Verdict::begun(called(&image), level, now)
                    .about(&image)
                    .undecided(reason);
                verdicts.push((place, verdict));
                continue;
            }
        };
        match groups
            .iter_mut()
            .find(|group| group.original == address && level != Level::Content)
        {
            Some(group) => group.images.push((place, image)),
            None => {
                let by_user = original.is_some();
                groups.push(Group {
                    original: address,
                    by_user,
                    images: vec![(place, image)],
                });
            }
        }
    }
    (groups, verdicts)
}

/// What people call the image: its name, or its id when it has none.
pub(crate) fn called(image: &Image) -> String {
    if image.name().is_empty() {
        image.id.clone()
    } else {
        image.name().to_owned()
    }
}

/// Only an image with data can be compared. A deactivated one keeps its data and its record.
fn active(image: &Image) -> Result<(), Reason> {
    match image.status.as_str() {
        "active" | "deactivated" => Ok(()),
        status => {
            let message = format!("the image is `{status}`: it has no data that could be compared");
            Err(Reason::new(Code::ImageNotActive, message))
        }
    }
}
