//! What holds after any history: of builds, days, runs that were ended anywhere, failing vendors and busy hands.

use catalogue::plan::Action;
use proptest::prelude::*;

use crate::world::{after, worlds};

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_was_carried_out_leaves_nothing_to_plan(world in worlds()) {
        let mut world = after(world);
        world.sync();
        let again = world.plan();
        prop_assert!(again.is_empty(), "{:#?}", again.steps);
    }

    #[test]
    fn a_run_that_ends_after_any_call_is_healed_by_the_next(world in worlds()) {
        let world = after(world);
        let plan = world.plan();
        let mut whole = world.cloud.clone();
        let calls = whole.carry_out(&plan, usize::MAX, |_| {});
        for ended in 0..calls {
            let mut cut = after_calls(&world, &plan, ended);
            cut.sync();
            prop_assert_eq!(cut.cloud.state(), whole.state(), "ended after call {}", ended);
        }
    }

    #[test]
    fn there_are_never_two_public_generic_images_but_in_the_one_step_that_is_documented(world in worlds()) {
        let mut world = after(world);
        let plan = world.plan();
        let before = world.cloud.generics();
        let promote_first = world.knobs.iter().any(|knobs| knobs.promote_first);
        let most = before.max(if promote_first { 2 } else { 1 });
        let mut counts = Vec::new();
        world.cloud.carry_out(&plan, usize::MAX, |cloud| counts.push(cloud.generics()));
        prop_assert!(counts.iter().all(|count| *count <= most), "{counts:?} from {before}");
        // In two calls after each other there are never two but where somebody had made them.
        let twice = counts.windows(2).filter(|pair| pair[0] > 1 && pair[1] > 1).count();
        prop_assert!(twice == 0 || before > 1 || world.knobs.len() > 1, "{counts:?}");
    }

    #[test]
    fn what_is_not_ours_is_never_touched(world in worlds()) {
        let mut world = after(world);
        let before = world.strangers();
        world.sync();
        prop_assert_eq!(world.strangers(), before);
    }

    #[test]
    fn with_missing_data_nothing_is_changed(world in worlds(), of in 0_usize..3) {
        let mut world = after(world);
        let of = of % world.knobs.len();
        world.failing[of] = true;
        let retired = world.knobs[of].until != "none"
            && world.today > world.knobs[of].until.parse().unwrap();
        let id = format!("os-{of}");
        let plan = world.plan();
        prop_assert!(retired || plan.steps.iter().all(|step| step.definition != id), "{:#?}", plan.steps);
        prop_assert!(retired || plan.alarms().any(|alarm| alarm.definition == id));
    }

    #[test]
    fn an_image_never_claims_another_build_than_the_one_whose_bytes_it_has(world in worlds()) {
        let mut world = after(world);
        world.sync();
        for (id, url, build) in &world.cloud.bytes {
            let Some(image) = world.cloud.get(id) else { continue };
            prop_assert_eq!(image["image_source"].as_str(), Some(url.as_str()));
            // Somebody may have taken the record away; nobody put another there.
            if let Some(recorded) = image.get("ectype_build") {
                prop_assert_eq!(recorded.as_str(), Some(build.as_str()));
            }
        }
    }

    #[test]
    fn only_old_hidden_images_are_deleted_and_no_more_than_allowed(world in worlds()) {
        let world = after(world);
        let plan = world.plan();
        let deleted = plan.steps.iter().filter(|step| step.action == Action::Delete).count();
        prop_assert!(deleted <= world.max_delete as usize);
        let mut cloud = world.cloud.clone();
        for index in 0..plan.steps.len() {
            let mut rest = plan.clone();
            rest.steps.truncate(index);
            cloud = world.cloud.clone();
            cloud.carry_out(&rest, usize::MAX, |_| {});
            if let (Action::Delete, catalogue::plan::Target::Id(id)) = (plan.steps[index].action, &plan.steps[index].image) {
                let image = cloud.get(id).unwrap();
                prop_assert_eq!(&image["ectype_state"], "old");
                prop_assert_eq!(&image["os_hidden"], true);
            }
        }
        drop(cloud);
    }

    #[test]
    fn nobody_sees_an_image_before_it_was_compared(world in worlds()) {
        let mut world = after(world);
        let plan = world.plan();
        let shown = |cloud: &crate::model::Cloud| {
            cloud.images.iter().any(|image| {
                let waiting = image.get("ectype_state").is_some_and(|s| s == "incoming" || s == "ready");
                let ours = image.get("tags").is_some_and(|tags| tags.to_string().contains("managed_by_ectype"));
                waiting && ours && (image["visibility"] != "private")
            })
        };
        let mut seen = Vec::new();
        world.cloud.carry_out(&plan, usize::MAX, |cloud| seen.push(shown(cloud)));
        prop_assert!(!seen.contains(&true));
    }

    #[test]
    fn every_step_and_every_image_that_stays_has_its_reason(world in worlds()) {
        let world = after(world);
        let plan = world.plan();
        prop_assert!(plan.steps.iter().all(|step| !step.why.is_empty()));
        prop_assert!(plan.kept.iter().all(|kept| !kept.why.is_empty()));
    }
}

fn after_calls(
    world: &crate::world::World,
    plan: &catalogue::plan::Plan,
    calls: usize,
) -> crate::world::World {
    let mut cut = world.clone();
    cut.cloud.carry_out(plan, calls, |_| {});
    cut
}
