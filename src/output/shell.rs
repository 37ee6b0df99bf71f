//! Assignments that a shell can evaluate safely, whatever the values are.

use super::{Record, python};

/// One `name="value"` line per field.
pub(super) fn record(record: &Record, prefix: &str) -> String {
    let line =
        |name: &str, value: &str| format!("{}=\"{}\"\n", variable(prefix, name), escaped(value));
    record
        .0
        .iter()
        .map(|(name, value)| line(name, &python::text(value)))
        .collect()
}

/// A variable's name: what a shell does not allow in one becomes an underscore.
fn variable(prefix: &str, name: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = format!("{prefix}{}", name.to_lowercase())
        .chars()
        .map(allowed)
        .collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// A value inside double quotes. openstackclient escapes the quotes only, so that `eval` runs what a property says.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$' | '`') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_property_is_never_run_by_the_shell_that_reads_it() {
        let value = "a \"b\" $(echo run) `echo run` \\ 'c' $HOME\n!x";
        let text = super::record(&Record(vec![("os:x-y".into(), json!(value))]), "img_");
        let script = format!("{text}printf %s \"$img_os_x_y\"");
        let out = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(out.stdout).unwrap(), value);
    }
}
