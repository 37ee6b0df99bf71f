//! `ectype completions`: a static script, so that completing starts no program.

use clap_complete::Shell;

use crate::failure::Failure;
use crate::{args, output};

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::tree(), "ectype", &mut script);
    Ok(output::print(&String::from_utf8_lossy(&script))?)
}
