//! `catalogue check` and `catalogue show`: answers, places, exit codes.

use serde_json::{Value, json};

use crate::fake::{cloud, image, user_of};
use crate::run::Ectype;

#[test]
fn the_shipped_catalogue_has_no_fault() {
    let ended = Ectype::new().run(&["catalogue", "check"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    assert_eq!(
        ended.stderr,
        "note: images: 17, and 16 that are switched off\n"
    );
}

#[test]
fn a_fault_is_a_no_and_what_is_no_catalogue_is_a_wrong_configuration() {
    let ectype = Ectype::new();
    let write = |text: &str| std::fs::write(ectype.home().join("mine.yaml"), text).unwrap();
    let check = ["catalogue", "check", "mine.yaml", "-f", "json"];
    assert_eq!(ectype.run(&check).code, 5);
    write("catalogue: 1\nimages:\n  debian-13:\n    min_disk: 0\n");
    let fault = ectype.run(&check);
    assert_eq!(fault.code, 1, "{}", fault.stderr);
    let rows: Value = serde_json::from_str(&fault.stdout).unwrap();
    assert_eq!(
        rows,
        json!([{"Kind": "fault", "Image": "debian-13", "Place": "mine.yaml:4",
            "Message": "`min_disk` has to be 1 GiB at least"}])
    );
    assert!(fault.stderr.contains("error: the catalogue has a fault"));
    write("catalogue: 1\nimages:\n  debian-13:\n    min_dsk: 8\n");
    let unknown = ectype.run(&check);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (3, ""));
    assert!(
        unknown.stderr.contains("mine.yaml:4: `min_dsk: 8`"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn what_is_ignored_of_another_tool_s_file_is_no_fault() {
    let ectype = Ectype::new();
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/crates/catalogue/tests/samples/openstack-image-manager/cirros.yml"
    );
    let ended = ectype.run(&["catalogue", "check", "--alone", file, "-f", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let rows: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|row| row["Kind"] == "ignored")
    );
    assert_eq!(
        ended.stderr,
        "note: images: 2, and 0 that are switched off\n"
    );
}

#[test]
fn every_value_is_shown_with_its_place() {
    let ectype = Ectype::new();
    std::fs::write(
        ectype.home().join("mine.yaml"),
        "catalogue: 1\nimages: {debian-13: {min_disk: 10}}\n",
    )
    .unwrap();
    let show = |field: &str| {
        let answer = ectype.answer(&[
            "catalogue",
            "show",
            "debian-13",
            "--catalogue",
            "mine.yaml",
            "-f",
            "json",
        ]);
        let rows: Vec<Value> = serde_json::from_str(&answer).unwrap();
        let row = rows.into_iter().find(|row| row["Field"] == field).unwrap();
        (row["Value"].clone(), row["Origin"].clone())
    };
    assert_eq!(show("min_disk"), (json!(10), json!("mine.yaml:2")));
    assert_eq!(
        show("format"),
        (json!("raw"), json!("shipped/defaults.yaml:11"))
    );
    let unknown = ectype.run(&["catalogue", "show", "debain-13"]);
    assert_eq!(unknown.code, 5);
    assert!(unknown.stderr.contains("debian-13"), "{}", unknown.stderr);
}

#[test]
fn the_images_of_a_cloud_are_judged_twice() {
    let mut good = image(1, "Ubuntu 24.04");
    for (name, value) in [
        ("architecture", "x86_64"),
        ("os_distro", "ubuntu"),
        ("os_version", "24.04"),
        ("os_purpose", "generic"),
        ("hw_disk_bus", "scsi"),
        ("replace_frequency", "never"),
        ("provided_until", "none"),
        ("uuid_validity", "last-3"),
        ("image_build_date", "2026-01-02"),
        ("image_original_user", "ubuntu"),
        (
            "image_source",
            "https://cloud-images.ubuntu.com/releases/noble/release-20260102/a.img",
        ),
        ("image_description", "notes"),
    ] {
        good[name] = json!(value);
    }
    good["min_disk"] = json!(4);
    good["min_ram"] = json!(512);
    let judged = |image: &Value| {
        // The fake cloud answers both lists, of visible and of hidden images, with the same page.
        let world = cloud(&json!([image]));
        let ended = user_of(&world).run(&["catalogue", "check", "--scs", "-f", "json"]);
        let rows: Vec<Value> = serde_json::from_str(&ended.stdout).unwrap();
        (ended.code, rows)
    };
    let of = |rows: &[Value], rule: &str| {
        let row = rows.iter().find(|row| row["Rule"] == rule).unwrap().clone();
        (row["Test"].clone(), row["Text"].clone())
    };
    good["uuid_validity"] = json!("2027-01-01 10:00");
    let (code, rows) = judged(&good);
    assert_eq!(code, 1);
    assert_eq!(
        of(&rows, "scs-0102-prop-uuid_validity"),
        (json!("PASS"), json!("FAIL"))
    );
    assert_eq!(
        of(&rows, "scs-0104-image-ubuntu-2404"),
        (json!("PASS"), json!("PASS"))
    );
}
