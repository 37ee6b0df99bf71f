//! A new password: from standard input, from a prompt that shows nothing, or generated.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

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
    pub(super) fn chosen(&self, context: &Context) -> Result<Option<Chosen>, Failure> {
        if self.generate_password {
            return generated().map(Some);
        }
        let given = |password| {
            Some(Chosen {
                password,
                generated: false,
            })
        };
        if let Some(password) = &self.password {
            context.warn("a password on the command line is seen by every user of this machine");
            return Ok(given(SecretString::from(password.as_str())));
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
    // Keys one by one, Ctrl-C among them, so that the terminal is put right again whatever is typed.
    let modes = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
    hidden.local_modes.remove(modes);
    // Before the prompt: what is typed as soon as it is seen must not be shown either.
    tcsetattr(&stdin, OptionalActions::Flush, &hidden).map_err(|error| unread(&error.into()))?;
    let mut stderr = io::stderr();
    let asked = stderr
        .write_all(prompt.as_bytes())
        .and_then(|()| stderr.flush());
    let typed = match asked {
        Ok(()) => typed(stdin.lock()),
        Err(error) => Err(unread(&error)),
    };
    tcsetattr(&stdin, OptionalActions::Now, &before).map_err(|error| unread(&error.into()))?;
    stderr.write_all(b"\n").map_err(|error| unread(&error))?;
    typed
}

/// What is typed until Enter; Backspace and Ctrl-U do what they do.
fn typed(keys: impl io::BufRead) -> Result<SecretString, Failure> {
    let mut line: Vec<u8> = Vec::new();
    for key in keys.take(LONGEST).bytes() {
        match key.map_err(|error| unread(&error))? {
            b'\r' | b'\n' => break,
            3 => return Err(Failure::new(Exit::Interrupted, "interrupted")),
            4 if line.is_empty() => break,
            8 | 127 => {
                // A character may have several bytes.
                while line.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {}
            }
            21 => line.clear(),
            byte => line.push(byte),
        }
    }
    let text = String::from_utf8(line);
    let text = text.map_err(|_| Failure::new(Exit::Usage, "the password is no UTF-8"))?;
    if text.is_empty() {
        return Err(Failure::new(Exit::Usage, "the password is empty"));
    }
    Ok(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_takes_what_was_meant() {
        let of = |keys: &str| typed(keys.as_bytes()).map(|text| text.expose_secret().to_owned());
        assert_eq!(of("secret\rmore").unwrap(), "secret");
        assert_eq!(of("sez\u{8}cret\n").unwrap(), "secret");
        assert_eq!(of("wrong\u{15}grün\u{7f}\u{7f}ön\n").unwrap(), "grön");
        assert_eq!(of("\u{7f}x\u{4}\n").unwrap(), "x\u{4}");
        assert_eq!(of("half\u{3}").unwrap_err().exit, Exit::Interrupted);
        for nothing in ["\n", "\u{4}", "x\u{7f}\n", ""] {
            assert_eq!(of(nothing).unwrap_err().exit, Exit::Usage, "{nothing:?}");
        }
    }
}
