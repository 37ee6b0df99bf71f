//! Tables in openstackclient's look: full width in a pipe, fitted to the window on a terminal.

use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table};
use comfy_table::{ContentLineStyle, LineStyle, TableStyle};
use serde_json::Value;

use super::arrange::Grid;
use super::{Record, python, visible};
use crate::args::Shape;
use crate::terminal::Sink;

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('+', '-', '+', '+'))
    .header_lines(ContentLineStyle::new('|', '|', '|'))
    .header_separator(LineStyle::new('+', '-', '+', '+'))
    .content_lines(ContentLineStyle::new('|', '|', '|'))
    .bottom_border(LineStyle::new('+', '-', '+', '+'));

/// Columns narrower than this are no longer read but deciphered.
const NARROWEST: usize = 12;

/// A list, numbers to the right. Where it has too many columns for the width, each row becomes a record.
pub(super) fn list(list: &Grid, shape: &Shape, sink: Sink) -> String {
    if width(shape, sink).is_some_and(|width| needed(list) > usize::from(width)) {
        let fields = |row: &Vec<Value>| {
            let names = list.headings.iter().map(|heading| (*heading).to_owned());
            Record(names.zip(row.iter().cloned()).collect())
        };
        return list
            .rows
            .iter()
            .map(|row| record(&fields(row), shape, sink))
            .collect();
    }
    let mut table = empty(shape, sink);
    let numeric = |column: usize| {
        let first = list.rows.first().and_then(|row| row.get(column));
        first.is_some_and(Value::is_number)
    };
    let heading = |(column, text): (usize, &&str)| {
        let cell = bold(text, sink);
        if numeric(column) {
            cell.set_alignment(CellAlignment::Right)
        } else {
            cell
        }
    };
    table.set_header(list.headings.iter().enumerate().map(heading));
    for row in &list.rows {
        let cell = |(column, value): (usize, &Value)| {
            let cell = plain(&python::cell(value));
            if numeric(column) {
                cell.set_alignment(CellAlignment::Right)
            } else {
                cell
            }
        };
        table.add_row(row.iter().enumerate().map(cell));
    }
    format!("{table}\n")
}

/// A record, one field a line.
pub(super) fn record(record: &Record, shape: &Shape, sink: Sink) -> String {
    let mut table = empty(shape, sink);
    table.set_header(["Field", "Value"].map(|text| bold(text, sink)));
    for (name, value) in &record.0 {
        let value = match value {
            // One property a line reads better; in a pipe a field stays on one line.
            Value::Object(map) if sink.terminal => {
                let pairs = python::pairs(map);
                Cell::new(
                    pairs
                        .iter()
                        .map(|pair| visible(pair))
                        .collect::<Vec<_>>()
                        .join("\n"),
                )
            }
            value => plain(&python::cell(value)),
        };
        table.add_row([plain(name), value]);
    }
    format!("{table}\n")
}

/// The least width in which a list can be read.
fn needed(list: &Grid) -> usize {
    let widest = |column: usize| {
        let cells = list
            .rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(python::cell);
        cells.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let columns = list.headings.iter().enumerate();
    let least = columns.map(|(at, heading)| widest(at).max(heading.len()).min(NARROWEST) + 3);
    least.sum::<usize>() + 1
}

fn empty(shape: &Shape, sink: Sink) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
    if sink.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    match width(shape, sink) {
        Some(width) => {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        }
        None => {
            table.set_content_arrangement(ContentArrangement::Disabled);
        }
    }
    table
}

/// The width to fit into, in columns; `None`: as wide as it gets.
fn width(shape: &Shape, sink: Sink) -> Option<u16> {
    if shape.max_width > 0 {
        return Some(shape.max_width);
    }
    if !sink.terminal && !shape.fit_width {
        return None;
    }
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    Table::new()
        .width()
        .or_else(columns)
        .or(shape.fit_width.then_some(80))
}

fn plain(text: &str) -> Cell {
    Cell::new(visible(text))
}

fn bold(text: &str, sink: Sink) -> Cell {
    let cell = plain(text);
    if sink.colour {
        cell.add_attribute(Attribute::Bold)
    } else {
        cell
    }
}
