//! openstack-image-manager's files, as they are published.

use catalogue::words::{Evidence, Purpose, Until, Validity, Visibility};
use catalogue::{Catalogue, Settled};

fn read(text: &str) -> (Catalogue, Settled) {
    let mut catalogue = Catalogue::empty().unwrap();
    catalogue.add(text, "oim.yml").unwrap();
    let settled = catalogue.settle();
    (catalogue, settled)
}

const DEBIAN: &str = include_str!("../samples/openstack-image-manager/debian.yml");
const CIRROS: &str = include_str!("../samples/openstack-image-manager/cirros.yml");
const GARDENLINUX: &str = include_str!("../samples/openstack-image-manager/gardenlinux.yml");

#[test]
fn a_moving_name_with_one_version_becomes_a_definition_with_a_pinned_original() {
    let (_, settled) = read(DEBIAN);
    assert_eq!(settled.definitions.faults(), []);
    let ids: Vec<_> = settled
        .definitions
        .iter()
        .map(|d| (d.id.as_str(), d.enabled))
        .collect();
    assert_eq!(
        ids,
        [
            ("debian-10", false),
            ("debian-11", true),
            ("debian-12", true),
            ("debian-13", true)
        ]
    );
    let debian = settled.definitions.get("debian-13").unwrap();
    assert_eq!(
        (debian.name.as_str(), debian.login.as_str()),
        ("Debian 13", "debian")
    );
    assert_eq!((debian.min_disk, debian.min_ram), (8, 512));
    assert_eq!(debian.visibility, Visibility::Public);
    assert_eq!(debian.os_purpose, Purpose::Generic);
    assert_eq!(debian.uuid_validity, Validity::Last(3));
    assert_eq!(debian.provided_until, Until::None);
    assert_eq!(debian.evidence, Evidence::Pinned);
    assert_eq!(debian.image_description, "Debian 13");
    assert_eq!(debian.properties["hw_watchdog_action"], "reset");
    let original = debian.original.as_ref().unwrap();
    assert_eq!(
        original.url.as_str(),
        "https://cdimage.debian.org/cdimage/cloud/trixie/daily/20260124-2367/debian-13-genericcloud-amd64-daily-20260124-2367.qcow2"
    );
    assert!(
        original
            .mirror
            .as_ref()
            .unwrap()
            .as_str()
            .contains("your-objectstorage.com")
    );
    assert_eq!(
        (original.build.as_str(), original.date.to_string().as_str()),
        ("20260124", "2026-01-24")
    );
    assert!(
        original
            .digest
            .as_ref()
            .unwrap()
            .to_string()
            .starts_with("dd4575ea")
    );
}

#[test]
fn what_was_ignored_is_told_with_its_line_and_why() {
    let (catalogue, _) = read(DEBIAN);
    let ignored = &catalogue.foreign()[0].ignored;
    let whats: Vec<_> = ignored
        .iter()
        .filter(|one| one.image == "Debian 13")
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        whats,
        [
            "`format`",
            "`latest_checksum_url`",
            "`latest_url`",
            "`shortname`"
        ]
    );
    assert_eq!(ignored[0].place.to_string(), "oim.yml:6");
    assert!(ignored.iter().all(|one| !one.why.is_empty()));
}

#[test]
fn without_multi_every_version_is_an_image_of_its_own_name() {
    let (catalogue, settled) = read(CIRROS);
    let faults: Vec<_> = settled
        .definitions
        .faults()
        .iter()
        .map(ToString::to_string)
        .collect();
    // Its entry has no os_version, which SCS-0102 wants; the version stands for it.
    assert!(faults.is_empty(), "{faults:?}");
    let names: Vec<_> = settled
        .definitions
        .iter()
        .map(|d| (d.id.as_str(), d.name.as_str(), d.os_version.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("cirros-0.6.2", "Cirros 0.6.2", "0.6.2"),
            ("cirros-0.6.3", "Cirros 0.6.3", "0.6.3")
        ]
    );
    let ignored = &catalogue.foreign()[0].ignored;
    assert!(
        ignored.iter().any(|one| one.what == "`password`"),
        "{ignored:?}"
    );
}

