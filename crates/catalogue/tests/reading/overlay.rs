//! A user's file over the shipped one: a value changed, an image switched off, one added.

use catalogue::Settled;
use catalogue::words::{Evidence, Format, Frequency};
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

#[test]
fn who_puts_up_with_a_missing_signature_is_content_with_tls_and_with_no_less() {
    let before = over(&[]).definitions;
    let after = before.clone().with_unsigned();
    for (one, other) in before.iter().zip(after.iter()) {
        let expected = match one.evidence {
            Evidence::Signed => Evidence::Tls,
            evidence => evidence,
        };
        assert_eq!(other.evidence, expected, "{}", one.id);
    }
}

#[test]
fn what_is_named_is_looked_at_with_its_faults_and_nothing_else() {
    let texts = ["catalogue: 1\nimages: {debian-12: {min_disk: 0}, fedora-44: {min_disk: 0}}\n"];
    let only = |ids: &[&str], families: &[&str]| {
        let owned = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        over(&texts).only(&owned(ids), &owned(families))
    };
    let ids = |ids: &[&str], families: &[&str]| {
        let found = only(ids, families).unwrap();
        let good = found
            .iter()
            .filter(|one| one.enabled)
            .map(|one| one.id.clone());
        let faults = found.faults().iter().map(|fault| fault.definition.clone());
        (good.collect::<Vec<_>>(), faults.collect::<Vec<_>>())
    };
    let names = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(&["debian-13"], &[]),
        (names(&["debian-13"]), names(&[]))
    );
    assert_eq!(
        ids(&[], &["debian"]),
        (names(&["debian-13"]), names(&["debian-12"]))
    );
    let both = (names(&["cirros-0.6", "debian-13"]), names(&["debian-12"]));
    assert_eq!(ids(&["cirros-0.6"], &["debian"]), both);
    assert_eq!(
        ids(&["fedora-44"], &[]),
        (names(&[]), names(&["fedora-44"]))
    );
    assert_eq!(ids(&[], &[]).1, names(&["debian-12", "fedora-44"]));
    let unknown = only(&["debain"], &[]).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "no image of the catalogue is called `debain`"
    );
    let unknown = only(&[], &["windows"]).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "no image of the catalogue is of the family `windows`"
    );
}
