//! `ectype catalogue`: what images there should be.

mod check;
mod files;
mod newest;
mod plan;
mod scs;
mod show;
mod sites;
mod status;
mod sync;
mod wish;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What to do with the catalogue.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what vendors publish now
    Newest(newest::Args),
    /// Check a catalogue, or the images of a cloud by the rules of SCS
    Check(check::Args),
    /// Show every value of the images that should be there, and where it stands
    Show(show::Args),
    /// Show what would be changed in clouds, and why; changes nothing
    Plan(plan::Args),
    /// Make clouds as they should be: print the plan, and do it
    Sync(Box<sync::Args>),
    /// Show how old the images are, what is due, and how long they are supported
    Status(status::Args),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Newest(args) => context.run(newest::run(context, args)),
            Self::Check(args) => check::run(context, &args),
            Self::Show(args) => show::run(context, &args),
            Self::Plan(args) => context.run(plan::run(context, args)),
            Self::Sync(args) => context.run_tidily(sync::run(context, *args)),
            Self::Status(args) => context.run(status::run(context, args)),
        }
    }
}
