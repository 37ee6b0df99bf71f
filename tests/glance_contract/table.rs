//! The table of what is supported: every case is in it, and it names only what there is.

use std::collections::BTreeMap;

use crate::cases::NAMES;
use crate::talk::folder;

/// Of each case that the table names: how many rows do, and what the last one says of it.
fn rows(table: &str) -> BTreeMap<&str, (usize, &str)> {
    let mut rows = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let names = cells.get(3).copied().unwrap_or_default().split('`');
        for name in names.filter(|name| name.contains("::")) {
            let row = rows.entry(name).or_insert((0, ""));
            *row = (row.0 + 1, cells[2]);
        }
    }
    rows
}

fn complaints(table: &str, cases: &[&str], differing: &[&str]) -> Vec<String> {
    let rows = rows(table);
    let mut complaints = Vec::new();
    for (name, (count, _)) in &rows {
        if !cases.contains(name) {
            complaints.push(format!(
                "{name}: the table names it, but there is no such case"
            ));
        }
        if *count != 1 {
            complaints.push(format!("{name}: in {count} rows"));
        }
    }
    for case in cases {
        match rows.get(case) {
            None => complaints.push(format!("{case}: not in the table")),
            Some((_, here)) if differing.contains(case) == (*here == "as Glance") => {
                complaints.push(format!("{case}: the table says {here:?}"));
            }
            Some(_) => {}
        }
    }
    complaints
}

#[test]
fn the_table_of_what_is_supported_is_that_of_the_cases() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/glance-compatibility.md");
    let table = std::fs::read_to_string(path).unwrap();
    let differs = |case: &&&str| {
        folder("differs")
            .join(format!("{}.txt", case.replace("::", "/")))
            .exists()
    };
    let differing: Vec<&str> = NAMES.iter().filter(differs).copied().collect();
    let complaints = complaints(&table, NAMES, &differing);
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn a_table_that_is_not_true_is_noticed() {
    let table = "| a | as Glance | `x::a`, `x::b` |\n| b | differs: so | `x::c` |\n";
    let of = |cases: &[&str], differing: &[&str]| complaints(table, cases, differing).len();
    assert_eq!(of(&["x::a", "x::b", "x::c"], &["x::c"]), 0);
    assert_eq!(of(&["x::a", "x::b"], &[]), 1);
    assert_eq!(of(&["x::a", "x::b", "x::c", "x::d"], &["x::c"]), 1);
    assert_eq!(of(&["x::a", "x::b", "x::c"], &[]), 1);
    assert_eq!(of(&["x::a", "x::b", "x::c"], &["x::a", "x::c"]), 1);
}
