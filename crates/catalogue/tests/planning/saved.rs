//! Plans that are written, read back, and held against the cloud again.

use catalogue::plan::{Action, Misfit, Plan, Target};
use serde_json::json;

use crate::world::{Event, Knobs, Tamper, World};

fn due() -> World {
    let mut world = World::new(vec![Knobs::default()], 0);
    world.sync();
    world.happens(&Event::Days(30));
    world.publish(0);
    world
}

fn text(plan: &Plan) -> String {
    serde_json::to_string_pretty(plan).unwrap()
}

#[test]
fn a_plan_is_read_back_as_it_was_and_fits_the_cloud_it_was_made_for() {
    let world = due();
    let plan = world.plan();
    let read = Plan::read(&text(&plan)).unwrap();
    assert_eq!(read, plan);
    read.fits(&world.cloud.listed()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text(&plan)).unwrap();
    assert_eq!(json["schema"], "ectype/plan/1");
    assert_eq!(json["steps"][1]["action"], "demote");
    assert_eq!(json["steps"][1]["image"]["id"], world.cloud.images[0]["id"]);
    assert_eq!(json["steps"][2]["image"]["imported"], "os-0");
}

#[test]
fn a_plan_is_refused_when_the_cloud_has_moved() {
    for what in [
        Tamper::Rename,
        Tamper::Hide,
        Tamper::Property,
        Tamper::Unlabel,
        Tamper::Deactivate,
        Tamper::Delete,
    ] {
        let mut world = due();
        let plan = world.plan();
        world.happens(&Event::Tamper(what, 0));
        let refused = plan.fits(&world.cloud.listed());
        assert!(
            matches!(refused, Err(Misfit::Moved { .. })),
            "{what:?}: {refused:?}"
        );
    }
    let mut world = due();
    let plan = world.plan();
    world.cloud.carry_out(&plan, 1, |_| {});
    assert!(matches!(
        plan.fits(&world.cloud.listed()),
        Err(Misfit::Moved { .. })
    ));
}

#[test]
fn what_changes_by_itself_or_is_not_ours_does_not_move_a_plan() {
    let mut world = due();
    let plan = world.plan();
    world.cloud.images[0].insert("updated_at".into(), json!("2026-02-01T00:00:00Z"));
    world.cloud.images[0].insert("os_glance_importing_to_stores".into(), json!(""));
    world.happens(&Event::Stranger(0));
    plan.fits(&world.cloud.listed()).unwrap();
    // But another's image that would be the generic one of the system does.
    world.cloud.images[1].insert("os_purpose".into(), json!("generic"));
    assert!(plan.fits(&world.cloud.listed()).is_err());
}

#[test]
fn images_that_no_step_is_about_may_change_and_come_and_go() {
    let mut world = World::new(vec![Knobs::default(), Knobs::default()], 0);
    world.sync();
    world.happens(&Event::Days(30));
    world.publish(0);
    let plan = world.plan();
    let touched: Vec<&str> = plan.touches.iter().map(|one| &one.definition[..]).collect();
    assert_eq!(touched, ["os-0"]);
    for what in [
        Tamper::Rename,
        Tamper::Property,
        Tamper::Deactivate,
        Tamper::Delete,
    ] {
        let mut world = world.clone();
        world.happens(&Event::Tamper(what, 1));
        plan.fits(&world.cloud.listed()).unwrap();
        world.happens(&Event::Tamper(what, 0));
        let refused = plan.fits(&world.cloud.listed());
        assert!(
            matches!(refused, Err(Misfit::Moved { .. })),
            "{what:?}: {refused:?}"
        );
    }
    // The other one is rotated by another run.
    let mut later = world.clone();
    later.published[0].pop();
    later.publish(1);
    later.sync();
    assert_ne!(later.cloud.images.len(), world.cloud.images.len());
    plan.fits(&later.cloud.listed()).unwrap();
    // A public generic image of somebody else is in the way of its own system only.
    for (of, fits) in [("OS 1", true), ("OS 0", false)] {
        let mut images = later.cloud.images.iter();
        let mut stranger = images.find(|image| image["name"] == of).unwrap().clone();
        stranger.insert("id".into(), json!("another"));
        stranger.insert("owner".into(), json!("somebody"));
        let mut cloud = later.cloud.clone();
        cloud.images.push(stranger);
        let said = plan
            .fits(&cloud.listed())
            .map_err(|error| error.to_string());
        assert_eq!(said.is_ok(), fits, "{said:?}");
    }
}

#[test]
fn a_plan_for_another_project_is_refused() {
    let world = due();
    let plan = world.plan();
    let images: Vec<_> = world.cloud.listed().iter().cloned().collect();
    let other = catalogue::plan::CloudImages::new("f".repeat(32), images).unwrap();
    assert!(matches!(plan.fits(&other), Err(Misfit::Project { .. })));
}

#[test]
fn a_plan_that_asks_for_what_is_never_planned_is_refused() {
    let plan = due().plan();
    let refused = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan.clone();
        change(&mut plan);
        Plan::read(&text(&plan)).unwrap_err().to_string()
    };
    let unseen = refused(&|plan| plan.steps[1].image = Target::Id("another".into()));
    assert!(
        unseen.contains("step 2: image another was not seen"),
        "{unseen}"
    );
    let unmade = refused(&|plan| drop(plan.steps.remove(0)));
    assert!(unmade.contains("no import"), "{unmade}");
    let forged = refused(&|plan| plan.steps[1].changes[0].field = "ectype_build".into());
    assert!(
        forged.contains("`ectype_build` is never changed"),
        "{forged}"
    );
    let deletes = refused(&|plan| {
        plan.steps[1].changes.clear();
        plan.steps[1].action = Action::Delete;
    });
    assert!(deletes.contains("max_delete"), "{deletes}");
    let untouched = refused(&|plan| plan.touches.clear());
    assert!(
        untouched.contains("step 1: `os-0` is not in `touches`"),
        "{untouched}"
    );
    let newer = refused(&|plan| plan.schema = "ectype/plan/2".into());
    assert!(newer.contains("ectype/plan/2"), "{newer}");
    for text in ["", "{}", "[]", "{\"schema\": \"ectype/plan/1\"}"] {
        assert!(Plan::read(text).is_err(), "{text}");
    }
    // Steps may be taken out of an approved plan.
    let mut less = plan.clone();
    less.steps.clear();
    assert!(Plan::read(&text(&less)).unwrap().is_empty());
}
