//! kill -9 at every change that a run makes in the cloud, before and after it was done: the next run ends where an undisturbed
//! one would have ended.

use serde_json::Value;
use world::Held;

use crate::one::{One, debian};

/// Where a run can be ended at this write.
fn places(method: &str) -> &'static [Held] {
    match method {
        "PUT" => &[Held::Before, Held::Amid, Held::After],
        _ => &[Held::Before, Held::After],
    }
}

/// The methods of the changes that a run makes from here on.
fn writes(one: &One) -> Vec<String> {
    one.synced();
    let writes = one.operator.gate.writes();
    assert!(
        writes
            .iter()
            .all(|call| call.status.is_some_and(|status| status < 300)),
        "{writes:#?}"
    );
    writes.into_iter().map(|call| call.method).collect()
}

/// Ends a run at this write, and lets the next one heal.
#[track_caller]
fn kill(one: &One, number: usize, held: Held) {
    let reached = one.operator.kill_at(&One::SYNC, number, held);
    assert!(reached, "there was no write {number} ({held:?})");
    one.synced();
}

/// Nothing is left to do.
#[track_caller]
fn settled(one: &One) {
    one.synced();
    assert_eq!(
        one.operator.gate.writes(),
        [],
        "a second run changes something"
    );
}

#[test]
fn a_rotation_that_was_killed_anywhere_is_completed_by_the_next_run() {
    let test = "a_rotation_that_was_killed_anywhere_is_completed_by_the_next_run";
    let Some(mut one) = One::find(test) else {
        return;
    };
    one.synced();
    let mut builds = vec![debian(0), one.publish(1)];
    let writes = writes(&one);
    for (number, method) in writes.iter().enumerate() {
        for held in places(method) {
            let next = one.publish(builds.len());
            builds.push(next);
            kill(&one, number, *held);
            one.expect(&builds, true);
        }
    }
    settled(&one);
    // A lock whose run was killed when all was done stays until somebody has something to do.
    builds.push(one.publish(builds.len()));
    one.synced();
    assert_eq!(one.operator.locks(), Vec::<Value>::new());
    one.expect(&builds, true);
}

#[test]
fn a_first_import_that_was_killed_anywhere_leaves_nothing_behind_but_the_image() {
    let test = "a_first_import_that_was_killed_anywhere_leaves_nothing_behind_but_the_image";
    let Some(one) = One::find(test) else { return };
    let writes = writes(&one);
    for (number, method) in writes.iter().enumerate() {
        for held in places(method) {
            one.operator.clear();
            kill(&one, number, *held);
            one.expect(&[debian(0)], true);
        }
    }
    settled(&one);
}

#[test]
fn a_retirement_that_was_killed_anywhere_is_completed_by_the_next_run() {
    let test = "a_retirement_that_was_killed_anywhere_is_completed_by_the_next_run";
    let Some(one) = One::find(test) else { return };
    let over = "    provided_until: 2026-08-01\n";
    one.synced();
    one.define(over);
    let writes = writes(&one);
    one.expect(&[debian(0)], false);
    for (number, method) in writes.iter().enumerate() {
        for held in places(method) {
            // Support goes on after all: the image gets the name back.
            one.define("");
            one.synced();
            one.expect(&[debian(0)], true);
            one.define(over);
            kill(&one, number, *held);
            one.expect(&[debian(0)], false);
        }
    }
    settled(&one);
}
