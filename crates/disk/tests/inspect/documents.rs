//! What is published about findings is what findings are: `docs/inspect.md` and the list of where we are stricter.

use disk::inspect::Code;
use std::path::Path;

fn document(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    std::fs::read_to_string(docs.join(name)).unwrap()
}

/// Whether the code is listed among those for which ectype refuses what Glance takes.
pub(crate) fn is_stricter(code: Code) -> bool {
    let page = document("decisions/0005-safety-gate.md");
    let list = page.split("**Stricter than Glance**").nth(1).unwrap();
    let rows = list.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut named = rows.flat_map(|row| row.split(" | ").next().unwrap().split(['`', ',', ' ']));
    named.any(|name| name == code.code())
}

#[test]
fn every_code_is_explained_and_every_explained_code_exists() {
    let page = document("inspect.md");
    let table = page.split("| code | meaning |").nth(1).unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .take(Code::ALL.len() + 1)
        .collect();
    let rows: Vec<&&str> = rows
        .iter()
        .filter(|row| row.matches(" | ").count() == 3)
        .collect();
    let expected: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let cve = code.cve().unwrap_or_default();
            format!(
                "| `{}` | {} | {cve} | {} |",
                code.code(),
                code.meaning(),
                code.advice()
            )
        })
        .collect();
    assert_eq!(
        rows,
        expected
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .iter()
            .collect::<Vec<_>>()
    );
}

#[test]
fn codes_are_distinct_and_cve_numbers_well_formed() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.code()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
    for cve in Code::ALL.iter().filter_map(|code| code.cve()) {
        let parts: Vec<&str> = cve.split('-').collect();
        assert!(
            matches!(parts.as_slice(), ["CVE", year, number] if year.len() == 4 && number.len() >= 4),
            "{cve}"
        );
    }
}
