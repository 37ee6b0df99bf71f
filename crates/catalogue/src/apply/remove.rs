//! Steps that delete an image, by its id. One that cannot be deleted now stays, and the next run tries again.

use wire::image::Image;

use super::site::At;
use super::{Apply, Ended, Error};
use crate::plan::{Action, Step, records};

impl Apply<'_> {
    /// Discards or deletes.
    pub(super) async fn remove(&self, at: &At<'_>, step: &Step) -> Ended {
        match self.removed(at, step).await {
            Ok(ended) => ended,
            Err(error) => Ended::Failed(error),
        }
    }

    async fn removed(&self, at: &At<'_>, step: &Step) -> Result<Ended, Error> {
        let id = at.id_of(step).ok_or(Error::NoImage)?;
        let glance = at.site.glance;
        let Some(image) = glance.show(&id).await? else {
            return Ok(Ended::Done);
        };
        if image.protected {
            return Ok(Ended::Kept("it is protected".to_owned()));
        }
        let as_it_was = match step.action {
            // The bytes of an import that was broken off are put away by the cloud when it notices, and its record changes
            // with them; what it is does not.
            Action::Discard => is_unseen(&image, step, at),
            _ => at.is_known(&image),
        };
        if !as_it_was {
            return Err(Error::Moved { id });
        }
        match glance.delete(&id).await {
            Ok(()) | Err(cloud::Error::Gone { .. }) => Ok(Ended::Done),
            Err(cloud::Error::Refused(refusal)) if refusal.status == 409 => {
                let why = refusal.reason.unwrap_or_else(|| "it is in use".to_owned());
                Ok(Ended::Kept(format!(
                    "the cloud does not delete it now: {why}"
                )))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether an image is still one of this definition's that nobody ever saw.
fn is_unseen(image: &Image, step: &Step, at: &At<'_>) -> bool {
    let plan = at.site.plan;
    let unfinished = matches!(image.property(records::STATE), Some("incoming" | "ready"));
    unfinished
        && image.visibility == "private"
        && image.owner.as_deref() == Some(&plan.project)
        && image.tags.contains(&plan.tag)
        && image.property(records::DEFINITION) == Some(&step.definition)
}
