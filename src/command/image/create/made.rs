//! The image that is being made, as it is told to the user: published, or taken away again.

use cloud::Op;
use delivery::{CleanedUp, Made};
use serde_json::Value;
use wire::image::Image;

use crate::failure::Failure;

/// Gives the image what it could not have before its bytes were compared: `changes`, and its visibility.
pub(super) async fn publish(
    made: &Made<'_>,
    image: &Image,
    changes: Vec<Op>,
) -> Result<Image, Failure> {
    let changes = made.missing(image, changes);
    if changes.is_empty() {
        return Ok(image.clone());
    }
    let patched = made.glance().patch(made.id(), &changes).await;
    patched.map_err(|error| {
        let document = Value::Array(changes.iter().map(Op::json).collect());
        Failure::from(error)
            .cause(format!(
                "image {} is there, is what was sent, and only your project sees it",
                made.id()
            ))
            .cause(format!("what is missing is {document}"))
    })
}

/// Deletes what was made, and says so; or names what is left and the command that takes it away.
pub(super) async fn clean_up(made: &Made<'_>, failure: Failure) -> Failure {
    match made.clean_up().await {
        CleanedUp::Nothing => failure,
        CleanedUp::Deleted => failure.cause("the image that was begun is deleted again"),
        CleanedUp::Left(Some(error)) => {
            left(made, failure, &Failure::from(error).on_one_line("; "))
        }
        CleanedUp::Left(None) => left(made, failure, "the cloud did not answer in time"),
    }
}

fn left(made: &Made<'_>, failure: Failure, why: &str) -> Failure {
    let id = made.id();
    let failure = failure.cause(format!(
        "image {id} may be left, seen by your project only: {why}"
    ));
    failure.hint(format!("`ectype image delete {id}` takes it away"))
}
