//! How a run ends when it does not end well: what happened, why, one true hint, and the exit code.
//!
//! Libraries say what went wrong; only here, near the commands, is it known what the user typed, so only here are
//! exit codes and hints chosen. A hint belongs to a matched cause and is left out when none matches.

mod apply;
mod cloud;
mod delivery;
mod lock;
pub(crate) mod net;
mod panic;
mod reason;
mod usage;

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::output::visible;
use crate::terminal::Sink;

pub(crate) use panic::catch_panics;
pub(crate) use reason::{because, code};
pub(crate) use usage::{help_or_version, usage};

/// The exit codes: `docs/exit-codes.md` explains them, and every one has a test that produces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Nothing to complain about.
    Done = 0,
    /// The answer is no. Never: could not tell.
    No = 1,
    /// Wrong command line.
    Usage = 2,
    /// Configuration or credentials missing or contradictory; nothing was contacted.
    Config = 3,
    /// Refused by the cloud.
    Refused = 4,
    /// No such image, cloud, entry or file.
    NotFound = 5,
    /// Checksum or signature bad or missing.
    Untrusted = 6,
    /// Unreachable, or trouble that may pass.
    Unreachable = 7,
    /// Some of several failed; the report is printed.
    Partly = 8,
    /// Something is wrong with an image that should be there; it stays as it is.
    Alarm = 9,
    /// Our bug.
    Bug = 70,
    /// Ended by Ctrl-C.
    Interrupted = 130,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The end of a run that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What happened, to which thing; lower case, no full stop. Empty: end without a word.
    pub(crate) message: String,
    /// The causes, outermost first, or what was looked at; a line each.
    pub(crate) causes: Vec<String>,
    /// What to do, when it is known.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure without causes and hint.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// A failure whose message and causes are an error and its chain of sources.
    pub(crate) fn of(exit: Exit, error: &(dyn Error + 'static)) -> Self {
        Self::new(exit, error.to_string()).caused_by(error.source())
    }

    /// An end without a word, as when the reader of a pipe has gone.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self::new(exit, "")
    }

    /// The message and its causes on one line, with `between` before each cause.
    pub(crate) fn on_one_line(&self, between: &str) -> String {
        let said = std::iter::once(&self.message).chain(&self.causes);
        said.map(String::as_str).collect::<Vec<_>>().join(between)
    }

    /// Adds one line of cause.
    pub(crate) fn cause(mut self, line: impl Into<String>) -> Self {
        self.causes.push(line.into());
        self
    }

    /// Adds an error and the chain below it, a line each, leaving out links that only repeat what was said.
    pub(crate) fn caused_by(mut self, error: Option<&(dyn Error + 'static)>) -> Self {
        let mut next = error;
        while let Some(error) = next {
            let line = error.to_string();
            let last = self.causes.last().unwrap_or(&self.message);
            if !line.is_empty() && !last.ends_with(&line) {
                self.causes.push(line);
            }
            next = error.source();
        }
        self
    }

    /// Nothing, when this is only a reader that has gone ([`Failure::silent`]): for answers whose exit code says more.
    pub(crate) fn unless_unheard(self) -> Result<(), Self> {
        if self.message.is_empty() {
            Ok(())
        } else {
            Err(self)
        }
    }

    /// Says what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The failure as it is printed, each line ended; empty for a silent one.
    pub(crate) fn render(&self, colour: bool) -> String {
        if self.message.is_empty() {
            return String::new();
        }
        let (red, cyan, off) = if colour {
            ("\x1b[1;31m", "\x1b[36m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        let mut out = format!("{red}error:{off} {}\n", visible(&self.message));
        // Writing to a String cannot fail.
        for line in &self.causes {
            let _ = writeln!(out, "  {}", visible(line));
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(out, "  {cyan}hint:{off} {}", visible(hint));
        }
        out
    }

    /// Prints the failure and gives the code to exit with.
    pub(crate) fn report(&self, stderr: Sink) -> ExitCode {
        // When standard error is gone, too, the exit code is all that is left to say it with.
        drop(
            io::stderr()
                .lock()
                .write_all(self.render(stderr.colour).as_bytes()),
        );
        self.exit.into()
    }
}

/// An answer that could not be written. A reader that has seen enough (`| head -1`) is no failure.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::silent(Exit::Done);
        }
        Self::new(Exit::Unreachable, "cannot write the answer").cause(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Link {
        text: &'static str,
        source: Option<Box<Link>>,
    }

    fn chain(texts: &[&'static str]) -> Option<Box<Link>> {
        let (first, rest) = texts.split_first()?;
        Some(Box::new(Link {
            text: first,
            source: chain(rest),
        }))
    }

    #[test]
    fn causes_are_told_once_each_outermost_first() {
        let error = chain(&["cannot log in", "no route", "no route", "os error 113"]).unwrap();
        let failure = Failure::of(Exit::Unreachable, error.as_ref()).hint("try later");
        assert_eq!(
            failure.render(false),
            "error: cannot log in\n  no route\n  os error 113\n  hint: try later\n"
        );
    }

    #[test]
    fn an_error_cannot_speak_to_the_terminal() {
        let text = Failure::new(Exit::NotFound, "no image \u{1b}[2J\nerror: x").render(false);
        assert_eq!(text, "error: no image \\x1b[2J\\nerror: x\n");
    }

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(
            (failure.exit, failure.render(true)),
            (Exit::Done, String::new())
        );
    }
}
