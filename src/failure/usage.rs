//! A command line that is not understood, said in our style: the first line, the details, one hint.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Exit, Failure};

/// The text that was asked for by `--help` or `--version`; `None` when the command line is wrong.
pub(crate) fn help_or_version(error: &clap::Error, colour: bool) -> Option<String> {
    if !matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        return None;
    }
    let text = error.render();
    Some(if colour {
        text.ansi().to_string()
    } else {
        text.to_string()
    })
}

/// What is wrong with a command line.
pub(crate) fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return no_command(&text);
    }
    let mut lines = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let message = first
        .strip_prefix("error: ")
        .unwrap_or(first)
        .replace('\'', "`");
    let mut failure = Failure::new(Exit::Usage, message.trim_end_matches(':'));
    for line in lines {
        if let Some(tip) = line.trim_start().strip_prefix("tip: ") {
            failure.hint = failure.hint.or_else(|| Some(tip.replace('\'', "`")));
        } else if let Some(usage) = line.strip_prefix("Usage: ") {
            // For other kinds clap guesses a usage from what was typed, which leads astray.
            if matches!(
                error.kind(),
                ErrorKind::InvalidSubcommand | ErrorKind::MissingRequiredArgument
            ) {
                failure = failure.cause(format!("usage: {usage}"));
            }
        } else if !line.starts_with("For more information") {
            failure = failure.cause(line.trim_start());
        }
    }
    if failure.hint.is_none() {
        failure.hint = command(error).map(|command| format!("`{command} --help` explains"));
    }
    failure
}

/// A group of commands without the command: clap gives the whole help, of which the list of commands is said.
fn no_command(help: &str) -> Failure {
    let usage = help
        .lines()
        .find_map(|line| line.strip_prefix("Usage: "))
        .unwrap_or("ectype");
    let group = usage.split(" [").next().unwrap_or(usage);
    let mut failure = Failure::new(Exit::Usage, format!("`{group}` needs to know what to do"));
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    failure.causes.extend(
        commands
            .take_while(|line| !line.is_empty())
            .map(|line| line.trim_start().to_owned()),
    );
    failure.hint(format!("`{group} --help` explains"))
}

/// The command that was being parsed, taken from the usage line, where clap made one: `ectype image list`.
fn command(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return None;
    };
    let usage = usage.to_string();
    let words = usage.trim().trim_start_matches("Usage:").trim();
    let plain = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    let name: Vec<&str> = words.split_whitespace().take_while(plain).collect();
    (!name.is_empty()).then(|| name.join(" "))
}
