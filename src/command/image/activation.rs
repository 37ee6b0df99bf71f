//! `ectype image activate` and `deactivate`: may the bytes be used?

use super::set::activate;
use crate::context::Context;
use crate::failure::Failure;

/// Which image.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name or id
    image: String,
}

pub(crate) async fn run(context: &Context, args: Args, active: bool) -> Result<(), Failure> {
    let cloud = context.cloud().await?;
    let image = cloud.glance().find(&args.image).await?;
    if !activate(cloud.glance(), &image, active).await? {
        context.note(&format!(
            "nothing was sent: the image is {} already",
            image.status
        ));
    }
    Ok(())
}
