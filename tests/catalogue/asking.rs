//! While vendors are asked it is said who is asked and how many have answered.

use serde_json::{Value, json};

use crate::bench::Bench;
use crate::run::Run;

const TO: [&str; 4] = ["--only", "debian-13", "--only", "cirros-0.6"];

/// The lines of JSON on standard error about vendors.
fn said(run: &Run) -> Vec<Value> {
    let lines = run.stderr.lines();
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["progress"] == "asking vendors")
        .collect()
}

#[test]
fn plan_and_status_say_how_many_vendors_have_answered() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    for command in [&["plan"][..], &["sync"], &["status", "--newest"]] {
        let args = [&["catalogue"], command, &TO, &["--progress", "json"]].concat();
        let run = bench.run(&args);
        let all = said(&run);
        let last = all.last().unwrap_or_else(|| panic!("{}", run.stderr));
        let end = json!({"progress": "asking vendors", "done": 2, "total": 2, "waiting_for": []});
        assert_eq!(*last, end, "{command:?}: {}", run.stderr);
    }
}

#[test]
fn who_asks_no_vendor_and_who_wants_no_progress_is_told_nothing() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    let status = ["catalogue", "status", "--only", "debian-13"];
    let json = bench.run(&[&status[..], &["--progress", "json"]].concat());
    assert_eq!((json.code, json.stderr.as_str()), (0, ""));
    // A bar needs a terminal, and a line comes after ten seconds only.
    for how in ["none", "auto", "bar", "lines"] {
        let more = ["--newest", "--progress", how];
        let run = bench.run(&[&status[..], &more].concat());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{how}");
    }
}
