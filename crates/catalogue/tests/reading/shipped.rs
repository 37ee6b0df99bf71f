//! The shipped catalogue needs no edit, and everything in it can be published.

use std::collections::BTreeSet;

use catalogue::words::{Arch, Evidence, Purpose, Until};

use super::over;

const FAMILIES: [&str; 7] = [
    "almalinux",
    "cirros",
    "debian",
    "fedora",
    "rocky",
    "ubuntu",
    "ubuntu-minimal",
];

#[test]
fn the_seven_families_are_there_without_an_edit() {
    let settled = over(&[]);
    assert_eq!(settled.definitions.faults(), []);
    let on = settled
        .definitions
        .iter()
        .filter(|definition| definition.enabled);
    let families: BTreeSet<_> = on.map(|definition| definition.family.as_str()).collect();
    assert_eq!(families, BTreeSet::from(FAMILIES));
    let names: Vec<_> = settled
        .definitions
        .iter()
        .filter(|d| d.enabled)
        .map(|d| d.name.as_str())
        .collect();
    for name in [
        "AlmaLinux 9",
        "CirrOS 0.6",
        "Debian 13",
        "Fedora 44",
        "Rocky Linux 10",
        "Ubuntu 24.04",
        "Ubuntu Minimal 26.04",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
}

#[test]
fn every_image_says_where_each_of_its_values_comes_from() {
    let settled = over(&[]);
    for definition in settled.definitions.iter() {
        let settings = &settled.settings[&definition.id];
        for setting in settings {
            assert!(setting.place.is_some(), "{}: {setting:?}", definition.id);
        }
    }
}

/// SCS-0102: `os_purpose` of Ubuntu Minimal and CirrOS is not generic; what is generic is there once for each system.
#[test]
fn purposes_are_true() {
    for definition in over(&[]).definitions.iter() {
        let minimal = ["cirros", "ubuntu-minimal"].contains(&definition.family.as_str());
        assert_eq!(
            definition.os_purpose == Purpose::Minimal,
            minimal,
            "{}",
            definition.id
        );
        assert_eq!(
            definition.arch == Arch::X86_64,
            definition.enabled,
            "{}",
            definition.id
        );
    }
}

/// What vendors sign (Ubuntu, Fedora, AlmaLinux, Rocky 8 and 10) is asked for signed; Debian and Rocky 9 sign nothing.
#[test]
fn as_much_evidence_is_asked_for_as_the_vendor_gives() {
    for definition in over(&[]).definitions.iter() {
        let expected = match (definition.family.as_str(), definition.release.as_str()) {
            ("debian", _) | ("rocky", "9") => Evidence::Tls,
            ("cirros", _) => Evidence::Pinned,
            _ => Evidence::Signed,
        };
        assert_eq!(definition.evidence, expected, "{}", definition.id);
    }
}

/// Debian's end is that of LTS, Ubuntu's the one of free standard support (endoflife.date and distro-info-data, 2026-08).
#[test]
fn ends_of_support_are_the_free_ones() {
    let settled = over(&[]);
    for (id, end) in [
        ("debian-12", "2028-06-30"),
        ("debian-13", "2030-06-30"),
        ("ubuntu-22.04", "2027-06-01"),
        ("ubuntu-24.04", "2029-05-31"),
        ("ubuntu-26.04", "2031-05-29"),
        ("fedora-44", "2027-06-02"),
        ("almalinux-9", "2032-05-31"),
        ("rocky-8", "2029-05-31"),
        ("cirros-0.6", "none"),
    ] {
        let definition = settled.definitions.get(id).unwrap();
        assert_eq!(definition.provided_until.to_string(), end, "{id}");
    }
    let ended = settled
        .definitions
        .iter()
        .filter(|definition| match definition.provided_until {
            Until::Day(day) => day < jiff::civil::date(2026, 11, 25),
            _ => false,
        });
    assert_eq!(
        ended.count(),
        0,
        "nothing is shipped that has ended already"
    );
}

/// The disks that the vendors' images have (vendors' pages): the smallest disk holds them.
#[test]
fn the_smallest_disk_holds_the_image() {
    let bytes = |family: &str| match family {
        "debian" => 3 << 30,
        "ubuntu" | "ubuntu-minimal" => 3_758_096_384_u64,
        "fedora" => 5 << 30,
        "cirros" => 112 << 20,
        _ => 10 << 30,
    };
    for definition in over(&[]).definitions.iter() {
        assert!(
            definition.min_disk << 30 >= bytes(&definition.family),
            "{}",
            definition.id
        );
    }
}

/// The dates of `assets/lifecycle.json`, which come from endoflife.date and distro-info-data, are the only ones.
#[test]
fn ends_of_support_are_those_of_the_shipped_dates() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}{name}")).unwrap();
    let dates: serde_json::Value = serde_json::from_str(&read("lifecycle.json")).unwrap();
    let end = |product: &str, release: &str, kinds: &[String]| {
        let releases = dates["products"][product]["releases"].as_array().unwrap();
        let release = releases.iter().find(|one| one["release"] == release);
        let ends = release.unwrap()["ends"].as_array().unwrap();
        // Of sources that disagree the one that counts comes first.
        let first = |kind: &String| ends.iter().find(|end| end["kind"] == **kind);
        let days = kinds.iter().filter_map(first);
        days.map(|end| end["date"].as_str().unwrap().to_owned())
            .max()
            .unwrap()
    };
    for definition in over(&[]).definitions.iter() {
        let family: serde_json::Value =
            serde_saphyr::from_str(&read(&format!("families/{}.yaml", definition.family))).unwrap();
        let lifecycle = &family["lifecycle"];
        let Some(product) = lifecycle["product"].as_str() else {
            assert_eq!(definition.provided_until, Until::None, "{}", definition.id);
            continue;
        };
        let kinds = match lifecycle["support"].as_array() {
            Some(kinds) => kinds
                .iter()
                .map(|kind| kind.as_str().unwrap().to_owned())
                .collect(),
            None => vec!["security".to_owned()],
        };
        let until = end(product, &definition.release, &kinds);
        assert_eq!(
            definition.provided_until.to_string(),
            until,
            "{}",
            definition.id
        );
        if let Some(own) = definition.properties.get("maintained_until") {
            let security = end(product, &definition.release, &["security".to_owned()]);
            assert_eq!(*own, security, "{}", definition.id);
        }
    }
}
