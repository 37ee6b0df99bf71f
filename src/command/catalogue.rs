//! `ectype catalogue`: what images there should be.

mod check;
mod files;
mod scs;
mod show;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What to do with the catalogue.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a catalogue, or the images of a cloud by the rules of SCS
    Check(check::Args),
    /// Show every value of the images that should be there, and where it stands
    Show(show::Args),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Check(args) => check::run(context, &args),
            Self::Show(args) => show::run(context, &args),
        }
    }
}
