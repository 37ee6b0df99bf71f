//! The one writer of standard output: an answer in the form that was asked for.
//!
//! A list is headings and rows, a record is one row; both carry JSON values, so that every form starts from the same
//! types. On a terminal nothing from outside is printed as it is (see `visible`); in a pipe nothing is cut or wrapped.

mod arrange;
mod csv;
pub(crate) mod human;
mod python;
mod shell;
mod table;
mod visible;

use std::io::{self, Write as _};

use serde_json::{Map, Value};

use crate::args::{Form, Shape};
use crate::failure::{Exit, Failure};
use crate::progress::Progress;
use crate::terminal::Sink;

pub(crate) use arrange::{Column, List, compare, find};
pub(crate) use visible::visible;

use arrange::{Grid, normalised};

/// The fields of one thing, in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(pub(crate) Vec<(String, Value)>);

impl Record {
    /// Those of the `known` fields that were asked for by `-c`.
    ///
    /// # Errors
    /// A name that no field has.
    pub(crate) fn of(mut known: Vec<(String, Value)>, columns: &[String]) -> Result<Self, Failure> {
        let same = |column: &String, name: &str| normalised(column) == normalised(name);
        let absent = |column: &&String| !known.iter().any(|(name, _)| same(column, name));
        if let Some(column) = columns.iter().find(absent) {
            let names = known.iter().map(|(name, _)| name.as_str());
            return Err(unknown_column(column, names));
        }
        known.retain(|(name, _)| columns.iter().any(|column| same(column, name)));
        Ok(Self(known))
    }
}

/// Where answers go, and in which form.
pub(crate) struct Output {
    sink: Sink,
    shape: Shape,
    progress: Progress,
}

impl Output {
    /// An output of the given shape. Progress steps aside while an answer is written.
    pub(crate) fn new(sink: Sink, shape: Shape, progress: Progress) -> Self {
        Self {
            sink,
            shape,
            progress,
        }
    }

    /// How answers are to look.
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Where answers go.
    pub(crate) fn sink(&self) -> Sink {
        self.sink
    }

    /// Checks, before anything is asked of a cloud, that a list of these columns can be shown as wished.
    ///
    /// # Errors
    /// The format is none of a list, or a column is unknown.
    pub(crate) fn expect_list(&self, columns: &[Column]) -> Result<(), Failure> {
        if self.shape.format == Form::Shell {
            return Err(no_such_form("a list", "table, json, yaml, csv, value"));
        }
        arrange::chosen(columns, &self.shape).map(drop)
    }

    /// Checks, before anything is asked of a cloud, that a record can be shown as wished.
    ///
    /// # Errors
    /// The format is none of a record.
    pub(crate) fn expect_record(&self) -> Result<(), Failure> {
        if self.shape.format == Form::Csv {
            return Err(no_such_form(
                "a single thing",
                "table, json, yaml, value, shell",
            ));
        }
        Ok(())
    }

    /// Writes a list.
    ///
    /// # Errors
    /// As [`Output::expect_list`], or the writing fails.
    pub(crate) fn list(&self, list: &List) -> Result<(), Failure> {
        self.expect_list(&list.columns)?;
        let shape = &self.shape;
        let grid = list.arranged(shape)?;
        let text = match shape.format {
            Form::Table if grid.rows.is_empty() && !shape.print_empty => return Ok(()),
            Form::Table => table::list(&grid, shape, self.sink),
            Form::Csv => self.plain(csv::list(&grid, shape.quote)),
            Form::Json => json(&objects(&grid), shape)?,
            Form::Yaml => self.plain(yaml(&objects(&grid))?),
            Form::Value | Form::Shell => grid
                .rows
                .iter()
                .map(|row| self.joined(row) + "\n")
                .collect(),
        };
        self.text(&text)
    }

    /// Writes a record.
    ///
    /// # Errors
    /// As [`Output::expect_record`], or the writing fails.
    pub(crate) fn record(&self, record: &Record) -> Result<(), Failure> {
        self.expect_record()?;
        let shape = &self.shape;
        let object = || Value::Object(record.0.iter().cloned().collect::<Map<_, _>>());
        let text = match shape.format {
            Form::Table => table::record(record, shape, self.sink),
            Form::Shell => self.plain(shell::record(record, &shape.prefix)),
            Form::Json => json(&object(), shape)?,
            Form::Yaml => self.plain(yaml(&object())?),
            Form::Value | Form::Csv => {
                let line = |value: &Value| self.plain(python::text(value)) + "\n";
                record.0.iter().map(|(_, value)| line(value)).collect()
            }
        };
        self.text(&text)
    }

    /// Writes a document of its own form, as YAML if that was asked for, otherwise as JSON.
    ///
    /// # Errors
    /// The writing fails.
    pub(crate) fn document(&self, value: &Value) -> Result<(), Failure> {
        match self.shape.format {
            Form::Yaml => self.text(&self.plain(yaml(value)?)),
            _ => self.text(&json(value, &self.shape)?),
        }
    }

    /// Writes text as it is. What came from outside must have gone through [`visible()`] before.
    ///
    /// # Errors
    /// The writing fails.
    pub(crate) fn text(&self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// The writing fails.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.progress.aside(|| write(bytes))?)
    }

    fn joined(&self, row: &[Value]) -> String {
        self.plain(row.iter().map(python::text).collect::<Vec<_>>().join(" "))
    }

    /// Text for scripts: as it is, but for a person who looks at it on a terminal.
    fn plain(&self, text: String) -> String {
        if !self.sink.terminal {
            return text;
        }
        let mut out: String = text
            .lines()
            .map(|line| visible(line).into_owned() + "\n")
            .collect();
        if !text.ends_with('\n') {
            out.pop();
        }
        out
    }
}

/// Writes text for which no wishes count: help, completions, manual pages.
///
/// # Errors
/// The writing fails.
pub(crate) fn print(text: &str) -> io::Result<()> {
    write(text.as_bytes())
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn objects(grid: &Grid) -> Value {
    let key = |heading: &&str| (*heading).to_owned();
    let row = |row: &Vec<Value>| {
        Value::Object(
            grid.headings
                .iter()
                .map(key)
                .zip(row.iter().cloned())
                .collect(),
        )
    };
    Value::Array(grid.rows.iter().map(row).collect())
}

/// A column that was asked for and does not exist.
fn unknown_column<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    Failure::new(Exit::Usage, format!("there is no column `{name}`"))
        .cause(format!("columns: {}", known.collect::<Vec<_>>().join(", ")))
}

fn json(value: &Value, shape: &Shape) -> Result<String, Failure> {
    let text = if shape.noindent {
        serde_json::to_string(value)
    } else {
        serde_json::to_string_pretty(value)
    };
    let text = text.map_err(|e| Failure::of(Exit::Bug, &e))?;
    Ok(visible::visible_json(&text).into_owned() + "\n")
}

fn yaml(value: &Value) -> Result<String, Failure> {
    // A digest is long, but no prose to be folded.
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(value, options).map_err(|e| Failure::of(Exit::Bug, &e))
}

fn no_such_form(of: &str, forms: &str) -> Failure {
    Failure::new(Exit::Usage, format!("this format cannot show {of}"))
        .hint(format!("use one of {forms}"))
}
