//! `ectype image`: the images of a cloud.

mod activation;
mod columns;
mod create;
mod delete;
mod import;
mod list;
mod member;
mod preset;
mod save;
mod set;
mod show;
mod sort;
mod unset;

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
    /// Create an image from a file, a URL or a pipe, verified
    Create(Box<create::Args>),
    /// Save an image's bytes, verified
    Save(save::Args),
    /// Change an image's fields, properties and tags
    Set(Box<set::Args>),
    /// Take properties and tags of an image away
    Unset(unset::Args),
    /// Delete images
    Delete(delete::Args),
    /// Share images with other projects
    #[command(subcommand)]
    Member(member::Command),
    /// Let an image's bytes be used again
    Activate(activation::Args),
    /// Keep an image's bytes from being used
    Deactivate(activation::Args),
    /// List the presets of `set --os` and `create --os`
    Presets,
    /// How images can be imported
    #[command(subcommand)]
    Import(import::Command),
    /// openstackclient's spelling of `member add`
    #[command(subcommand, hide = true)]
    Add(member::Project),
    /// openstackclient's spelling of `member remove`
    #[command(subcommand, hide = true)]
    Remove(member::Project),
}

impl Command {
    pub(crate) fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => context.run(list::run(context, args)),
            Self::Show(args) => context.run(show::run(context, args)),
            Self::Create(args) => context.run_tidily(create::run(context, *args)),
            Self::Import(command) => command.run(context),
            Self::Save(args) => context.run(save::run(context, args)),
            Self::Set(args) => context.run(set::run(context, *args)),
            Self::Unset(args) => context.run(unset::run(context, args)),
            Self::Delete(args) => context.run(delete::run(context, args)),
            Self::Member(command) => command.run(context),
            Self::Activate(args) => context.run(activation::run(context, args, true)),
            Self::Deactivate(args) => context.run(activation::run(context, args, false)),
            Self::Presets => preset::list(context),
            Self::Add(member::Project::Project(share)) => member::Command::Add(share).run(context),
            Self::Remove(member::Project::Project(share)) => {
                member::Command::Remove(share).run(context)
            }
        }
    }
}
