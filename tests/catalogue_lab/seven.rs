//! The shipped catalogue of the seven families, from an empty cloud to a retirement, as operator and customers see it.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use serde_json::Value;

use crate::build::{Build, shipped};
use crate::operator::{Operator, text};
use crate::vendors::Mirror;

const SYNC: [&str; 3] = ["catalogue", "sync", "dates.yaml"];

fn day(ago: i64) -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let day = now.date().checked_sub(ago.days()).unwrap();
    day.strftime("%Y%m%d").to_string()
}

/// The shipped catalogue with ends of support that are far away, so that this test means the same in some years.
fn dates(operator: &Operator, builds: &[Build], ended: &str) {
    let mut text = "catalogue: 1\nimages:\n".to_owned();
    for build in builds {
        let id = format!("{}-{}", build.family, build.release);
        let end = if id == ended {
            "2026-01-31"
        } else {
            "2099-12-31"
        };
        text.push_str(&format!("  {id}: {{provided_until: {end}}}\n"));
    }
    operator.file("dates.yaml", &text);
}

/// Records of images by definition, those that have the name.
fn current(operator: &Operator) -> BTreeMap<String, Value> {
    let images = operator.images().into_iter();
    images
        .filter(|image| image["ectype_state"] == "current")
        .map(|image| (text(&image, "ectype_definition"), image))
        .collect()
}

#[test]
fn the_seven_families_come_stay_rotate_and_retire() {
    let test = "the_seven_families_come_stay_rotate_and_retire";
    let (old, new) = (day(3), day(1));
    let builds: Vec<Build> = shipped(&old)
        .into_iter()
        .filter(|build| build.arch == "x86_64")
        .collect();
    let Some(mut operator) = Operator::find(test, || Mirror::shipped(&old, &["x86_64"])) else {
        return;
    };
    dates(&operator, &builds, "");

    let first = operator.run(&SYNC);
    assert_eq!(first.code, 0, "{}{}", first.stdout, first.stderr);
    let images = current(&operator);
    assert_eq!(
        (images.len(), operator.images().len()),
        (builds.len(), builds.len())
    );
    for build in &builds {
        let image = &images[&format!("{}-{}", build.family, build.release)];
        let raw = operator.mirror.original(build).raw;
        assert_eq!(
            text(image, "os_hash_value"),
            crate::run::sum("sha512sum", &raw)
        );
        assert_eq!(text(image, "image_source"), build.url());
    }

    let second = operator.run(&SYNC);
    assert_eq!(second.code, 0, "{}{}", second.stdout, second.stderr);
    let mut calls = operator.gate.calls();
    assert_eq!(operator.gate.writes(), []);
    // Which versions there are is asked because the address is one that no catalogue of services vouches for.
    calls.retain(|call| call.path() != "/");
    assert!(
        calls.iter().all(|call| call.path() == "/v2/images"),
        "{calls:#?}"
    );
    assert_eq!(calls.len(), 2, "{calls:#?}");

    customers_see_what_is_promised(&operator, &builds);
    official_tests_pass(&operator);
    a_new_build_takes_the_name(&mut operator, &images, &new);
    an_end_of_support_retires(&operator, &builds);
}

/// The real client lists them, the product verifies them, SCS has nothing against them.
fn customers_see_what_is_promised(operator: &Operator, builds: &[Build]) {
    let listed = operator.openstack(&["image", "list", "--public", "-f", "value", "-c", "Name"]);
    let count = |name: &str| listed.lines().filter(|line| *line == name).count();
    for name in [
        "AlmaLinux 10",
        "CirrOS 0.6",
        "Debian 13",
        "Fedora 44",
        "Rocky Linux 9",
        "Ubuntu 24.04",
        "Ubuntu Minimal 26.04",
    ] {
        assert_eq!(count(name), 1, "{name} in {listed}");
    }
    let verdicts = operator.customer(&["verify", "--all", "-f", "json"]).json();
    let ours = operator.images();
    let identical = verdicts.as_array().unwrap().iter().filter(|verdict| {
        let id = &verdict["image"]["id"];
        let mine = ours.iter().any(|image| image["id"] == *id);
        assert!(!mine || verdict["verdict"] == "identical", "{verdict:#}");
        mine
    });
    assert_eq!(identical.count(), builds.len());
    let scs = operator
        .run(&["catalogue", "check", "--scs", "-f", "json"])
        .json();
    // What other tests have in the cloud at the same time has their mark in its name.
    let others = format!(" c{}-", std::process::id());
    for rule in scs.as_array().unwrap() {
        let lists = rule
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_array);
        let mut offences = lists.flatten().filter_map(Value::as_str);
        let ours = offences.find(|offence| !offence.contains(&others));
        assert!(rule["Mandatory"] != true || ours.is_none(), "{rule:#}");
    }
}

