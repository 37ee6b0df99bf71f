//! `ectype man`: manual pages, made from the same tree as the help.

use std::path::PathBuf;

use crate::failure::{Exit, Failure};
use crate::{args, output};

/// Print the manual page, or write the pages of all commands.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write a page for every command into this folder instead
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(args::shown()).render(&mut page)?;
        return Ok(output::print(&String::from_utf8_lossy(&page))?);
    };
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(args::shown(), dir))
        .map_err(|error| {
            Failure::new(
                Exit::Unreachable,
                format!("cannot write pages to {}", dir.display()),
            )
            .cause(error.to_string())
        })
}
