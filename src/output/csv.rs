//! CSV as RFC 4180 has it, quoting by type as openstackclient does.

use serde_json::Value;

use super::arrange::Grid;
use super::python;
use crate::args::Quote;

/// Headings and rows, a line each.
pub(super) fn list(list: &Grid, quote: Quote) -> String {
    let headings: Vec<Value> = list
        .headings
        .iter()
        .map(|text| Value::from(*text))
        .collect();
    let mut out = line(&headings, quote);
    for row in &list.rows {
        out.push_str(&line(row, quote));
    }
    out
}

fn line(row: &[Value], quote: Quote) -> String {
    row.iter()
        .map(|value| field(value, quote))
        .collect::<Vec<_>>()
        .join(",")
        + "\n"
}

fn field(value: &Value, quote: Quote) -> String {
    // Python's csv module writes None as an empty field.
    let text = if value.is_null() {
        String::new()
    } else {
        python::text(value)
    };
    let special = |c: char| matches!(c, ',' | '"' | '\n' | '\r');
    let quoted = match quote {
        Quote::All => true,
        Quote::Nonnumeric => !(value.is_number() || value.is_boolean()),
        Quote::Minimal => text.contains(special),
        Quote::None => false,
    };
    if quoted {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    if quote != Quote::None {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special(c) || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // Expected values: what `openstack image list -f csv --quote …` printed for the same values.
    #[test]
    fn quoting_follows_the_type_of_the_value() {
        let list_of = |quote| {
            let name = "fd quote\"s, comma";
            list(
                &Grid {
                    headings: vec!["Name", "Size"],
                    rows: vec![vec![json!(name), json!(3)]],
                },
                quote,
            )
        };
        assert_eq!(
            list_of(Quote::Nonnumeric),
            "\"Name\",\"Size\"\n\"fd quote\"\"s, comma\",3\n"
        );
        assert_eq!(
            list_of(Quote::All),
            "\"Name\",\"Size\"\n\"fd quote\"\"s, comma\",\"3\"\n"
        );
        assert_eq!(
            list_of(Quote::Minimal),
            "Name,Size\n\"fd quote\"\"s, comma\",3\n"
        );
        assert_eq!(
            list_of(Quote::None),
            "Name,Size\nfd quote\\\"s\\, comma,3\n"
        );
    }
}
