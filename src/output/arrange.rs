//! Which columns of a list are shown, and in which order its rows stand: `-c` and `--sort-column`.

use std::cmp::Ordering;

use serde_json::Value;

use super::unknown_column;
use crate::args::Shape;
use crate::failure::Failure;

/// A column of a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The heading, which is the key in JSON and YAML.
    pub(crate) heading: &'static str,
    /// Another name by which it can be asked for.
    pub(crate) alias: &'static str,
    /// Whether it is shown when nothing is asked for.
    pub(crate) shown: bool,
}

impl Column {
    /// A column that is shown unless others are asked for.
    pub(crate) const fn shown(heading: &'static str, alias: &'static str) -> Self {
        Self {
            heading,
            alias,
            shown: true,
        }
    }
}

/// Rows with a value for every column.
#[derive(Clone, Debug)]
pub(crate) struct List {
    /// The columns that can be asked for, in the order in which they are shown.
    pub(crate) columns: Vec<Column>,
    /// The rows, each as long as the columns.
    pub(crate) rows: Vec<Vec<Value>>,
}

/// Headings and rows as they are shown.
pub(super) struct Grid {
    pub(super) headings: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Value>>,
}

/// A column's name without what makes no difference: `-c "Disk Format"` is `-c disk_format`.
pub(super) fn normalised(name: &str) -> String {
    name.trim().to_lowercase().replace(' ', "_")
}

/// Where the column of a name is.
///
/// # Errors
/// There is none; the error lists those that there are.
pub(crate) fn find(columns: &[Column], name: &str) -> Result<usize, Failure> {
    let wanted = normalised(name);
    let is = |column: &Column| {
        normalised(column.heading) == wanted || normalised(column.alias) == wanted
    };
    let all = || columns.iter().map(|column| column.heading);
    columns
        .iter()
        .position(is)
        .ok_or_else(|| unknown_column(name, all()))
}

/// The places of the columns to show, in the list's own order, as openstackclient does.
pub(super) fn chosen(columns: &[Column], shape: &Shape) -> Result<Vec<usize>, Failure> {
    for name in &shape.sort_columns {
        find(columns, name)?;
    }
    let shown = |(at, column): (usize, &Column)| column.shown.then_some(at);
    if shape.columns.is_empty() {
        return Ok(columns.iter().enumerate().filter_map(shown).collect());
    }
    let mut places = shape
        .columns
        .iter()
        .map(|name| find(columns, name))
        .collect::<Result<Vec<_>, _>>()?;
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

impl List {
    /// What is shown of the list.
    pub(super) fn arranged(&self, shape: &Shape) -> Result<Grid, Failure> {
        let places = chosen(&self.columns, shape)?;
        let mut rows: Vec<&Vec<Value>> = self.rows.iter().collect();
        for name in shape.sort_columns.iter().rev() {
            let at = find(&self.columns, name)?;
            rows.sort_by(|a, b| {
                let order = compare(a.get(at), b.get(at));
                if shape.sort_descending {
                    order.reverse()
                } else {
                    order
                }
            });
        }
        let pick = |row: &Vec<Value>| {
            places
                .iter()
                .map(|at| row.get(*at).cloned().unwrap_or_default())
                .collect()
        };
        Ok(Grid {
            headings: places
                .iter()
                .filter_map(|at| self.columns.get(*at))
                .map(|column| column.heading)
                .collect(),
            rows: rows.into_iter().map(pick).collect(),
        })
    }
}

/// Numbers by size, text by code point, what is not set last.
pub(crate) fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    let unset = |value: Option<&Value>| value.is_none_or(Value::is_null);
    unset(a).cmp(&unset(b)).then_with(|| match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => match (a.as_u64(), b.as_u64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a
                .as_f64()
                .partial_cmp(&b.as_f64())
                .unwrap_or(Ordering::Equal),
        },
        (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(b),
        (Some(a), Some(b)) => a.to_string().cmp(&b.to_string()),
        _ => Ordering::Equal,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_sorted_by_size_and_unset_values_come_last() {
        let mut values = vec![json!(null), json!(10), json!(9), json!(100)];
        values.sort_by(|a, b| compare(Some(a), Some(b)));
        assert_eq!(values, [json!(9), json!(10), json!(100), json!(null)]);
        assert_eq!(
            compare(Some(&json!("B")), Some(&json!("a"))),
            Ordering::Less
        );
    }

    #[test]
    fn a_column_is_found_in_every_spelling_and_an_unknown_one_lists_the_known() {
        let columns = [
            Column {
                heading: "ID",
                alias: "id",
                shown: true,
            },
            Column {
                heading: "Hash Value",
                alias: "os_hash_value",
                shown: false,
            },
        ];
        for name in ["Hash Value", "hash_value", "OS_HASH_VALUE", " hash value "] {
            assert_eq!(find(&columns, name).unwrap(), 1, "{name}");
        }
        let failure = find(&columns, "hash").unwrap_err();
        assert!(failure.render(false).contains("ID, Hash Value"));
    }
}
