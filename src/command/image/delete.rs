//! `ectype image delete`: one image after the other, whatever happens to the one before.

use wire::image::Image;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Delete images and their bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A name that several images have deletes none of them. A failure does not keep the others from being deleted.")]
pub(crate) struct Args {
    /// Names or ids
    #[arg(value_name = "IMAGE", required = true)]
    images: Vec<String>,
    /// Delete only the bytes in this store, on a cloud with several
    #[arg(long, value_name = "STORE")]
    store: Option<String>,
}

pub(crate) async fn run(context: &Context, args: Args) -> Result<(), Failure> {
    let cloud = context.cloud().await?;
    // All names are looked up before anything is gone, so that none of them comes to mean another image.
    let (mut found, mut failures): (Vec<Image>, Vec<(&str, Failure)>) = Default::default();
    for name in &args.images {
        match cloud.glance().find(name).await {
            Ok(image) if found.iter().any(|other| other.id == image.id) => {}
            Ok(image) => found.push(image),
            Err(error) => failures.push((name, error.into())),
        }
    }
    for image in &found {
        let done = match (&args.store, image.protected) {
            (_, true) => Err(protected(image)),
            (None, _) => cloud
                .glance()
                .delete(&image.id)
                .await
                .map_err(Failure::from),
            (Some(store), _) => {
                let deleted = cloud.glance().delete_from(store, &image.id).await;
                deleted.map_err(Failure::from)
            }
        };
        if let Err(failure) = done {
            failures.push((&image.id, failure));
        }
    }
    if args.images.len() == 1
        && let Some((_, failure)) = failures.pop()
    {
        return Err(failure);
    }
    if failures.is_empty() {
        return Ok(());
    }
    for (name, failure) in &failures {
        let why = failure.on_one_line("; ");
        context.warn(&format!("`{name}` is not deleted: {why}"));
    }
    let message = format!(
        "{} of {} images are not deleted",
        failures.len(),
        args.images.len()
    );
    Err(Failure::new(Exit::Partly, message))
}

fn protected(image: &Image) -> Failure {
    let message = format!(
        "image `{}` ({}) is protected from being deleted",
        image.name(),
        image.id
    );
    Failure::new(Exit::Refused, message).hint(format!(
        "`ectype image set --unprotected {}` lets it go",
        image.id
    ))
}
