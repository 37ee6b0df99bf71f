//! Files of plans: they are as their published schema says, and nothing else is taken for one.

use catalogue::plan::{Action, Level, Misfit, Plan, Planned, Plans, Site};
use catalogue::words::{Arch, Evidence, Format};
use jiff::ToSpan as _;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::check::check;
use crate::world::{Event, Knobs, Tamper, World, after, worlds};

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/plan.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn site() -> Site {
    Site {
        name: Some("prod".to_owned()),
        region: None,
        image_endpoint: "https://cloud.example/image/v2/".to_owned(),
    }
}

fn file(plan: &Plan) -> Plans {
    Plans::new(vec![Planned {
        cloud: site(),
        plan: plan.clone(),
    }])
}

fn as_published(plan: &Plan) -> Value {
    let value = serde_json::to_value(file(plan)).unwrap();
    assert_eq!(check(&schema(), &schema(), &value), None, "{value:#}");
    value
}

/// A world in which a build replaces another.
fn due() -> World {
    let mut world = World::new(vec![Knobs::default()], 0);
    world.sync();
    world.happens(&Event::Days(30));
    world.publish(0);
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_plan_is_as_the_schema_says_and_is_read_back_as_it_was(world in worlds()) {
        let plan = after(world).plan();
        let text = as_published(&plan).to_string();
        prop_assert_eq!(Plans::read(&text).unwrap(), file(&plan));
    }
}

#[test]
fn every_action_is_as_the_schema_says() {
    let mut seen = Vec::new();
    let mut see = |world: &World| {
        let plan = world.plan();
        as_published(&plan);
        seen.extend(plan.steps.into_iter().map(|step| step.action));
    };
    let mut world = World::new(
        vec![Knobs {
            validity: "none",
            until: "2026-06-01",
            ..Knobs::default()
        }],
        9,
    );
    see(&world);
    world.happens(&Event::Run(1));
    see(&world);
    world.sync();
    world.publish(0);
    see(&world);
    world.sync();
    world.happens(&Event::Tamper(Tamper::Property, 0));
    see(&world);
    world.today += 2.years();
    see(&world);
    seen.sort();
    seen.dedup();
    assert_eq!(seen, Action::ALL);
}

#[test]
fn the_words_are_the_same() {
    let schema = schema();
    let words = |at: &str| {
        schema
            .pointer(&format!("/$defs/{at}/enum"))
            .unwrap()
            .clone()
    };
    let all: Value = Action::ALL.iter().map(|one| one.word()).collect();
    assert_eq!(words("step/properties/action"), all);
    let all: Value = Arch::ALL.iter().map(|one| one.word()).collect();
    assert_eq!(words("build/properties/arch"), all);
    let all: Value = Evidence::ALL.iter().map(|one| one.word()).collect();
    assert_eq!(words("build/properties/evidence"), all);
    let all: Value = Format::ALL.iter().map(|one| one.word()).collect();
    assert_eq!(words("import/properties/format"), all);
    let all = [Level::Info, Level::Warning, Level::Alarm];
    assert_eq!(words("note/properties/level"), json!(all));
}

#[test]
fn what_the_schema_refuses_is_no_file_of_plans() {
    let good = as_published(&due().plan());
    for (at, value) in [
        ("/schema", json!("ectype/plans/2")),
        ("/plans/0/cloud/colour", json!("red")),
        ("/plans/0/cloud/image_endpoint", json!(null)),
        ("/plans/0/plan/schema", json!("ectype/plan/2")),
        ("/plans/0/plan/day", json!("today")),
        ("/plans/0/plan/max_delete", json!(-1)),
        ("/plans/0/plan/steps/0/action", json!("destroy")),
        ("/plans/0/plan/steps/0/image", json!("that one")),
        ("/plans/0/plan/steps/0/import/build/evidence", json!("some")),
        (
            "/plans/0/plan/steps/0/import/build/digests",
            json!(["md5:0"]),
        ),
        ("/plans/0/plan/steps/1/changes/0/field", json!(null)),
        (
            "/plans/0/plan/notes",
            json!([{"level": "bad", "definition": "", "message": ""}]),
        ),
    ] {
        let (above, name) = at.rsplit_once('/').unwrap();
        let mut bad = good.clone();
        bad.pointer_mut(above).unwrap()[name] = value;
        assert!(check(&schema(), &schema(), &bad).is_some(), "{at}");
        assert!(Plans::read(&bad.to_string()).is_err(), "{at}");
    }
}

#[test]
fn a_plan_is_for_the_cloud_that_it_was_made_for_and_there_is_one_of_it() {
    let world = due();
    let (plan, images) = (world.plan(), world.cloud.listed());
    let mut plans = file(&plan);
    let planned = plans.plans[0].clone();
    // What the user calls it makes no difference.
    let renamed = Site {
        name: None,
        ..site()
    };
    assert_eq!(planned.fits(&renamed, &images), Ok(()));
    let elsewhere = Site {
        image_endpoint: "https://other.example/image/v2/".to_owned(),
        ..site()
    };
    let misfit = planned.fits(&elsewhere, &images);
    assert!(matches!(misfit, Err(Misfit::Cloud { .. })), "{misfit:?}");
    plans.plans.push(planned);
    let twice = Plans::read(&serde_json::to_string(&plans).unwrap());
    assert_eq!(
        twice.unwrap_err().to_string(),
        "it is no plan (there are two plans for prod)"
    );
}
