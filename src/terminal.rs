//! What the two outputs are connected to, and whether they are coloured: decided once, before the command line is parsed.

use std::ffi::OsString;
use std::io::IsTerminal;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// One of the two outputs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sink {
    /// Whether a person looks at it.
    pub(crate) terminal: bool,
    /// Whether it may carry colours.
    pub(crate) colour: bool,
}

/// Both outputs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terminal {
    /// Where the answer goes.
    pub(crate) stdout: Sink,
    /// Where everything else goes.
    pub(crate) stderr: Sink,
    /// Whether the cursor can be moved: false for `TERM=dumb` and without `TERM`.
    pub(crate) cursor: bool,
}

impl Terminal {
    /// Looks at the process' own outputs, environment and arguments.
    pub(crate) fn look() -> Self {
        let env = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
        let term = env("TERM");
        let cursor = term.as_ref().is_some_and(|t| t != "dumb");
        let choice = early_choice(std::env::args_os());
        let sink = |terminal: bool| Sink {
            terminal,
            colour: coloured(
                choice,
                env("NO_COLOR").is_some(),
                env("CLICOLOR_FORCE").is_some_and(|v| v != "0"),
                terminal && cursor,
            ),
        };
        Self {
            stdout: sink(std::io::stdout().is_terminal()),
            stderr: sink(std::io::stderr().is_terminal()),
            cursor,
        }
    }
}

/// The whole rule: the option wins, then `NO_COLOR`, then `CLICOLOR_FORCE`, then what is connected.
fn coloured(choice: Colour, no_color: bool, force: bool, terminal: bool) -> bool {
    match choice {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => !no_color && (force || terminal),
    }
}

/// The value of `--color`, found without parsing the rest: help and usage errors must obey it too.
fn early_choice(args: impl Iterator<Item = OsString>) -> Colour {
    let mut choice = Colour::Auto;
    let mut wanted = false;
    for arg in args.skip(1) {
        let text = arg.to_string_lossy();
        let value = if std::mem::take(&mut wanted) {
            Some(text.as_ref())
        } else if text == "--" {
            break;
        } else if text == "--color" {
            wanted = true;
            None
        } else {
            text.strip_prefix("--color=")
        };
        match value {
            Some("always") => choice = Colour::Always,
            Some("never") => choice = Colour::Never,
            Some("auto") => choice = Colour::Auto,
            _ => {}
        }
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wins_over_the_environment_and_no_color_over_force() {
        assert!(coloured(Colour::Always, true, false, false));
        assert!(!coloured(Colour::Never, false, true, true));
        assert!(!coloured(Colour::Auto, true, true, true));
        assert!(coloured(Colour::Auto, false, true, false));
        assert!(coloured(Colour::Auto, false, false, true));
        assert!(!coloured(Colour::Auto, false, false, false));
    }

    #[test]
    fn the_colour_option_is_found_in_both_spellings_and_not_after_a_double_dash() {
        let look = |args: &[&str]| early_choice(args.iter().map(OsString::from));
        assert_eq!(look(&["ectype", "--color", "never", "x"]), Colour::Never);
        assert_eq!(look(&["ectype", "x", "--color=always"]), Colour::Always);
        assert_eq!(look(&["ectype", "--", "--color=always"]), Colour::Auto);
        assert_eq!(look(&["ectype", "--color"]), Colour::Auto);
    }
}
