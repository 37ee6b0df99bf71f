//! Whether the cloud has what was sent, and what becomes of an image that it has not.

use disk::Algorithm;
use proof::Recorded;
use wire::image::Image;

use super::Work;
use super::made::Made;
use super::plan::Plan;
use super::send::Sent;
use crate::command::image::save::wrong;
use crate::failure::{Exit, Failure};

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

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The same, and by which digests that is known (none: only by the size).
    Same(Vec<&'static str>),
    /// Not the same; a line for each thing that differs.
    Different(Vec<String>),
    /// Nothing is known.
    Unknown(Failure),
}

/// Compares what the cloud has recorded with what was sent.
pub(super) fn stored(image: &Image, plan: &Plan, sent: &Sent) -> Outcome {
    let mut recorded = Recorded::of(image);
    if recorded
        .hash
        .as_ref()
        .is_some_and(|hash| hash.algorithm() == Algorithm::Sha1)
    {
        // SHA-1 is not computed of what is sent; the MD5 beside it is.
        recorded.hash = None;
    }
    let format = image.disk_format.as_deref().unwrap_or(plan.format);
    let contents = match (&sent.reading.disk, format == plan.format) {
        (_, true) => &sent.contents,
        // The cloud has converted it on its way in.
        (Some(disk), false) if format == "raw" && plan.holds(disk.size) => disk,
        _ => {
            let message = format!(
                "the cloud has converted image {} from {} to {format}, so that its digests cannot be compared",
                image.id, plan.format
            );
            return Outcome::Unknown(Failure::new(Exit::Untrusted, message));
        }
    };
    let wrong = wrong(&recorded, contents, "were sent");
    if !wrong.is_empty() {
        return Outcome::Different(wrong);
    }
    let by = recorded.hash.iter().chain(&recorded.md5);
    Outcome::Same(by.map(|digest| digest.algorithm().name()).collect())
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
            Outcome::Unknown(failure) => {
                let id = &image.id;
                Err(failure
                    .cause(format!("image {id} stays, and only your project sees it"))
                    .hint(format!("`ectype image delete {id}` takes it away")))
            }
        }
    }

    /// Does to an image that is not what was sent what the user wants.
    async fn put_away(&self, made: &Made<'_>, failure: Failure) -> Failure {
        let (glance, id) = (made.glance(), &made.id);
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
