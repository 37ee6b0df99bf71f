//! `catalogue status`: ages, what is due, ends of support, and what a script makes of it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::bench::Bench;

fn today() -> Date {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

/// A catalogue of images that are so many days old; each is replaced monthly.
fn catalogue(bench: &Bench, ages: &[(&str, i32, &str)]) {
    let mut text = "catalogue: 1\nimages:\n".to_owned();
    for (number, (id, age, until)) in ages.iter().enumerate() {
        let built = today() - age.days();
        text += &format!(
            "  {id}: {{name: {id}, family: {id}, release: '1', os_distro: {id}, login: none, min_disk: 4, min_ram: 512, \
             replace_frequency: monthly, image_description: notes, provided_until: {until}, evidence: none, \
             original: {{url: 'https://example.org/{id}', build: '1', date: {built}}}}}\n"
        );
        bench.cloud.images().push(json!({
            "id": format!("00000000-0000-4000-8000-{number:012}"), "name": id, "owner": "p1", "status": "active",
            "visibility": "public", "os_hidden": false, "protected": false, "tags": ["managed_by_ectype"],
            "ectype_definition": id, "ectype_release": format!("{id}/1/x86_64"), "ectype_build": "1",
            "ectype_state": "current", "ectype_evidence": "tls", "image_build_date": built.to_string(),
            "ectype_file_digest": format!("sha256:{:064}", number),
        }));
    }
    bench.file("mine.yaml", &text);
}

fn status(bench: &Bench, more: &[&str]) -> (i32, Vec<Value>, String) {
    let args = ["catalogue", "status", "mine.yaml", "--alone", "-f", "json"];
    let run = bench.run(&[&args, more].concat());
    let rows = run.json().as_array().unwrap().clone();
    (run.code, rows, run.stderr)
}

#[test]
fn what_is_late_or_over_comes_first_and_is_a_no() {
    let bench = Bench::new();
    let past = (today() - 2.days()).to_string();
    let near = (today() + 10.days()).to_string();
    catalogue(
        &bench,
        &[
            ("fresh", 3, "none"),
            ("graced", 34, "none"),
            ("late", 35, "none"),
            ("later", 60, "none"),
            ("near", 1, &near),
            ("over", 1, &past),
        ],
    );
    let (code, rows, stderr) = status(&bench, &["--exit-code"]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    let states: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| {
            (
                row["Image"].as_str().unwrap(),
                row["State"].as_str().unwrap(),
            )
        })
        .collect();
    // SCS-0102: up to three days late is no violation.
    let expected = [
        ("over", "ended"),
        ("later", "late"),
        ("late", "late"),
        ("near", "ending"),
        ("graced", "good"),
        ("fresh", "good"),
    ];
    assert_eq!(states, expected);
    assert_eq!(rows[1]["Age"], 60);
    assert_eq!(rows[1]["Due"], (today() - 29.days()).to_string());
    assert_eq!(rows[1]["Note"], "a new build was due 29 days ago");
    assert_eq!(
        (&rows[0]["Days Left"], &rows[3]["Days Left"]),
        (&json!(-2), &json!(10))
    );
    assert_eq!(rows[1]["Evidence"], "tls");
    // Without the wish it is no failure, and vendors are not asked.
    assert_eq!(status(&bench, &[]).0, 0);
    assert_eq!(bench.vendors.requests().len(), 0);
    let (code, rows, _) = status(&bench, &["--exit-code", "--only", "fresh"]);
    assert_eq!((code, rows.len()), (0, 1));
}

#[test]
fn an_image_that_is_missing_is_overdue_and_old_ones_are_counted() {
    let bench = Bench::new();
    catalogue(&bench, &[("ours", 1, "none"), ("gone", 1, "none")]);
    {
        let mut images = bench.cloud.images();
        images.pop();
        let mut old = images[0].clone();
        old["id"] = json!("00000000-0000-4000-8000-00000000001d");
        old["os_hidden"] = json!(true);
        old["ectype_state"] = json!("old");
        old["ectype_build"] = json!("0");
        images.push(old);
    }
    let (code, rows, _) = status(&bench, &["--exit-code"]);
    assert_eq!(code, 1);
    assert_eq!(rows[0]["Image"], "gone");
    assert_eq!(
        (&rows[0]["State"], &rows[0]["Build"]),
        (&json!("missing"), &Value::Null)
    );
    assert_eq!(rows[1]["Old"], 1);
}

#[test]
fn a_fault_is_an_alarm_whoever_made_it() {
    let bench = Bench::new();
    catalogue(&bench, &[("ours", 1, "none"), ("other", 1, "none")]);
    bench.cloud.images()[0]
        .as_object_mut()
        .unwrap()
        .remove("ectype_release");
    let (code, rows, stderr) = status(&bench, &[]);
    assert_eq!((code, &rows[0]["State"]), (9, &json!("fault")));
    assert!(stderr.contains("ours: of image 00000000-0000-4000-8000-000000000000 its record `ectype_release` is missing"), "{stderr}");
}

#[test]
fn the_newest_build_is_asked_for_on_demand() {
    let bench = Bench::new();
    bench.debian(&["20260712-2537"]);
    bench.cloud.carry_out(&bench.planned(&[]));
    bench.debian(&["20260712-2537", "20260810-999"]);
    let args = ["catalogue", "status", "--only", "debian-13"];
    let columns = ["-f", "value", "-c", "build", "-c", "newest"];
    let run = bench.run(&[&args[..], &columns, &["--newest"]].concat());
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "20260712-2537 20260810-999\n"),
        "{}",
        run.stderr
    );
    let people = bench.run(&args);
    let heading = people.stdout.lines().nth(1).unwrap();
    assert!(
        heading.contains("Support Ends") && !heading.contains("Newest"),
        "{}",
        people.stdout
    );
    bench.vendors.put(
        &crate::bench::path("https://cloud.debian.org/images/cloud/trixie/"),
        world::Page::status(404),
    );
    let run = bench.run(&[&args[..], &["--newest"]].concat());
    assert_eq!(run.code, 8, "{}", run.stdout);
    assert!(
        run.stderr
            .contains("error: not every newest build could be found out\n  debian-13: "),
        "{}",
        run.stderr
    );
}
