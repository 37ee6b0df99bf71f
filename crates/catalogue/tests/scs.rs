//! SCS-0102 and SCS-0104: the official column is what the official tests say, the other what the text says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;

use catalogue::scs::{Check, Outcome, judge};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use wire::image::Image;

fn cases() -> Value {
    serde_json::from_str(include_str!("samples/scs/cases.json")).unwrap()
}

fn image(changes: &Value) -> Image {
    let mut record: Map<String, Value> = cases()["good"].as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        record.insert(name.clone(), value.clone());
    }
    // Glance never shows a property without a value.
    record.retain(|name, value| !value.is_null() || name == "size");
    serde_json::from_value(Value::Object(record)).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(cases()["now"].as_i64().unwrap()).unwrap()
}

/// `samples/scs/make` asked the official functions themselves.
#[test]
fn the_official_column_is_what_the_official_tests_say() {
    let all = cases();
    let mut wrong = Vec::new();
    let good = all["good"].as_object().unwrap().clone();
    for case in all["cases"].as_array().unwrap() {
        let images: Vec<Image> = case["images"]
            .as_array()
            .unwrap()
            .iter()
            .map(|changes| {
                let mut record = good.clone();
                record.extend(changes.as_object().unwrap().clone());
                record.retain(|name, value| !value.is_null() || name == "size");
                serde_json::from_value(Value::Object(record)).unwrap()
            })
            .collect();
        for check in judge(&images, now()) {
            let has = |list: &str| case[list].as_array().unwrap().contains(&json!(check.id));
            let expected = match (has("fail"), has("abort")) {
                (true, _) => Outcome::Fail,
                (_, true) => Outcome::Abort,
                _ => Outcome::Pass,
            };
            if check.official.outcome != expected {
                let found = check.official.outcome;
                wrong.push(format!(
                    "{}: {found:?}, not {expected:?}: {}",
                    check.id, case["images"]
                ));
            }
        }
    }
    assert!(all["cases"].as_array().unwrap().len() > 300);
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

fn of(images: &[Image]) -> BTreeMap<&'static str, Check> {
    judge(images, now())
        .into_iter()
        .map(|check| (check.id, check))
        .collect()
}

fn both(changes: &Value, rule: &str) -> (Outcome, Outcome) {
    let checks = of(&[image(changes)]);
    let check = &checks[rule];
    (check.official.outcome, check.text.outcome)
}

/// The differences that the standard's text makes (SCS-0102 v2).
// long: a table.
#[test]
fn the_text_asks_for_more_than_the_test_sees() {
    use Outcome::{Abort, Fail, Pass};
    for (changes, rule, expected) in [
        (json!({}), "uuid_validity", (Pass, Pass)),
        (
            json!({"uuid_validity": null}),
            "uuid_validity",
            (Pass, Fail),
        ),
        (
            json!({"uuid_validity": "2027-01-01 10:00"}),
            "uuid_validity",
            (Pass, Fail),
        ),
        (json!({"hw_disk_bus": null}), "hw_disk_bus", (Pass, Fail)),
        (json!({"hw_disk_bus": "sata"}), "hw_disk_bus", (Fail, Pass)),
        (
            json!({"provided_until": "forever"}),
            "provided_until",
            (Pass, Fail),
        ),
        (json!({"os_distro": "Ubuntu"}), "os_distro", (Pass, Fail)),
        (json!({"os_version": "noble"}), "os_version", (Pass, Fail)),
        (
            json!({"os_distro": "arch", "os_version": "rolling"}),
            "os_version",
            (Pass, Pass),
        ),
        (
            json!({"size": 600 << 20, "virtual_size": 5_u64 << 30}),
            "min_disk",
            (Pass, Fail),
        ),
        (
            json!({"size": null, "virtual_size": null}),
            "min_disk",
            (Abort, Pass),
        ),
        (
            json!({"image_build_date": "2026-11-18T10:00:00Z"}),
            "image_build_date",
            (Pass, Fail),
        ),
        (
            json!({"image_build_date": "2026-11-18 10:00"}),
            "image_build_date",
            (Pass, Pass),
        ),
        (
            json!({"os_hidden": true, "image_description": ""}),
            "image_description",
            (Pass, Fail),
        ),
    ] {
        assert_eq!(
            both(&changes, &format!("scs-0102-prop-{rule}")),
            expected,
            "{rule}: {changes}"
        );
    }
}

/// A month and three days are the text's; a month and a tenth are the test's.
#[test]
fn three_days_late_is_no_violation_by_the_text() {
    use Outcome::{Fail, Pass};
    let built = |day: &str| both(&json!({"image_build_date": day}), "scs-0102-image-recency");
    assert_eq!(built("2026-10-23"), (Pass, Pass));
    assert_eq!(built("2026-10-22"), (Fail, Pass));
    assert_eq!(built("2026-10-21"), (Fail, Fail));
    let week = |day: &str| {
        both(
            &json!({"image_build_date": day, "replace_frequency": "weekly"}),
            "scs-0102-image-recency",
        )
    };
    assert_eq!(week("2026-11-15"), (Fail, Pass));
    assert_eq!(week("2026-11-14"), (Fail, Fail));
}

#[test]
fn an_offence_names_the_image_and_what_is_wrong() {
    let checks = of(&[image(&json!({"min_ram": 0}))]);
    let offence = &checks["scs-0102-prop-min_ram"].official.offences[0];
    assert_eq!(
        (offence.image.as_str(), offence.name.as_str()),
        ("1", "Ubuntu 24.04")
    );
    assert_eq!(offence.what, "min_ram is 0");
    assert!(
        checks["scs-0102-prop-min_ram"].mandatory && !checks["scs-0102-prop-hash_algo"].mandatory
    );
}
