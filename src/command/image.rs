//! `ectype image`: the images of a cloud.

mod columns;
mod list;
mod show;
mod sort;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What to do with images.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List images
    List(list::Args),
    /// Show one image
    Show(show::Args),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => context.run(list::run(context, args)),
            Self::Show(args) => context.run(show::run(context, args)),
        }
    }
}
