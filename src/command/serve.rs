//! `ectype serve`: an image service of one's own, and who may use it.

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

mod password;
mod project;
mod records;
mod role;
mod user;

/// What to do with the service.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Manage the service's users
    #[command(subcommand)]
    User(user::Command),
    /// Manage the service's projects
    #[command(subcommand)]
    Project(project::Command),
    /// Manage who has which role in which project
    #[command(subcommand)]
    Role(role::Command),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::User(command) => command.run(context),
            Self::Project(command) => context.run(command.run(context)),
            Self::Role(command) => context.run(command.run(context)),
        }
    }
}
