//! What keeps everything of a definition as it is, and that somebody is told.

use catalogue::Catalogue;
use catalogue::plan::{Level, Plan, plan};
use catalogue::words::Evidence;
use serde_json::json;

use crate::world::{Event, Knobs, Tamper, World};

/// A world with an image in the cloud and a newer build to be had.
fn due() -> World {
    let mut world = World::new(vec![Knobs::default()], 50);
    world.sync();
    world.happens(&Event::Days(30));
    world.publish(0);
    assert!(!world.plan().is_empty());
    world
}

fn frozen(plan: &Plan, because: &str) {
    assert!(plan.is_empty(), "{:#?}", plan.steps);
    let alarms: Vec<_> = plan.alarms().map(|alarm| alarm.message.as_str()).collect();
    assert!(
        alarms.iter().any(|alarm| alarm.contains(because)),
        "{because}: {alarms:?}"
    );
    assert!(plan.kept.iter().all(|kept| !kept.why.is_empty()));
}

#[test]
fn upstream_that_goes_backwards_is_an_alarm() {
    let mut world = due();
    world.sync();
    world.published[0].pop();
    frozen(&world.plan(), "older than b2");
}

#[test]
fn a_vendor_who_publishes_nothing_new_for_too_long_is_named_and_nothing_else_is_done() {
    let mut world = World::new(vec![Knobs::default()], 0);
    world.sync();
    // A build a month is promised (31 days), and three days are put up with.
    world.happens(&Event::Days(34));
    assert_eq!(world.plan().notes, []);
    world.happens(&Event::Days(1));
    let plan = world.plan();
    assert!(plan.is_empty());
    let [note] = plan.notes.as_slice() else {
        panic!("{:?}", plan.notes);
    };
    assert_eq!(note.level, Level::Warning);
    assert!(
        note.message.contains("newest build is b1, 35 days old"),
        "{note:?}"
    );
    // A build that was chosen by hand is as old as it is meant to be.
    world.turn(0, |knobs| knobs.pinned = Some(1));
    assert_eq!(world.plan().notes, []);
    world.turn(0, |knobs| knobs.pinned = None);
    world.publish(0);
    assert_eq!(world.plan().notes, []);
}

#[test]
fn an_empty_list_is_not_the_end_of_a_release() {
    let mut world = due();
    world.published[0].clear();
    frozen(&world.plan(), "lists no build");
}

#[test]
fn what_was_not_looked_at_is_not_absent() {
    let world = due();
    let plan = plan(
        world.definitions(),
        &catalogue::plan::Builds::new(),
        &world.cloud.listed(),
        world.today,
    );
    frozen(&plan, "not known which builds");
}

#[test]
fn too_little_evidence_brings_nothing_in() {
    let mut world = due();
    world.published[0][1].evidence = Evidence::None;
    frozen(&world.plan(), "`none`, and `tls`");
}

#[test]
fn a_build_whose_digest_changes_under_its_name_is_an_alarm() {
    let mut world = due();
    world.sync();
    let other = catalogue::digests::parse(&format!("sha256:{}", "e".repeat(64))).unwrap();
    world.published[0][1].digests = vec![other];
    frozen(&world.plan(), "another digest");
}

#[test]
fn an_image_that_lost_a_record_is_nobodys_to_touch() {
    let mut world = due();
    world.happens(&Event::Tamper(Tamper::Unlabel, 0));
    frozen(&world.plan(), "`ectype_build` is missing");
}

#[test]
fn an_image_that_somebody_deactivated_is_not_gone_over() {
    let mut world = due();
    world.happens(&Event::Tamper(Tamper::Deactivate, 0));
    frozen(&world.plan(), "deactivated");
}

