//! A rotation, a retirement and a repair step by step, with the names and marks that SCS-0102 v2 writes down.

use catalogue::plan::{Action, Level, Plan, Step};
use jiff::civil::date;
use serde_json::json;

use crate::world::{Event, Knobs, Tamper, World};

fn actions(plan: &Plan) -> Vec<Action> {
    plan.steps.iter().map(|step| step.action).collect()
}

fn change(step: &Step, field: &str) -> Option<serde_json::Value> {
    let found = step.changes.iter().find(|change| change.field == field);
    found.map(|change| change.to.clone())
}

/// A world whose first build is published in the cloud, with a second one waiting.
fn due(knobs: Knobs) -> World {
    let mut world = World::new(vec![knobs], 0);
    assert_eq!(actions(&world.sync()), [Action::Import, Action::Promote]);
    world.happens(&Event::Days(30));
    world.publish(0);
    world
}

#[test]
fn a_new_build_takes_the_name_and_the_old_one_is_dated_hidden_and_marked() {
    let mut world = due(Knobs::default());
    let plan = world.sync();
    assert_eq!(
        actions(&plan),
        [Action::Import, Action::Demote, Action::Promote]
    );
    let [import, demote, promote] = plan.steps.as_slice() else {
        panic!()
    };
    assert_eq!(
        import.import.as_ref().unwrap().record["visibility"],
        "private"
    );
    assert_eq!(change(demote, "name"), Some(json!("OS 0 20260101")));
    assert_eq!(change(demote, "os_hidden"), Some(json!(true)));
    assert_eq!(change(demote, "os_purpose"), Some(json!("oldgeneric")));
    assert_eq!(
        change(demote, "visibility"),
        None,
        "who knows its id goes on using it"
    );
    assert_eq!(change(promote, "name"), Some(json!("OS 0")));
    assert_eq!(change(promote, "visibility"), Some(json!("public")));
    assert_eq!(change(promote, "os_hidden"), Some(json!(false)));
    let [old, new] = world.cloud.images.as_slice() else {
        panic!()
    };
    assert_ne!(old["id"], new["id"]);
    assert_eq!(new["image_source"], "https://vendor.example/os-0-2.qcow2");
    assert_eq!(old["image_source"], "https://vendor.example/os-0-1.qcow2");
    for (name, value) in [
        ("architecture", "x86_64"),
        ("os_distro", "fam0"),
        ("os_version", "0"),
        ("os_purpose", "generic"),
        ("hw_disk_bus", "scsi"),
        ("replace_frequency", "monthly"),
        ("uuid_validity", "last-2"),
        ("provided_until", "none"),
        ("image_description", "notes"),
        ("image_original_user", "user"),
        ("image_build_date", "2026-01-31"),
        ("ectype_evidence", "tls"),
        ("ectype_build", "b2"),
    ] {
        assert_eq!(new[name], value, "{name}");
    }
    assert_eq!(new["tags"], json!(["managed_by_ectype", "os:fam0"]));
    assert_eq!(
        new["min_disk"], 3,
        "the disk has 3 GiB, whatever the definition says"
    );
}

#[test]
fn the_order_can_be_turned_round() {
    let mut world = due(Knobs {
        promote_first: true,
        ..Knobs::default()
    });
    assert_eq!(
        actions(&world.sync()),
        [Action::Import, Action::Promote, Action::Demote]
    );
}

#[test]
fn each_step_of_a_rotation_that_shows_or_hides_is_one_request() {
    let plan = due(Knobs::default()).plan();
    let visible = |step: &&Step| change(step, "os_hidden").is_some();
    assert_eq!(plan.steps.iter().filter(visible).count(), 2);
}

#[test]
fn a_build_that_waits_is_shown_before_the_next_one_is_fetched() {
    let mut world = due(Knobs::default());
    // Import is three calls, then the old image has given its name up.
    let plan = world.plan();
    world.cloud.carry_out(&plan, 4, |_| {});
    world.publish(0);
    let plan = world.plan();
    assert_eq!(
        actions(&plan),
        [
            Action::Promote,
            Action::Import,
            Action::Demote,
            Action::Promote
        ]
    );
    world.sync();
    assert!(world.plan().is_empty());
}

