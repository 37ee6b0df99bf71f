//! A user's file over the shipped one: a value changed, an image switched off, one added.

use catalogue::Settled;
use catalogue::words::{Format, Frequency};
use serde_json::json;

use super::over;

fn place(settled: &Settled, id: &str, field: &str) -> String {
    let found = settled.settings[id]
        .iter()
        .find(|setting| setting.field == field);
    found
        .unwrap()
        .place
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[test]
fn one_value_of_one_image_is_changed_and_nothing_else() {
    let before = over(&[]);
    let after = over(&["catalogue: 1\nimages:\n  debian-13:\n    min_disk: 20\n"]);
    for definition in before.definitions.iter() {
        let mut expected = definition.clone();
        if definition.id == "debian-13" {
            expected.min_disk = 20;
        }
        assert_eq!(after.definitions.get(&definition.id), Some(&expected));
    }
    assert_eq!(place(&after, "debian-13", "min_disk"), "1.yaml:4");
    assert_eq!(place(&after, "debian-13", "login"), "shipped/debian.yaml:6");
    assert_eq!(
        place(&after, "debian-13", "format"),
        "shipped/defaults.yaml:11"
    );
}

#[test]
fn an_image_goes_before_its_family_and_that_before_the_defaults_whatever_the_file() {
    let settled = over(&[
        "catalogue: 1\ndefaults: {replace_frequency: weekly, format: qcow2}\nfamilies: {ubuntu: {replace_frequency: daily}}\n",
    ]);
    let of = |id: &str| settled.definitions.get(id).unwrap();
    assert_eq!(of("ubuntu-24.04").replace_frequency, Frequency::Daily);
    assert_eq!(
        of("debian-13").replace_frequency,
        Frequency::Quarterly,
        "the shipped family says so"
    );
    assert_eq!(of("debian-13").format, Format::Qcow2);
    let settled = over(&[
        "catalogue: 1\ndefaults: {min_ram: 1}\nimages: {debian-13: {min_ram: 2}}\n",
        "catalogue: 1\nimages: {debian-13: {min_ram: 3}}\n",
    ]);
    assert_eq!(settled.definitions.get("debian-13").unwrap().min_ram, 3);
}

#[test]
fn an_image_is_switched_off_and_another_added() {
    let settled = over(&["
catalogue: 1
tag: managed_by_us
max_delete: 5
images:
  cirros-0.6: {enabled: false}
  ours:
    name: Our image
    family: ours
    release: 1
    os_distro: debian
    login: none
    min_disk: 4
    min_ram: 256
    replace_frequency: never
    image_description: https://example.org/notes
    evidence: pinned
    original:
      url: https://example.org/our-1.qcow2
      digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      build: '1'
      date: 2026-11-01
    tags: [gold]
    hotfix_hours: 0
    properties: {hw_watchdog_action: ~, hw_vif_multiqueue_enabled: true}
"]);
    assert_eq!(settled.definitions.faults(), []);
    assert!(!settled.definitions.get("cirros-0.6").unwrap().enabled);
    let ours = settled.definitions.get("ours").unwrap();
    assert_eq!(
        (ours.release.as_str(), ours.os_version.as_str()),
        ("1", "1")
    );
    assert_eq!(ours.hotfix_hours, Some(0));
    assert!(!ours.properties.contains_key("hw_watchdog_action"));
    assert_eq!(ours.properties["hw_vif_multiqueue_enabled"], "true");
    assert_eq!(ours.properties["hw_disk_bus"], "scsi");
    assert_eq!(
        (settled.definitions.tag(), settled.definitions.max_delete()),
        ("managed_by_us", 5)
    );
    let shown = settled.settings["ours"]
        .iter()
        .find(|setting| setting.field == "tags")
        .unwrap();
    assert_eq!(shown.value, json!(["gold"]));
    let again = over(&[
        "catalogue: 1\nimages: {debian-13: {hotfix_hours: 24}}",
        "catalogue: 1\nimages: {debian-13: {hotfix_hours: none}}",
    ]);
    assert_eq!(
        again.definitions.get("debian-13").unwrap().hotfix_hours,
        None
    );
}

/// The file that `docs/catalogue.md` shows.
#[test]
fn the_example_of_the_documentation_has_no_fault() {
    let page = include_str!("../../../../docs/catalogue.md");
    let example = page.split("## A file").nth(1).unwrap();
    let lines = example.lines().skip_while(|line| line.is_empty());
    let text: Vec<_> = lines.map_while(|line| line.strip_prefix("    ")).collect();
    let settled = over(&[&text.join("\n")]);
    assert_eq!(settled.definitions.faults(), []);
    assert_eq!(
        settled.definitions.get("ours").unwrap().format,
        Format::Qcow2
    );
    assert_eq!(settled.definitions.max_delete(), 5);
}