#[test]
fn a_generic_image_of_the_same_system_that_is_not_ours_stands_in_the_way() {
    let mut world = World::new(vec![Knobs::default()], 0);
    world.happens(&Event::Stranger(0));
    world.cloud.images[0].insert("os_purpose".into(), json!("generic"));
    frozen(&world.plan(), "not of this definition");
    world.cloud.images[0].insert("os_hidden".into(), json!(true));
    assert!(!world.plan().is_empty());
    assert_eq!(world.plan().notes, []);
    world.cloud.images[0].insert("os_hidden".into(), json!(false));
    world.cloud.images[0].insert("os_purpose".into(), json!("custom"));
    let plan = world.plan();
    assert!(!plan.is_empty());
    assert!(plan.notes[0].message.contains("has the name, too"));
}

/// openstack-image-manager's defect 4: one bad line in a definition, and its published images were deleted.
#[test]
fn a_fault_in_a_definition_freezes_its_images_and_no_others() {
    let mut world = World::new(vec![Knobs::default(), Knobs::default()], 50);
    world.sync();
    world.happens(&Event::Days(30));
    world.publish(0);
    world.publish(1);
    let text = "
catalogue: 1
max_delete: 50
families:
  fam0: {os_distro: fam0, login: user, min_disk: 2, min_ram: 512, replace_frequency: monthly, image_description: notes}
  fam1: {os_distro: fam1, login: user, min_disk: 2, min_ram: 512, replace_frequency: monthly, image_description: notes, uuid_validity: last-2}
images:
  os-0: {name: '', family: fam0, release: '0', uuid_validity: none}
  os-1: {name: OS 1, family: fam1, release: '1'}
";
    let mut catalogue = Catalogue::empty().unwrap();
    catalogue.add(text, "broken.yaml").unwrap();
    let definitions = catalogue.settle().definitions;
    let plan = plan(
        &definitions,
        &world.builds(),
        &world.cloud.listed(),
        world.today,
    );
    assert!(plan.steps.iter().all(|step| step.definition == "os-1"));
    assert_eq!(plan.steps.len(), 3);
    let alarm = plan.alarms().next().unwrap();
    assert_eq!(alarm.definition, "os-0");
    assert!(
        alarm.message.contains("broken.yaml:8: `name` is empty"),
        "{alarm:?}"
    );
    let kept = plan
        .kept
        .iter()
        .find(|kept| kept.definition == "os-0")
        .unwrap();
    assert_eq!(kept.why, "its definition has a fault");
}

#[test]
fn images_of_a_definition_that_is_gone_or_switched_off_stay() {
    let world = due();
    let mut catalogue = Catalogue::empty().unwrap();
    catalogue
        .add("catalogue: 1\nmax_delete: 50\n", "empty.yaml")
        .unwrap();
    let nothing = catalogue.settle().definitions;
    let plan = plan(
        &nothing,
        &world.builds(),
        &world.cloud.listed(),
        world.today,
    );
    assert!(plan.is_empty());
    assert_eq!(plan.kept[0].why, "no definition is called so");
}

/// Its defect 1: a newer build in the definition, and the old image claimed to be of that build.
#[test]
fn the_record_of_an_image_never_takes_over_another_build() {
    let mut world = due();
    let plan = world.plan();
    let kept = plan
        .steps
        .iter()
        .filter(|step| step.changes.iter().any(|c| c.field.starts_with("image_")));
    assert_eq!(
        kept.count(),
        0,
        "no change of a record has anything of a build in it"
    );
    // The import fails after it began: the old image is as it was.
    let before = world.cloud.images[0].clone();
    world.cloud.carry_out(&plan, 2, |_| {});
    assert_eq!(world.cloud.images[0], before);
}

/// Otherwise the old image would be renamed to a release that it is not of.
#[test]
fn a_definition_stands_for_one_release_on_one_architecture() {
    let mut world = due();
    world.cloud.images[0].insert("ectype_release".into(), json!("fam0/0/aarch64"));
    frozen(
        &world.plan(),
        "is of fam0/0/aarch64, and the definition says fam0/0/x86_64",
    );
}
