//! Files: how long, how named, how they begin, and what they must not say.

use std::path::Path;

/// Lines a file may have unless its first line says `long because …`.
const LONGEST: usize = 400;

const NO_NAMES: [&str; 6] = ["mod", "utils", "util", "helpers", "common", "manager"];

fn complaints(path: &Path, text: &str) -> Vec<String> {
    let shown = path.display();
    let mut complaints = Vec::new();
    let first = text.lines().next().unwrap_or_default();
    let lines = text.lines().count();
    if lines > LONGEST && !first.contains("long because") {
        complaints.push(format!(
            "{shown}: {lines} lines; split it, or let its first line say `long because …`"
        ));
    }
    // Build scripts and roots of integration tests may have attributes only after the sentence, too.
    let sentence = first.strip_prefix("//! ").unwrap_or_default();
    if sentence.len() < 10 {
        complaints.push(format!(
            "{shown}: the first line is no `//!` sentence about the file"
        ));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if NO_NAMES.contains(&stem.as_ref()) || stem.ends_with("handler") {
        complaints.push(format!("{shown}: a name that says nothing"));
    }
    let unfinished = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
    ];
    for (number, line) in text.lines().enumerate() {
        if unfinished.iter().any(|word| line.contains(word)) {
            complaints.push(format!("{shown}:{}: unfinished", number + 1));
        }
    }
    complaints
}

#[test]
fn files_are_short_named_for_one_idea_and_finished() {
    let sources = super::sources();
    let all = sources
        .iter()
        .flat_map(|(path, text)| complaints(path, text));
    super::none(&all.collect::<Vec<_>>());
}

#[test]
fn a_bad_file_is_noticed() {
    let of = |path: &str, text: &str| complaints(Path::new(path), text).len();
    let good = "//! What this file is about.\n";
    assert_eq!(of("src/a.rs", good), 0);
    assert_eq!(of("src/a.rs", "use std::io;\n"), 1);
    assert_eq!(of("src/a.rs", "//! A.\n"), 1);
    assert_eq!(of("src/a/mod.rs", good), 1);
    assert_eq!(of("src/utils.rs", good), 1);
    assert_eq!(of("src/event_handler.rs", good), 1);
    assert_eq!(
        of(
            "src/a.rs",
            &format!("{good}// {}: later\n", concat!("TO", "DO"))
        ),
        1
    );
    let long = "let x = 1;\n".repeat(LONGEST);
    assert_eq!(of("src/a.rs", &format!("{good}{long}")), 1);
    let excused = "//! A table of codes; long because the standard's is.\n";
    assert_eq!(of("src/a.rs", &format!("{excused}{long}")), 0);
}
