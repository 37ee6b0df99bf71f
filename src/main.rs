//! The `ectype` command: words in, one answer out, and an exit code that says how it went.

mod args;
mod command;
mod context;
mod failure;
mod output;
mod progress;
mod runtime;
mod terminal;

use std::process::ExitCode;

use context::Context;
use failure::Failure;
use terminal::Terminal;

fn main() -> ExitCode {
    failure::catch_panics();
    let terminal = Terminal::look();
    match run(terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(terminal.stderr),
    }
}

fn run(terminal: Terminal) -> Result<(), Failure> {
    match args::parse(terminal) {
        Ok(cli) => {
            let context = Context::new(cli.connection, cli.shape, &cli.manner, terminal);
            cli.command.run(&context)
        }
        Err(error) => match failure::help_or_version(&error, terminal.stdout.colour) {
            Some(text) => Ok(output::print(&text)?),
            None => Err(failure::usage(&error)),
        },
    }
}
