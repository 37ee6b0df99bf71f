//! `sync --plan`: what was approved, in the cloud that it was approved for, as that was then.

use serde_json::{Value, json};

use crate::rig::{CLOUDS, Rig, other, outcomes};
use crate::run::Made;

fn approve(rig: &Rig) -> Value {
    let run = rig.run(&[
        "plan",
        "--alone",
        "mine.yaml",
        "--allow-private",
        "--out",
        "plan.json",
        "--force",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let text = std::fs::read_to_string(rig.home.path().join("plan.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn carry_out(rig: &Rig, code: i32, says: &str) -> String {
    let run = rig.run(&[
        "sync",
        "--plan",
        "plan.json",
        "--allow-private",
        "-f",
        "json",
    ]);
    assert_eq!(run.code, code, "{}\n{}", run.stdout, run.stderr);
    assert!(run.stderr.contains(says), "{}", run.stderr);
    run.stdout
}

#[test]
fn only_what_was_approved_is_done_and_only_once() {
    let Some(rig) = Rig::find("only_what_was_approved_is_done_and_only_once") else {
        return;
    };
    let (first, second) = (Made::new(&["-c"]), other());
    rig.wants(&[&rig.publish("one", "1", &first)]);
    approve(&rig);
    // What the catalogue says by now does not count.
    let mut new = rig.publish("one", "2", &second);
    new.date = "2026-11-08";
    rig.wants(&[&new]);
    let report: Value = serde_json::from_str(&carry_out(&rig, 0, "")).unwrap();
    assert_eq!(outcomes(&report), ["import done", "promote done"]);
    assert_eq!(rig.records(CLOUDS[0])[0]["ectype_build"], "1");
    carry_out(&rig, 4, "the cloud has changed since the plan was made");
    assert_eq!(rig.records(CLOUDS[0]).len(), 1);
}

#[test]
fn a_plan_is_refused_in_a_cloud_that_has_moved_and_in_another_one() {
    let Some(rig) = Rig::find("a_plan_is_refused_in_a_cloud_that_has_moved_and_in_another_one")
    else {
        return;
    };
    let (first, second) = (Made::new(&["-c"]), other());
    rig.wants(&[&rig.publish("one", "1", &first)]);
    rig.sync(&[], 0);
    let mut new = rig.publish("one", "2", &second);
    new.date = "2026-11-08";
    rig.wants(&[&new]);
    let approved = approve(&rig);
    let image = rig.records(CLOUDS[0]).remove(0);
    rig.patch(
        &image,
        &json!([{"op": "replace", "path": "/min_ram", "value": 513}]),
    );
    rig.gates[0].forget();
    let id = image["id"].as_str().unwrap();
    carry_out(&rig, 4, &format!("image {id} has changed"));
    rig.patch(
        &image,
        &json!([{"op": "replace", "path": "/min_ram", "value": 512}]),
    );
    // A plan for another project, and one for another cloud.
    let mut other = approved.clone();
    other["plans"][0]["plan"]["project"] = json!("0123456789abcdef0123456789abcdef");
    rig.file("plan.json", &other.to_string());
    carry_out(
        &rig,
        4,
        "the plan is for project 0123456789abcdef0123456789abcdef",
    );
    let mut other = approved.clone();
    other["plans"][0]["cloud"]["image_endpoint"] = json!("https://glance.example/v2/");
    rig.file("plan.json", &other.to_string());
    carry_out(&rig, 4, "https://glance.example/v2/");
    // What no plan of ours asks for.
    let mut other = approved.clone();
    other["plans"][0]["plan"]["steps"][1]["changes"][0]["field"] = json!("owner");
    rig.file("plan.json", &other.to_string());
    carry_out(&rig, 3, "is no plan");
    assert_eq!(rig.records(CLOUDS[0]).len(), 1);
    // As it was approved it is done.
    rig.file("plan.json", &approved.to_string());
    carry_out(&rig, 0, "");
    assert_eq!(rig.records(CLOUDS[0]).len(), 2);
}

#[test]
fn a_plan_for_one_image_is_carried_out_whatever_became_of_the_others() {
    let Some(rig) = Rig::find("a_plan_for_one_image_is_carried_out_whatever_became_of_the_others")
    else {
        return;
    };
    let (first, second) = (Made::new(&["-c"]), other());
    let (one, two) = (
        rig.publish("one", "1", &first),
        rig.publish("two", "1", &first),
    );
    rig.wants(&[&one, &two]);
    rig.sync(&[], 0);
    let all_new = ["one", "two"].map(|id| {
        let mut new = rig.publish(id, "2", &second);
        new.date = "2026-11-08";
        new
    });
    rig.wants(&[&all_new[0], &all_new[1]]);
    let mut plan = vec!["plan", "--alone", "mine.yaml", "--allow-private"];
    plan.extend(["--only", "one", "--out", "plan.json", "-f", "json"]);
    let run = rig.run(&plan);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let touches = &run.json()["plans"][0]["plan"]["touches"];
    assert_eq!(
        touches,
        &json!([{"definition": "one", "generic_of": null}]),
        "{touches}"
    );
    // Meanwhile the other image is replaced by another run, and somebody changes it by hand.
    rig.sync(&["--only", "two"], 0);
    let records = rig.records(CLOUDS[0]);
    let of_two = |record: &&Value| record["ectype_definition"] == "two";
    let two = records.iter().find(of_two).unwrap();
    rig.patch(
        two,
        &json!([{"op": "replace", "path": "/min_ram", "value": 513}]),
    );
    let report: Value = serde_json::from_str(&carry_out(&rig, 0, "")).unwrap();
    assert_eq!(
        outcomes(&report),
        ["import done", "demote done", "promote done"]
    );
    // It is for what it touches, and that has changed now.
    carry_out(&rig, 4, "the cloud has changed since the plan was made");
    assert_eq!(rig.records(CLOUDS[0]).len(), 4);
}
