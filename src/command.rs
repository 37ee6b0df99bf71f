//! The commands: one file per verb, each with its arguments and what it does.

mod cloud;
mod completions;
mod image;
mod man;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List and show the images of a cloud
    #[command(subcommand)]
    Image(image::Command),
    /// Look at the connection to a cloud
    #[command(subcommand)]
    Cloud(cloud::Command),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Print the manual page, or write the pages of all commands
    Man(man::Args),
}

impl Command {
    /// Does it.
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Image(command) => command.run(context),
            Self::Cloud(command) => command.run(context),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}
