//! Progress where there is no terminal: lines that stand for themselves, or none.

use serde_json::Value;
use world::{Page, World};

use crate::run::{Ectype, Ended};

fn digest(how: &[&str], variable: Option<&str>) -> Ended {
    let world = World::start();
    world.put("/disk.raw", Page::bytes(vec![7; 3 << 20]));
    let url = world.url("/disk.raw");
    let mut ectype = Ectype::new();
    if let Some(value) = variable {
        ectype = ectype.env("ECTYPE_PROGRESS", value);
    }
    let ended = ectype.run(&[&["digest", &url], how].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    ended
}

#[test]
fn json_progress_is_an_object_a_line_and_ends_with_the_whole() {
    for ended in [
        digest(&["--progress", "json"], None),
        digest(&[], Some("json")),
    ] {
        let lines: Vec<Value> = ended
            .stderr
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let last = lines.last().expect("at least the end is told");
        assert_eq!(last["done_bytes"], 3 << 20);
        assert_eq!(last["total_bytes"], 3 << 20);
        assert!(last["progress"].as_str().unwrap().contains("disk.raw"));
    }
}

#[test]
fn who_wants_no_progress_has_none() {
    let quiet = [
        digest(&["--progress", "none"], None),
        digest(&["--quiet"], None),
        digest(&["--quiet"], Some("json")),
        digest(&["--progress", "none"], Some("json")),
        // Too short a job for a line every ten seconds, and a bar needs a terminal.
        digest(&["--progress", "bar"], None),
        digest(&[], None),
    ];
    for ended in quiet {
        assert_eq!(ended.stderr, "");
    }
}
