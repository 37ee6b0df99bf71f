//! `ectype catalogue`: what images there should be.

mod newest;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What to do with the catalogue.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what vendors publish now
    Newest(newest::Args),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Newest(args) => context.run(newest::run(context, args)),
        }
    }
}
