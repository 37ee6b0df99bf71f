//! Two runs at once exclude each other, on one machine and on two; one that died does so for half an hour.

use std::path::Path;
use std::process::{Child, Command};

use world::Page;

use crate::rig::{CLOUDS, Rig};
use crate::run::{Made, Run, tool};

/// A run as on another machine: with a home of its own.
fn elsewhere(rig: &Rig) -> Run {
    let home = tempfile::tempdir().unwrap();
    let mut command = rig.command(&["sync", "--alone", "mine.yaml", "--allow-private"]);
    Run::of(&command.env("HOME", home.path()).output().unwrap())
}

/// A run that has half of the only original and waits for the rest, which later runs get at once.
fn halfway(rig: &Rig, made: &Made) -> Child {
    let page = Page::bytes(made.original()).without_ranges();
    let stalled = page.clone().stall_after(4 << 20);
    rig.world.put("/one/1.qcow2", stalled);
    let first = rig.begin("/one/1.qcow2");
    rig.world.put("/one/1.qcow2", page);
    first
}

#[test]
fn a_second_run_is_refused_on_this_machine_and_on_others_and_goes_on_after_a_death() {
    let Some(rig) = Rig::find(
        "a_second_run_is_refused_on_this_machine_and_on_others_and_goes_on_after_a_death",
    ) else {
        return;
    };
    let made = Made::new(&["-c"]);
    rig.wants(&[&rig.publish("one", "1", &made)]);
    let mut first = halfway(&rig, &made);
    let here = rig.run(&["sync", "--alone", "mine.yaml", "--allow-private"]);
    assert_eq!(here.code, 7, "{}", here.stderr);
    assert!(
        here.stderr.contains("another run on this machine"),
        "{}",
        here.stderr
    );
    let there = elsewhere(&rig);
    assert_eq!(there.code, 7, "{}", there.stderr);
    assert!(
        there.stderr.contains("another run is at work"),
        "{}",
        there.stderr
    );
    assert!(
        there.stderr.contains("ectype image delete "),
        "{}",
        there.stderr
    );
    // Only what the first one had begun is there.
    assert_eq!(rig.records(CLOUDS[0]).len(), 1);
    first.kill().unwrap();
    first.wait().unwrap();
    // Of another machine nobody knows whether it lives; of this one the kernel does.
    assert_eq!(elsewhere(&rig).code, 7);
    rig.sync(&[], 0);
    let records = rig.records(CLOUDS[0]);
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["ectype_state"], "current");
    // Nothing is locked any more.
    assert_eq!(elsewhere(&rig).code, 0);
}

#[test]
fn of_runs_that_begin_together_at_most_one_works() {
    let Some(rig) = Rig::find("of_runs_that_begin_together_at_most_one_works") else {
        return;
    };
    let made = Made::new(&["-c"]);
    rig.wants(&[&rig.publish("one", "1", &made)]);
    let runs: Vec<i32> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| elsewhere(&rig).code))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(runs.iter().all(|code| [0, 7].contains(code)), "{runs:?}");
    assert!(runs.contains(&0), "{runs:?}");
    // Whoever had to wait would have found nothing to do: there is one image, and not one for each run.
    let records = rig.records(CLOUDS[0]);
    assert_eq!(records.len(), 1, "{records:?}");
}

/// Makes a record's times older, as if these minutes had passed: where the lab's Glance keeps them.
const AGE: &str = "
import sqlite3, sys
path, image, minutes = sys.argv[1:]
database = sqlite3.connect(path, timeout=60)
with database:
    done = database.execute(
        \"UPDATE images SET created_at = strftime('%Y-%m-%d %H:%M:%f000', created_at, ?), \"
        \"updated_at = strftime('%Y-%m-%d %H:%M:%f000', updated_at, ?) WHERE id = ?\",
        ('-' + minutes + ' minutes', '-' + minutes + ' minutes', image))
print(done.rowcount)
";

fn age(database: &Path, image: &str, minutes: &str) {
    let mut python = Command::new("python3");
    python
        .args(["-c", AGE])
        .arg(database)
        .args([image, minutes]);
    assert_eq!(tool(&mut python).trim(), "1");
}

#[test]
fn a_lock_whose_run_died_elsewhere_holds_for_half_an_hour_and_is_then_taken_over() {
    let test = "a_lock_whose_run_died_elsewhere_holds_for_half_an_hour_and_is_then_taken_over";
    let Some(rig) = Rig::find(test) else {
        return;
    };
    let database = rig.lab.join("state/glance.db");
    if !database.exists() {
        eprintln!("skipped: {test}: the lab's Glance keeps its records elsewhere");
        return;
    }
    let made = Made::new(&["-c"]);
    rig.wants(&[&rig.publish("one", "1", &made)]);
    let mut first = halfway(&rig, &made);
    first.kill().unwrap();
    first.wait().unwrap();
    let locks = rig.locks(CLOUDS[0]);
    let [lock] = locks.as_slice() else {
        panic!("{locks:?}");
    };
    let lock = lock["id"].as_str().unwrap();
    // Not yet: it may live, and only be slow.
    age(&database, lock, "29");
    let refused = elsewhere(&rig);
    assert_eq!(refused.code, 7, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("another run is at work"),
        "{}",
        refused.stderr
    );
    let unfinished = rig.records(CLOUDS[0]);
    assert_eq!(unfinished.len(), 1, "{unfinished:?}");
    age(&database, lock, "2");
    let over = elsewhere(&rig);
    assert_eq!(over.code, 0, "{}", over.stderr);
    // What the dead run had begun is gone, the image is there, and nobody has a lock.
    let records = rig.records(CLOUDS[0]);
    assert_eq!(records.len(), 1, "{records:?}");
    assert_eq!(records[0]["ectype_state"], "current");
    assert_ne!(records[0]["id"], unfinished[0]["id"]);
    assert!(rig.locks(CLOUDS[0]).is_empty());
}
