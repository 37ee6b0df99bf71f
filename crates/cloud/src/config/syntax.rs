//! What is wrong in the text of a clouds.yaml, shown with its line but never with a secret that stands there.

use std::fmt;

use serde_saphyr::UserMessageFormatter;

use super::key::Key;

/// Longest file that is read, in bytes.
pub(crate) const LONGEST: usize = 1 << 20;

/// Why a text is no list of clouds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line, counted from 1; 0 when the problem has no place.
    pub line: u64,
    /// Column, counted from 1.
    pub column: u64,
    /// What is wrong, in one line.
    pub message: String,
    /// The lines around it, each with its number; values that may be secret are `***`.
    pub snippet: Vec<String>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "line {line}, column {}: {}", self.column, self.message),
        }
    }
}

impl std::error::Error for SyntaxError {}

impl SyntaxError {
    pub(crate) fn too_long() -> Self {
        Self::placeless(format!("it is longer than {} KiB", LONGEST / 1024))
    }

    pub(crate) fn not_utf8() -> Self {
        Self::placeless("it is not UTF-8 text".to_owned())
    }

    fn placeless(message: String) -> Self {
        Self {
            line: 0,
            column: 0,
            message,
            snippet: Vec::new(),
        }
    }

    pub(crate) fn new(text: &str, error: &serde_saphyr::Error) -> Self {
        let (line, column) = error
            .location()
            .map_or((0, 0), |place| (place.line(), place.column()));
        let said = error
            .without_snippet()
            .render_with_formatter(&UserMessageFormatter);
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<&str> = text.lines().collect();
        let masked = |number: u64| Masked::of(lines.get(index(number)?).copied()?);
        let secret_here = masked(line).is_some_and(|here| here.hidden);
        let message = if secret_here || quotes_a_secret(&lines, &said) {
            "this is not valid YAML; a value with special characters needs single quotes".to_owned()
        } else {
            without_place(&said)
        };
        let mut snippet = Vec::new();
        for number in line.saturating_sub(1).max(1)..=line {
            if let Some(shown) = masked(number) {
                snippet.push(format!("{number:>4} | {}", shown.text));
            }
        }
        if line > 0 && !secret_here && column > 0 && column < 120 {
            snippet.push(format!(
                "     | {}^",
                " ".repeat(usize::try_from(column - 1).unwrap_or_default())
            ));
        }
        Self {
            line,
            column,
            message,
            snippet,
        }
    }
}

/// Where the line with this number is.
fn index(number: u64) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok()
}

/// The message without the parser's own `line 3 column 5:`, which we write ourselves.
fn without_place(message: &str) -> String {
    let rest = message
        .strip_prefix("line ")
        .and_then(|rest| rest.split_once(": "))
        .map(|(_, rest)| rest);
    let text = rest.unwrap_or(message);
    let end = [" at line ", " (at line ", " at byte "]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min();
    text.get(..end.unwrap_or(text.len()))
        .unwrap_or(text)
        .to_owned()
}

/// Whether the message repeats a value from a line that is not shown.
fn quotes_a_secret(lines: &[&str], message: &str) -> bool {
    lines
        .iter()
        .filter_map(|line| Masked::of(line))
        .filter(|line| line.hidden)
        .any(|line| {
            let value = line.value.trim_matches(|c: char| !c.is_alphanumeric());
            value.len() >= 3 && message.contains(value)
        })
}

/// A line as it may be shown.
struct Masked<'a> {
    text: String,
    hidden: bool,
    value: &'a str,
}

impl<'a> Masked<'a> {
    /// A line is shown whole only when its key is known not to be secret, and nothing on it looks secret.
    #[allow(
        clippy::unnecessary_wraps,
        reason = "chained with lookups that may fail"
    )]
    fn of(line: &'a str) -> Option<Self> {
        let line = line
            .split_once(" #")
            .map_or(line, |(before, _)| before)
            .trim_end();
        let line: &str = line
            .char_indices()
            .nth(160)
            .map_or(line, |(end, _)| line.get(..end).unwrap_or(line));
        let body = line.trim_start();
        let indent = line.get(..line.len() - body.len()).unwrap_or_default();
        let (key, value) = body.split_once(':').unwrap_or(("", body));
        let name = key
            .trim_start_matches("- ")
            .trim()
            .trim_matches(|c| c == '"' || c == '\'');
        let loud = ["password", "secret", "token", "passcode", "@"]
            .iter()
            .any(|word| value.to_lowercase().contains(word));
        let known = Key::find(name).is_some_and(|key| !key.secret)
            || matches!(name, "name" | "profile" | "cloud");
        let hidden = !value.trim().is_empty() && (loud || !known);
        let text = match (hidden, key) {
            (false, _) => line.to_owned(),
            (true, "") => format!("{indent}***"),
            (true, key) => format!("{indent}{key}: ***"),
        };
        Some(Self {
            text,
            hidden,
            value: value.trim(),
        })
    }
}
