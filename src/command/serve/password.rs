//! A new password: from standard input, from a prompt that shows nothing, or generated.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::Args as ClapArgs;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use secrecy::{ExposeSecret as _, SecretString};

use super::records::failure;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Longer than any password that the service takes, in bytes.
const LONGEST: u64 = 64 << 10;

/// Where a new password comes from.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
pub(super) struct Password {
    /// Ask for the password, twice, without showing it
    #[arg(long)]
    password_prompt: bool,
    /// Read the password from standard input: its first line
    #[arg(long)]
    password_stdin: bool,
    /// Make up a password and print it once
    #[arg(long)]
    generate_password: bool,
    /// The password; whoever sees the command line sees it, so one of the other ways is better
    #[arg(long, value_name = "PASSWORD", hide_short_help = true)]
    password: Option<String>,
}

/// A new password, and whether it has to be shown.
pub(super) struct Chosen {
    pub(super) password: SecretString,
    pub(super) generated: bool,
}

impl Password {
    /// The password that was chosen, if a way was.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn chosen(self, context: &Context) -> Result<Option<Chosen>, Failure> {
        if self.generate_password {
            return generated().map(Some);
        }
        let given = |password| {
            Some(Chosen {
                password,
                generated: false,
            })
        };
        if let Some(password) = self.password {
            context.warn("a password on the command line is seen by every user of this machine");
            return Ok(given(SecretString::from(password)));
        }
        if self.password_stdin {
            return first_line(io::stdin().lock()).map(given);
        }
        if self.password_prompt {
            return prompted(context).map(given);
        }
        Ok(None)
    }
}

/// A password that was made up.
///
/// # Errors
/// The machine has no random numbers.
pub(super) fn generated() -> Result<Chosen, Failure> {
    let password = identity::own::generated_password();
    let password = password.map_err(|error| failure(&error))?;
    Ok(Chosen {
        password,
        generated: true,
    })
}

fn unread(error: &io::Error) -> Failure {
    Failure::new(Exit::Usage, "the password cannot be read").cause(error.to_string())
}

fn first_line(from: impl io::BufRead) -> Result<SecretString, Failure> {
    let mut line = String::new();
    let read = from.take(LONGEST).read_line(&mut line);
    read.map_err(|error| unread(&error))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        let message = "there is no password on standard input";
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(SecretString::from(password))
}

fn prompted(context: &Context) -> Result<SecretString, Failure> {
    if !io::stdin().is_terminal() {
        let message = "nobody can be asked for a password: standard input is no terminal";
        return Err(Failure::new(Exit::Usage, message).hint("use `--password-stdin`"));
    }
    context.progress.aside(|| {
        let first = ask("New password: ")?;
        let second = ask("Once more: ")?;
        if first.expose_secret() != second.expose_secret() {
            let message = "the two passwords are not the same";
            return Err(Failure::new(Exit::Usage, message));
        }
        Ok(first)
    })
}

/// Asks on the terminal, which does not show what is typed meanwhile.
fn ask(prompt: &str) -> Result<SecretString, Failure> {
    let stdin = io::stdin();
    let before = tcgetattr(&stdin).map_err(|error| unread(&error.into()))?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    hidden.local_modes.insert(LocalModes::ECHONL);
    // Before the prompt: what is typed as soon as it is seen must not be shown either.
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(|error| unread(&error.into()))?;
    let mut stderr = io::stderr();
    let asked = stderr
        .write_all(prompt.as_bytes())
        .and_then(|()| stderr.flush());
    let line = match asked {
        Ok(()) => first_line(stdin.lock()),
        Err(error) => Err(unread(&error)),
    };
    tcsetattr(&stdin, OptionalActions::Now, &before).map_err(|error| unread(&error.into()))?;
    line
}
