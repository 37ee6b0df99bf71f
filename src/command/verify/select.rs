//! Which images are meant.

use cloud::{Error, Glance, Hidden, Query};
use proof::{Code, Level, Reason, Verdict};
use wire::image::Image;

use crate::context::Context;
use crate::failure::Failure;

/// An image to look at, or the verdict that there is none to look at.
pub(super) type Selected = Result<Image, Box<Verdict>>;

/// The images of these names and ids, in this order. A name that fits none or several is told as a verdict, so that
/// the others are still looked at.
pub(super) async fn named(
    glance: &Glance,
    names: &[String],
    level: Level,
    now: jiff::Timestamp,
) -> Result<Vec<Selected>, Failure> {
    let mut selected = Vec::new();
    for name in names {
        selected.push(match glance.find(name).await {
            Ok(image) => Ok(image),
            Err(error @ (Error::NotFound { .. } | Error::Ambiguous { .. })) => {
                let code = match &error {
                    Error::Ambiguous { .. } => Code::ImageAmbiguous,
                    _ => Code::ImageNotFound,
                };
                let mut reason = Reason::new(code, error.to_string());
                reason.causes = error.details();
                reason.hint = error.hint();
                Err(Box::new(Verdict::begun(name, level, now).undecided(reason)))
            }
            Err(error) => return Err(error.into()),
        });
    }
    Ok(selected)
}

/// Every image that names its original.
pub(super) async fn all(
    context: &Context,
    glance: &Glance,
    hidden: bool,
) -> Result<Vec<Selected>, Failure> {
    let hidden = if hidden { Hidden::Both } else { Hidden::No };
    let mut images = glance
        .list(&Query {
            hidden,
            ..Query::default()
        })
        .await?;
    let seen = images.len();
    images.retain(|image| {
        let source = image.property("image_source").map_or("", str::trim);
        !source.is_empty() && source != "private"
    });
    let left_out = seen - images.len();
    if left_out > 0 {
        context.note(&format!(
            "{left_out} of {seen} images name no public original and are left out"
        ));
    }
    images.sort_by(|one, other| (one.name(), &one.id).cmp(&(other.name(), &other.id)));
    Ok(images.into_iter().map(Ok).collect())
}
