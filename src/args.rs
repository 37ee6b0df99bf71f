//! The command line: the tree of commands and the options that all of them take.

mod connection;
mod help;

use clap::builder::styling::{AnsiColor, Styles};
use clap::error::ErrorKind;
use clap::{ArgAction, Args, ColorChoice, CommandFactory, FromArgMatches, Parser, ValueEnum};

use crate::command::Command;
use crate::progress;
use crate::terminal::{Colour, Terminal};

pub(crate) use connection::Connection;

/// Keep the OS images of an OpenStack cloud true copies of their vendors' originals, and prove it
#[derive(Debug, Parser)]
#[command(name = "ectype", version, styles = STYLES, disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) shape: Shape,
    #[command(flatten)]
    pub(crate) manner: Manner,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

/// How an answer looks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Shape {
    /// Format of the answer
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORMAT",
        value_enum,
        default_value_t
    )]
    pub(crate) format: Form,
    /// Show this column only, repeatable; upper and lower case are the same, `_` is a space
    #[arg(short, long = "column", global = true, value_name = "COLUMN")]
    pub(crate) columns: Vec<String>,
    /// Sort a list by this column, repeatable
    #[arg(
        long = "sort-column",
        global = true,
        value_name = "COLUMN",
        hide_short_help = true
    )]
    pub(crate) sort_columns: Vec<String>,
    /// With --sort-column: smallest first (the default)
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) sort_ascending: bool,
    /// With --sort-column: largest first
    #[arg(
        long,
        global = true,
        conflicts_with = "sort_ascending",
        hide_short_help = true
    )]
    pub(crate) sort_descending: bool,
    /// JSON on one line
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) noindent: bool,
    /// Fit a table into this many columns; 0 for the terminal's width
    #[arg(
        long,
        global = true,
        value_name = "COLUMNS",
        default_value_t,
        hide_default_value = true,
        hide_short_help = true
    )]
    pub(crate) max_width: u16,
    /// Fit a table into the window also when it goes into a pipe
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) fit_width: bool,
    /// Print the headings of a table without rows
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) print_empty: bool,
    /// What to quote in CSV
    #[arg(
        long,
        global = true,
        value_name = "WHAT",
        value_enum,
        default_value_t,
        hide_short_help = true
    )]
    pub(crate) quote: Quote,
    /// Put this before the names of shell variables
    #[arg(
        long,
        global = true,
        value_name = "TEXT",
        default_value_t,
        hide_default_value = true,
        hide_short_help = true
    )]
    pub(crate) prefix: String,
}

/// The format of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For programs and people
    Yaml,
    /// Lists for spreadsheets
    Csv,
    /// Bare values for scripts, a row a line; a record a field a line
    Value,
    /// Records as NAME="VALUE" for a shell
    Shell,
}

/// What is quoted in CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Quote {
    /// Every field
    All,
    /// Fields that need it
    Minimal,
    /// Nothing; special characters after a backslash
    None,
    /// Everything but numbers and truth values
    #[default]
    Nonnumeric,
}

/// How much is said, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "General")]
pub(crate) struct Manner {
    /// Say only warnings and errors; no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more on standard error: -v where credentials come from, -vv every setting
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to colour
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_short_help = true
    )]
    pub(crate) color: Colour,
    /// How to show progress
    #[arg(
        long,
        global = true,
        value_name = "HOW",
        value_enum,
        default_value_t,
        num_args = 0..=1,
        default_missing_value = "auto",
        env = "ECTYPE_PROGRESS",
        hide_env_values = true,
        hide_short_help = true
    )]
    pub(crate) progress: progress::Kind,
}

/// The whole tree, as it is parsed and completed.
pub(crate) fn tree() -> clap::Command {
    Cli::command()
}

/// The tree as manual pages show it.
pub(crate) fn shown() -> clap::Command {
    help::shown(tree())
}

/// Parses the process' own arguments.
pub(crate) fn parse(terminal: Terminal) -> Result<Cli, clap::Error> {
    // clap is told to colour all or nothing; which of the two streams it is for is decided where it is printed.
    let choice = if terminal.stdout.colour {
        ColorChoice::Always
    } else {
        ColorChoice::Never
    };
    let mut tree = tree().color(choice);
    match tree.try_get_matches_from_mut(std::env::args_os()) {
        Ok(matches) => Cli::from_arg_matches(&matches).map_err(|e| e.format(&mut tree)),
        Err(error) => Err(match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let again = shown().color(choice).try_get_matches();
                again.err().unwrap_or(error)
            }
            _ => error,
        }),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tree_is_consistent() {
        super::tree().debug_assert();
    }
}
