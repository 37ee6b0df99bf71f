//! Every step leaves the record that the plan foresaw, by one request.

use serde_json::{Value, json};

use crate::rig::{CLOUDS, Rig, changed, other, outcomes, own, writes};
use crate::run::{Made, sum};

/// The record that the plan makes of an image: what is imported and changed, step by step.
fn foreseen(plan: &Value, before: &[Value]) -> Vec<Value> {
    let mut records: Vec<(Value, Value)> = before
        .iter()
        .map(|record| (json!({"id": record["id"]}), record.clone()))
        .collect();
    for step in plan["steps"].as_array().unwrap() {
        if step["action"] == "import" {
            let mut record = step["import"]["record"].clone();
            record["ectype_state"] = json!("ready");
            records.push((step["image"].clone(), record));
            continue;
        }
        let at = records.iter().position(|(id, _)| *id == step["image"]);
        let at = at.expect("an image that is there");
        match step["action"].as_str().unwrap() {
            "discard" | "delete" => drop(records.remove(at)),
            _ => records[at].1 = changed(&records[at].1, &step["changes"]),
        }
    }
    let records: Vec<Value> = records.into_iter().map(|(_, record)| record).collect();
    sorted(&records)
}

fn sorted(records: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = records.iter().map(own).collect();
    all.sort_by_key(ToString::to_string);
    all
}

/// Syncs, and the cloud is what the plan foresaw; afterwards there is nothing to do.
fn as_foreseen(rig: &Rig, actions: &[&str]) {
    let (plan, before) = (rig.plan(), rig.records(CLOUDS[0]));
    let planned: Vec<&str> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["action"].as_str().unwrap())
        .collect();
    assert_eq!(planned, actions, "{plan}");
    rig.gates[0].forget();
    let report = rig.sync(&["--max-delete", "9"], 0);
    let done: Vec<String> = actions
        .iter()
        .map(|action| format!("{action} done"))
        .collect();
    assert_eq!(outcomes(&report), done);
    let after = sorted(&rig.records(CLOUDS[0]));
    assert_eq!(after, foreseen(&plan, &before));
    let mut expected = vec!["POST /v2/images"];
    for action in actions {
        expected.extend(match *action {
            "import" => &[
                "POST /v2/images",
                "PUT /v2/images/ID/file",
                "PATCH /v2/images/ID",
            ][..],
            "discard" | "delete" => &["DELETE /v2/images/ID"],
            _ => &["PATCH /v2/images/ID"],
        });
    }
    expected.push("DELETE /v2/images/ID");
    assert_eq!(writes(&rig.gates[0]), expected, "{actions:?}");
    assert_eq!(rig.plan()["steps"], json!([]));
}

#[test]
fn every_step_leaves_the_record_that_the_plan_foresaw() {
    let Some(rig) = Rig::find("every_step_leaves_the_record_that_the_plan_foresaw") else {
        return;
    };
    let (first, second) = (Made::new(&["-c"]), other());
    let old = rig.publish("one", "1", &first);
    rig.wants(&[&old]);
    as_foreseen(&rig, &["import", "promote"]);
    let image = &rig.records(CLOUDS[0])[0];
    assert_eq!(image["checksum"], json!(sum("md5sum", &first.raw)));
    assert_eq!(image["os_hash_value"], json!(sum("sha512sum", &first.raw)));
    // What somebody changed is set right.
    rig.patch(
        image,
        &json!([{"op": "replace", "path": "/min_ram", "value": 1}, {"op": "remove", "path": "/os_version"},
            {"op": "add", "path": "/hw_foreign", "value": "x"}]),
    );
    as_foreseen(&rig, &["repair"]);
    // What an earlier run has left is thrown away.
    let mut left = own(image);
    left["ectype_state"] = json!("incoming");
    left["visibility"] = json!("private");
    left["os_hidden"] = json!(true);
    let made = rig.glance(CLOUDS[0], "POST", "/images", &left.to_string());
    assert_eq!(made["status"], 201, "{made}");
    as_foreseen(&rig, &["discard"]);
    let mut new = rig.publish("one", "2", &second);
    new.date = "2026-11-08";
    rig.wants(&[&new]);
    as_foreseen(&rig, &["import", "demote", "promote", "delete"]);
    assert_eq!(
        rig.records(CLOUDS[0])[0]["checksum"],
        json!(sum("md5sum", &second.raw))
    );
    new.until = "2026-11-20";
    new.validity = "forever";
    rig.wants(&[&new]);
    as_foreseen(&rig, &["retire"]);
    let old = &rig.records(CLOUDS[0])[0];
    assert_eq!(old["name"], json!(format!("{} one 20261108", rig.tag)));
}

#[test]
fn a_cloud_that_is_as_it_should_be_is_only_looked_at() {
    let Some(rig) = Rig::find("a_cloud_that_is_as_it_should_be_is_only_looked_at") else {
        return;
    };
    let made = Made::new(&["-c"]);
    rig.wants(&[&rig.publish("one", "1", &made)]);
    rig.sync(&[], 0);
    rig.gates[0].forget();
    let before = rig.world.requests().len();
    assert_eq!(rig.sync(&[], 0)["clouds"][0]["steps"], json!([]));
    let calls = rig.gates[0].calls();
    let lists = calls.iter().filter(|call| call.path() == "/v2/images");
    assert_eq!(lists.count(), 2, "{calls:?}");
    assert!(calls.iter().all(|call| !call.is_write()), "{calls:?}");
    assert_eq!(
        rig.world.requests().len(),
        before,
        "the vendor is not asked"
    );
}

#[test]
fn an_original_is_stored_as_qcow2_where_the_definition_says_so() {
    let Some(rig) = Rig::find("an_original_is_stored_as_qcow2_where_the_definition_says_so") else {
        return;
    };
    let made = Made::new(&["-c"]);
    let mut one = rig.publish("one", "1", &made);
    one.format = "qcow2";
    // A raw disk has to be made into one, for which it is read twice.
    rig.world.put(
        "/two/1.raw",
        world::Page::bytes(std::fs::read(&made.raw).unwrap()),
    );
    let mut two = one.clone();
    two.id = "two";
    two.url = rig.world.url("/two/1.raw");
    two.digest = Some(sum("sha256sum", &made.raw));
    rig.wants(&[&one, &two]);
    rig.sync(&[], 0);
    let records = rig.records(CLOUDS[0]);
    let of = |id: &str| {
        records
            .iter()
            .find(|record| record["ectype_definition"] == id)
            .unwrap()
    };
    assert_eq!(
        of("one")["os_hash_value"],
        json!(sum("sha512sum", &made.qcow2))
    );
    assert_eq!(of("two")["disk_format"], "qcow2");
    assert_eq!(
        of("two")["virtual_size"],
        json!(std::fs::metadata(&made.raw).unwrap().len())
    );
    assert_eq!(rig.plan()["steps"], json!([]));
}
