//! Two runs at once exclude each other, on one machine and on two.

use world::Page;

use crate::rig::{CLOUDS, Rig};
use crate::run::{Made, Run};

/// A run as on another machine: with a home of its own.
fn elsewhere(rig: &Rig) -> Run {
    let home = tempfile::tempdir().unwrap();
    let mut command = rig.command(&["sync", "--alone", "mine.yaml", "--allow-private"]);
    Run::of(&command.env("HOME", home.path()).output().unwrap())
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
    let page = Page::bytes(made.original()).without_ranges();
    rig.world
        .put("/one/1.qcow2", page.clone().stall_after(4 << 20));
    let mut first = rig.begin("/one/1.qcow2");
    rig.world.put("/one/1.qcow2", page);
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
