//! The commands: one file per verb, each with its arguments and what it does.

mod catalogue;
mod cloud;
mod completions;
mod convert;
mod dashboard;
mod demo;
mod digest;
mod fetch;
mod image;
mod inspect;
mod keys;
mod man;
mod pass;
mod serve;
mod serving;
mod vendor;
mod verify;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::Failure;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List, show, create, save, change and share the images of a cloud
    #[command(subcommand)]
    Image(image::Command),
    /// Look at the connection to a cloud
    #[command(subcommand)]
    Cloud(cloud::Command),
    /// Compare images with their vendors' originals, bit for bit
    Verify(verify::Args),
    /// Say what images there should be, make clouds so, and see what vendors publish
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// Show a cloud's images in a browser: proofs, age, end of support
    Dashboard(dashboard::Args),
    /// Get a vendor's image into a file, verified; no cloud
    Fetch(Box<fetch::Args>),
    /// Look at the keys that vouch for vendors' originals
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print the digests of an image file and of the disk in it
    Digest(digest::Args),
    /// Convert an image file, and print the digests of both sides
    Convert(convert::Args),
    /// Say what an image file is, and whether it may be used
    Inspect(inspect::Args),
    /// Serve images to OpenStack's clients, from this machine
    Serve(Box<serve::Args>),
    /// See what ectype does, on a service and an image of its own; no network
    Demo(demo::Args),
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
            Self::Verify(args) => context.run(verify::run(context, args)),
            Self::Catalogue(command) => command.run(context),
            Self::Dashboard(args) => args.run(context),
            Self::Fetch(args) => context.run(fetch::run(context, *args)),
            Self::Keys(command) => command.run(context),
            Self::Digest(args) => context.run(digest::run(context, args)),
            Self::Convert(args) => context.run(convert::run(context, args)),
            Self::Inspect(args) => context.run(inspect::run(context, args)),
            Self::Serve(args) => args.run(context),
            Self::Demo(args) => context.run_tidily(demo::run(context, args)),
            Self::Completions(args) => completions::run(&args),
            Self::Man(args) => man::run(&args),
        }
    }
}
