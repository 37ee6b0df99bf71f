//! Values spelled as openstackclient spells them, which is how Python does: `True`, `None`, `['a', 'b']`.
//!
//! Scripts compare with these words, so `value`, `csv` and `shell` output keep them.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A value as Python's `str()` gives it.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// A value as a table cell: lists sorted and joined by commas, maps as `key='value'`, sorted by key.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(text).collect();
            items.sort();
            items.join(", ")
        }
        Value::Object(map) => pairs(map).join(", "),
        other => text(other),
    }
}

/// A map as `key='value'`, sorted.
pub(crate) fn pairs(map: &Map<String, Value>) -> Vec<String> {
    let pair = |(key, value): (&String, &Value)| format!("{key}='{}'", text(value));
    let mut pairs: Vec<String> = map.iter().map(pair).collect();
    pairs.sort();
    pairs
}

/// A value as Python's `repr()` gives it.
fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(repr).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Object(map) => object(map),
    }
}

fn object(map: &Map<String, Value>) -> String {
    let pairs: Vec<String> = map
        .iter()
        .map(|(key, value)| format!("{}: {}", quoted(key), repr(value)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

/// A Python string literal: single quotes, or double ones when only single ones occur inside.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // Expected values: what Python 3.11 printed for str() of the same objects.
    #[test]
    fn values_are_spelled_as_python_spells_them() {
        assert_eq!(text(&json!(null)), "None");
        assert_eq!(text(&json!(false)), "False");
        assert_eq!(text(&json!("it's")), "it's");
        assert_eq!(text(&json!(["t1", "t2"])), "['t1', 't2']");
        assert_eq!(
            text(&json!({"a": "it's", "b": "\"", "c": "'\"", "d": "a\n\\\u{1b}"})),
            r#"{'a': "it's", 'b': '"', 'c': '\'"', 'd': 'a\n\\\x1b'}"#
        );
    }

    #[test]
    fn cells_sort_what_has_no_order() {
        assert_eq!(cell(&json!(["b", "a"])), "a, b");
        assert_eq!(cell(&json!({"b": "1", "a": true})), "a='True', b='1'");
        assert_eq!(cell(&json!([])), "");
    }
}
