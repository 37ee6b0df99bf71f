//! What becomes of an image that is not what was sent.

use delivery::{Made, Outcome};
use wire::image::Image;

use super::Work;
use crate::failure::{Exit, Failure, because};

/// What becomes of an image that is not what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum OnMismatch {
    /// It stays, but no machine can be started from it
    #[default]
    Deactivate,
    /// It is deleted
    Delete,
    /// It stays as it is; only your project sees it
    Keep,
}

impl Work<'_> {
    /// Goes on only with an image that is what was sent.
    pub(super) async fn judged(
        &self,
        made: &Made<'_>,
        image: &Image,
        outcome: Outcome,
    ) -> Result<(), Failure> {
        match outcome {
            Outcome::Same(by) if by.is_empty() => {
                self.context.warn("the cloud has recorded no digest of this image that could be compared; only its length is right");
                Ok(())
            }
            Outcome::Same(by) => {
                let by = by.join(" and ");
                self.context
                    .detail(1, &format!("the cloud has recorded what was sent ({by})"));
                Ok(())
            }
            Outcome::Different(lines) => {
                let message = format!("image {} is not what was sent", image.id);
                let failure = Failure::new(Exit::Untrusted, message);
                let failure = lines.into_iter().fold(failure, Failure::cause);
                Err(self.put_away(made, failure).await)
            }
            Outcome::Unknown(reason) => {
                let id = &image.id;
                Err(because(&reason, reason.message.clone())
                    .cause(format!("image {id} stays, and only your project sees it"))
                    .hint(format!("`ectype image delete {id}` takes it away")))
            }
        }
    }

    /// Does to an image that is not what was sent what the user wants.
    async fn put_away(&self, made: &Made<'_>, failure: Failure) -> Failure {
        let (glance, id) = (made.glance(), made.id());
        let (done, word) = match self.args.on_mismatch {
            OnMismatch::Keep => (Ok(()), "it stays as it is, and only your project sees it"),
            OnMismatch::Deactivate => (
                glance.deactivate(id).await,
                "it is deactivated, and only your project sees it",
            ),
            OnMismatch::Delete => (glance.delete(id).await, "it is deleted"),
        };
        let failure = match done {
            Ok(()) => failure.cause(word),
            Err(error) => {
                let why = Failure::from(error).on_one_line("; ");
                failure.cause(format!("it stays, and only your project sees it: {why}"))
            }
        };
        match self.args.on_mismatch {
            OnMismatch::Delete => failure,
            _ => failure.hint(format!("`ectype image delete {id}` takes it away")),
        }
    }
}