#[test]
fn an_entry_that_is_switched_off_is_read_too() {
    let (_, settled) = read(GARDENLINUX);
    assert_eq!(settled.definitions.faults(), []);
    assert!(
        settled
            .definitions
            .iter()
            .all(|definition| !definition.enabled)
    );
    assert_eq!(settled.definitions.iter().count(), 7);
}

/// A file with one image that has these versions.
fn entry(versions: &str) -> String {
    format!(
        "images:\n  - name: Odd 1\n    enable: true\n    login: odd\n    min_disk: 1\n    min_ram: 64\n    status: active\n    \
             visibility: public\n    multi: true\n    tags: []\n    meta: {{architecture: x86_64, os_distro: odd, \
             os_version: '1', os_purpose: generic, replace_frequency: never, uuid_validity: none, provided_until: none}}\n    \
             versions:\n{versions}"
    )
}

const URL: &str = "url: 'https://example.org/a.qcow2'";

#[test]
fn what_cannot_be_meant_is_a_fault_of_that_image_and_not_of_the_file() {
    let url = URL;
    let fault = |versions: &str| {
        let (_, settled) = read(&entry(versions));
        let all: Vec<_> = settled
            .definitions
            .faults()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(settled.definitions.iter().count(), 0, "{all:?}");
        all.join("\n")
    };
    // The defect of openstack-image-manager: this line deleted what was published.
    let latest = fault(&format!("      - {{version: latest, {url}}}\n"));
    assert!(
        latest.contains("odd-1: `version: latest` names a file that changes"),
        "{latest}"
    );
    assert!(fault(&format!("      - {{version: '1', {url}}}\n")).contains("build_date"));
    let (_, dated) = read(&entry(&format!("      - {{version: 20260124-1, {url}}}\n")));
    let original = dated
        .definitions
        .get("odd-1")
        .unwrap()
        .original
        .clone()
        .unwrap();
    assert_eq!(original.date.to_string(), "2026-01-24");
    assert!(fault("      - {version: '1', build_date: 2026-01-01}\n").contains("`url`"));
    assert!(fault("").contains("no version"));
}

#[test]
fn the_newest_version_is_taken_and_its_published_address_kept() {
    let url = URL;
    let (catalogue, settled) = read(&entry(&format!(
        "      - {{version: '9', {url}, build_date: 2026-01-09, id: 00000000-0000-4000-8000-000000000000, \
         checksum: 'md5:00000000000000000000000000000000', colour: red}}\n      \
         - {{version: '10', {url}, build_date: 2026-01-10 12:00:00, source: 'https://vendor.example/a.qcow2'}}\n"
    )));
    let definition = settled.definitions.get("odd-1").unwrap();
    let original = definition.original.as_ref().unwrap();
    assert_eq!(
        (original.build.as_str(), original.url.host_str()),
        ("10", Some("vendor.example"))
    );
    assert_eq!(
        original.mirror.as_ref().unwrap().host_str(),
        Some("example.org")
    );
    assert_eq!(definition.evidence, Evidence::None);
    let ignored = &catalogue.foreign()[0].ignored;
    assert_eq!(
        ignored
            .iter()
            .map(|one| one.what.as_str())
            .collect::<Vec<_>>(),
        ["version 9", "version 10 without digest"]
    );
}

#[test]
fn an_image_that_is_in_both_catalogues_is_a_contradiction() {
    let mut catalogue = Catalogue::shipped().unwrap();
    catalogue.add(DEBIAN, "oim.yml").unwrap();
    let settled = catalogue.settle();
    assert!(settled.definitions.get("debian-13").is_none());
    assert!(settled.definitions.get("ubuntu-24.04").is_some());
}
