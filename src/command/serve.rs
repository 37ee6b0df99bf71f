//! `ectype serve`: an image service of one's own, and who may use it.

use clap::{Args as ClapArgs, Subcommand};

use crate::command::serving::ENDING;
use crate::context::Context;
use crate::failure::Failure;
use crate::runtime;

mod care;
mod chosen;
mod first;
mod log;
mod metadefs;
mod pages;
pub(crate) mod parent;
mod password;
mod project;
mod ready;
mod records;
mod role;
mod start;
mod user;
mod who;

/// Serve images to OpenStack's clients, from this machine
#[derive(Debug, ClapArgs)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
The first start makes everything it needs in one folder, prints the administrator's password
once, and writes a clouds.yaml. It serves until Ctrl-C. All that can be chosen: docs/serve.md.

  ectype serve
  ectype serve --data /srv/images --listen 0.0.0.0:9292 --public-url https://images.example.org"
)]
pub(crate) struct Args {
    #[command(flatten)]
    start: start::Starting,
    #[command(subcommand)]
    command: Option<Command>,
}

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
    /// Manage what properties mean
    #[command(subcommand)]
    Metadefs(metadefs::Command),
    /// Read all that is stored, and say what is damaged
    Scrub(care::ScrubArgs),
    /// Remove what uploads and deletions that did not end have left
    Collect(care::CollectArgs),
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self.command {
            None => {
                parent::follow()?;
                let service = start::run(context, &self.start);
                runtime::run_wide(&context.cancel, ENDING, service)
            }
            Some(Command::User(command)) => command.run(context),
            Some(Command::Project(command)) => context.run(command.run(context)),
            Some(Command::Role(command)) => context.run(command.run(context)),
            Some(Command::Metadefs(command)) => context.run(command.run(context)),
            Some(Command::Scrub(args)) => context.run(care::scrub(context, &args)),
            Some(Command::Collect(args)) => context.run(care::collect(context, &args)),
        }
    }
}
