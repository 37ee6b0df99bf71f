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