/// The standard's own tests, if they are at hand (docs/catalogue.md says how), as an ordinary customer.
fn official_tests_pass(operator: &Operator) {
    const CASES: [&str; 25] = [
        "scs-0102-image-recency",
        "scs-0102-os_purpose-uniqueness",
        "scs-0102-prop-architecture",
        "scs-0102-prop-hash_algo",
        "scs-0102-prop-hotfix_hours",
        "scs-0102-prop-hw_disk_bus",
        "scs-0102-prop-hw_rng_model",
        "scs-0102-prop-hypervisor_type",
        "scs-0102-prop-image_build_date",
        "scs-0102-prop-image_description",
        "scs-0102-prop-image_original_user",
        "scs-0102-prop-image_source",
        "scs-0102-prop-min_disk",
        "scs-0102-prop-min_ram",
        "scs-0102-prop-os_distro",
        "scs-0102-prop-os_purpose",
        "scs-0102-prop-os_version",
        "scs-0102-prop-provided_until",
        "scs-0102-prop-replace_frequency",
        "scs-0102-prop-uuid_validity",
        "scs-0104-image-debian-12",
        "scs-0104-image-debian-13",
        "scs-0104-image-ubuntu-2404",
        "scs-0104-source-debian-13",
        "scs-0104-source-ubuntu-2404",
    ];
    let Some(folder) = std::env::var_os("ECTYPE_TEST_SCS") else {
        eprintln!("skipped: official_tests_pass: no tests of SCS (ECTYPE_TEST_SCS)");
        return;
    };
    let printed = operator.customer_runs(
        "venv/bin/python",
        folder.as_ref(),
        &[&["iaas/openstack_test.py"], &CASES[..]].concat(),
    );
    for case in CASES {
        assert!(
            printed.contains(&format!("{case}: PASS")),
            "{case}\n{printed}"
        );
    }
}

fn a_new_build_takes_the_name(
    operator: &mut Operator,
    before: &BTreeMap<String, Value>,
    new: &str,
) {
    let build = Build::of("ubuntu", "24.04", "x86_64", new);
    operator.mirror.publish([build.clone()]);
    let run = operator.run(&SYNC);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let old = &before["ubuntu-24.04"];
    let now = &current(operator)["ubuntu-24.04"];
    assert_ne!(now["id"], old["id"]);
    assert_eq!(
        (text(now, "name"), text(now, "image_source")),
        ("Ubuntu 24.04".to_owned(), build.url())
    );
    let images = operator.images();
    let kept = images
        .iter()
        .find(|image| image["id"] == old["id"])
        .unwrap();
    let name = format!("Ubuntu 24.04 {}", text(old, "ectype_build"));
    let said = ["name", "os_hidden", "os_purpose", "visibility"].map(|field| text(kept, field));
    assert_eq!(said, [&name, "true", "oldgeneric", "public"]);
    assert_eq!(kept["os_hash_value"], old["os_hash_value"]);
}

fn an_end_of_support_retires(operator: &Operator, builds: &[Build]) {
    dates(operator, builds, "fedora-43");
    let run = operator.run(&SYNC);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(!current(operator).contains_key("fedora-43"));
    let images = operator.images();
    let old = images
        .iter()
        .find(|image| image["ectype_definition"] == "fedora-43")
        .unwrap();
    assert_eq!(
        (text(old, "os_hidden"), text(old, "status")),
        ("true".to_owned(), "active".to_owned())
    );
    let writes = operator.gate.writes();
    assert_eq!(
        writes.iter().filter(|call| call.method == "PATCH").count(),
        1,
        "{writes:#?}"
    );
}