#[test]
fn an_end_of_support_is_announced_and_then_retires_the_image_without_asking_the_vendor() {
    let mut world = World::new(
        vec![Knobs {
            until: "2026-06-01",
            ..Knobs::default()
        }],
        0,
    );
    world.sync();
    assert_eq!(world.plan().notes, []);
    world.today = date(2026, 3, 3);
    let notes = world.plan().notes;
    // The first one is of the vendor, who has published nothing since.
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].message.contains("newest build"), "{notes:?}");
    assert_eq!(notes[1].level, Level::Warning);
    assert!(notes[1].message.contains("in 90 days"), "{notes:?}");
    world.today = date(2026, 6, 1);
    assert!(world.plan().is_empty(), "the last day is a day of support");
    world.today = date(2026, 6, 2);
    world.failing[0] = true;
    let plan = world.sync();
    assert_eq!(actions(&plan), [Action::Retire]);
    assert_eq!(change(&plan.steps[0], "name"), Some(json!("OS 0 20260101")));
    assert!(plan.steps[0].why.contains("2026-06-01"));
    assert!(world.plan().is_empty());
    // Somebody gives it more time: the same image takes the name again.
    world.failing[0] = false;
    world.turn(0, |knobs| knobs.until = "2026-12-31");
    assert_eq!(actions(&world.sync()), [Action::Promote]);
}

#[test]
fn a_build_can_be_pinned_and_the_image_that_is_there_is_used_again() {
    let mut world = due(Knobs::default());
    world.sync();
    world.turn(0, |knobs| knobs.pinned = Some(1));
    let plan = world.sync();
    assert_eq!(actions(&plan), [Action::Demote, Action::Promote]);
    assert_eq!(world.cloud.images[0]["name"], "OS 0");
    assert_eq!(world.cloud.images[0]["os_purpose"], "generic");
    assert_eq!(world.cloud.images[1]["name"], "OS 0 20260131");
}

#[test]
fn what_somebody_changed_is_set_right_both_ways() {
    let mut world = World::new(vec![Knobs::default()], 0);
    world.sync();
    let before = world.cloud.state();
    world.happens(&Event::Tamper(Tamper::Property, 0));
    world.happens(&Event::Tamper(Tamper::Extra, 0));
    world.happens(&Event::Tamper(Tamper::Rename, 0));
    world.cloud.images[0].insert("owner_note".into(), json!("mine"));
    world.cloud.images[0].insert("tags".into(), json!(["managed_by_ectype", "gold"]));
    let plan = world.sync();
    assert_eq!(actions(&plan), [Action::Repair]);
    assert!(
        plan.steps[0].why.contains("hw_disk_bus"),
        "{}",
        plan.steps[0].why
    );
    let image = &mut world.cloud.images[0];
    assert_eq!(
        image.remove("owner_note"),
        Some(json!("mine")),
        "what no definition rules stays"
    );
    assert_eq!(
        image["tags"],
        json!(["managed_by_ectype", "gold", "os:fam0"])
    );
    image.insert("tags".into(), json!(["managed_by_ectype", "os:fam0"]));
    assert_eq!(world.cloud.state(), before);
}

#[test]
fn old_images_go_when_their_ids_are_not_valid_any_longer_and_only_up_to_the_limit() {
    let rotate = |max_delete: u32| {
        let mut world = World::new(
            vec![Knobs {
                validity: "last-1",
                ..Knobs::default()
            }],
            0,
        );
        for _ in 0..4 {
            world.sync();
            world.happens(&Event::Days(30));
            world.publish(0);
        }
        world.published[0].pop();
        world.max_delete = max_delete;
        world.turn(0, |_| {});
        assert_eq!(world.cloud.images.len(), 4);
        world
    };
    let mut two = rotate(2);
    assert_eq!(actions(&two.sync()), [Action::Delete, Action::Delete]);
    let left: Vec<_> = two
        .cloud
        .images
        .iter()
        .map(|image| &image["ectype_build"])
        .collect();
    assert_eq!(left, ["b3", "b4"], "the newest of the old ones stays");
    let one = rotate(1).plan();
    assert!(one.is_empty());
    assert!(
        one.notes[0].message.contains("2 old images"),
        "{:?}",
        one.notes
    );
    assert!(one.kept.iter().any(|kept| kept.why.contains("max_delete")));
    let mut protected = rotate(2);
    protected.happens(&Event::Tamper(Tamper::Protect, 0));
    assert_eq!(actions(&protected.plan()), [Action::Delete]);
}

#[test]
fn an_image_that_was_ready_and_is_not_needed_any_more_is_discarded() {
    let mut world = due(Knobs::default());
    let plan = world.plan();
    world.cloud.carry_out(&plan, 3, |_| {});
    world.publish(0);
    let plan = world.sync();
    assert_eq!(
        actions(&plan),
        [
            Action::Import,
            Action::Demote,
            Action::Promote,
            Action::Discard
        ]
    );
    let builds: Vec<_> = world
        .cloud
        .images
        .iter()
        .map(|image| &image["ectype_build"])
        .collect();
    assert_eq!(builds, ["b1", "b3"]);
}
