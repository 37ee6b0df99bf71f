//! Several clouds from one reading of an original, and clouds that fetch it themselves.

use serde_json::{Value, json};
use world::Page;

use crate::rig::{CLOUDS, Rig, outcomes};
use crate::run::{Made, sum};

const BOTH: [&str; 4] = ["--to", CLOUDS[0], "--to", CLOUDS[1]];

/// How often a file was asked for from its start; where a server allows it, its parts are asked for as they are needed.
fn wholes(rig: &Rig, path: &str) -> usize {
    let asked = rig.world.requests_to(path);
    asked
        .iter()
        .filter(|seen| seen.header("range").is_none())
        .count()
}

#[test]
fn two_clouds_are_served_from_one_reading() {
    let Some(rig) = Rig::find("two_clouds_are_served_from_one_reading") else {
        return;
    };
    let made = Made::new(&["-c"]);
    rig.wants(&[&rig.publish("one", "1", &made)]);
    let report = rig.sync(&BOTH, 0);
    assert_eq!(report["clouds"].as_array().unwrap().len(), 2);
    assert_eq!(wholes(&rig, "/one/1.qcow2"), 1);
    for cloud in CLOUDS {
        let records = rig.records(cloud);
        assert_eq!(records.len(), 1, "{cloud}");
        assert_eq!(
            records[0]["checksum"],
            json!(sum("md5sum", &made.raw)),
            "{cloud}"
        );
        assert_eq!(records[0]["ectype_state"], "current");
    }
    // Nothing of the image was written here: the largest file is smaller than it.
    let size = std::fs::metadata(&made.qcow2).unwrap().len();
    let largest = largest(&rig.home.path().join(".cache"));
    assert!(largest < size / 10, "{largest}");
}

/// The length of the largest file in a folder.
fn largest(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let length = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => largest(&entry.path()),
        false => entry.metadata().unwrap().len(),
    };
    entries
        .map(|entry| length(entry.unwrap()))
        .max()
        .unwrap_or(0)
}

#[test]
fn a_cloud_that_fails_does_not_keep_the_other_from_its_image() {
    let Some(rig) = Rig::find("a_cloud_that_fails_does_not_keep_the_other_from_its_image") else {
        return;
    };
    let made = Made::new(&["-c"]);
    rig.wants(&[&rig.publish("one", "1", &made)]);
    rig.gates[1].inject(2, 413);
    let report = rig.sync(&BOTH, 8);
    let second = json!({"clouds": [report["clouds"][1]]});
    assert_eq!(outcomes(&report), ["import done", "promote done"]);
    assert_eq!(outcomes(&second), ["import failed", "promote skipped"]);
    assert_eq!(rig.records(CLOUDS[0]).len(), 1);
    assert!(rig.records(CLOUDS[1]).is_empty());
    rig.gates[1].forget();
    rig.sync(&BOTH, 0);
    assert_eq!(rig.records(CLOUDS[1]).len(), 1);
}

fn fetched(rig: &Rig, code: i32) -> Value {
    rig.sync(&["--import", "web-download"], code)
}

#[test]
fn what_a_cloud_fetches_itself_is_compared_before_anybody_sees_it() {
    let Some(rig) = Rig::find("what_a_cloud_fetches_itself_is_compared_before_anybody_sees_it")
    else {
        return;
    };
    let made = Made::new(&["-c"]);
    let mut one = rig.publish("one", "1", &made);
    one.format = "qcow2";
    rig.wants(&[&one]);
    let good = one.digest.replace(sum("sha256sum", &made.raw));
    rig.wants(&[&one]);
    let report = fetched(&rig, 6);
    assert_eq!(outcomes(&report), ["import failed", "promote skipped"]);
    assert!(rig.records(CLOUDS[0]).is_empty());
    one.digest = good;
    rig.wants(&[&one]);
    fetched(&rig, 0);
    let records = rig.records(CLOUDS[0]);
    assert_eq!(
        records[0]["os_hash_value"],
        json!(sum("sha512sum", &made.qcow2))
    );
    assert_eq!(rig.plan()["steps"], json!([]));
    // The cloud does not convert; that is said, and nothing is left.
    let mut raw = rig.publish("two", "1", &made);
    raw.format = "raw";
    rig.wants(&[&raw]);
    let report = fetched(&rig, 6);
    let error = &report["clouds"][0]["steps"][0]["error"];
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("stored it as qcow2"),
        "{error}"
    );
    assert_eq!(rig.records(CLOUDS[0]).len(), 1);
}

#[test]
fn why_a_cloud_does_not_fetch_is_told_in_its_words() {
    let Some(rig) = Rig::find("why_a_cloud_does_not_fetch_is_told_in_its_words") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let mut one = rig.publish("one", "1", &made);
    one.format = "qcow2";
    rig.wants(&[&one]);
    // The writes are: the lock, the record, the import.
    rig.gates[0].inject(2, 400);
    let report = fetched(&rig, 4);
    let error = report["clouds"][0]["steps"][0]["error"].to_string();
    assert!(error.contains("was refused (400"), "{error}");
    assert!(rig.records(CLOUDS[0]).is_empty());
    rig.gates[0].forget();
    // It begins, and fails. Its tasks tell why; this release of Glance no more than that.
    let page = Page::bytes(made.original()).without_ranges();
    rig.world
        .put_each("/one/1.qcow2", [page, Page::status(404)]);
    let report = fetched(&rig, 4);
    let error = report["clouds"][0]["steps"][0]["error"].to_string();
    assert!(error.contains("Task failed"), "{error}");
    assert!(rig.records(CLOUDS[0]).is_empty());
}
