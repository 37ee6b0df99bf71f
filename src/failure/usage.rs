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
    let mut tip = None;
    for line in lines {
        if let Some(text) = line.trim_start().strip_prefix("tip: ") {
            tip = tip.or_else(|| Some(text.replace('\'', "`")));
        } else if line.starts_with("Usage: ") {
            failure = failure.cause(line.replacen("Usage: ", "usage: ", 1));
        } else if !line.starts_with("For more information") {
            failure = failure.cause(line.trim_start());
        }
    }
    match tip {
        Some(tip) => failure.hint(tip),
        None => failure.hint(format!("`{} --help` explains", command(error))),
    }
}

/// The command that was being parsed, taken from the usage line that clap made: `ectype image list`.
fn command(error: &clap::Error) -> String {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    };
    let words = usage.trim().trim_start_matches("Usage:").trim().to_owned();
    let plain = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    let name: Vec<&str> = words.split_whitespace().take_while(plain).collect();
    if name.is_empty() {
        "ectype".to_owned()
    } else {
        name.join(" ")
    }
}
