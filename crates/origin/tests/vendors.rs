//! Which key may vouch for what, where a signature is expected, and which images claim to be whose.

#![allow(clippy::unwrap_used, clippy::panic)]

use origin::Address;
use origin::keys::Pins;

fn address(url: &str) -> Address {
    Address::typed(url).unwrap()
}

/// Where a file lies, whose it is, which keys may sign it, and whether it must be signed.
const PLACES: &[(&str, &str, &[&str], bool)] = &[
    (
        "https://cloud-images.ubuntu.com/releases/noble/release-20260705/SHA256SUMS",
        "ubuntu",
        &["ubuntu-uec"],
        true,
    ),
    (
        "http://cloud-images.ubuntu.com/noble/current/x.img",
        "ubuntu",
        &["ubuntu-uec"],
        true,
    ),
    (
        "https://cloud-images.ubuntu.com/minimal/releases/noble/release/x.img",
        "ubuntu-minimal",
        &["ubuntu-uec", "ubuntu-cloud-image-builder"],
        true,
    ),
    (
        "https://download.fedoraproject.org/pub/fedora/linux/releases/44/Cloud/x86_64/images/x.qcow2",
        "fedora",
        &["fedora-44"],
        true,
    ),
    (
        "https://archives.fedoraproject.org/pub/archive/fedora/linux/releases/41/Cloud/x",
        "fedora",
        &["fedora-41"],
        true,
    ),
    (
        "https://dl.fedoraproject.org/pub/fedora/linux/releases/test/46_Beta/Cloud/x",
        "fedora",
        &["fedora-46"],
        true,
    ),
    (
        "https://repo.almalinux.org/almalinux/9.8/cloud/x86_64/images/CHECKSUM",
        "almalinux",
        &["almalinux-9"],
        true,
    ),
    (
        "https://vault.almalinux.org/8.9/cloud/x86_64/images/CHECKSUM",
        "almalinux",
        &["almalinux-8", "almalinux-8-2021"],
        true,
    ),
    (
        "https://dl.rockylinux.org/pub/rocky/8.10/images/x86_64/x.qcow2",
        "rocky",
        &["rocky-8"],
        true,
    ),
    (
        "https://dl.rockylinux.org/pub/rocky/9/images/x86_64/x.qcow2",
        "rocky",
        &["rocky-9"],
        false,
    ),
    (
        "https://dl.rockylinux.org/vault/rocky/10.0/images/x86_64/x.qcow2",
        "rocky",
        &["rocky-10"],
        true,
    ),
    (
        "https://download.opensuse.org/distribution/leap/16.0/appliances/x.qcow2",
        "opensuse",
        &["opensuse-2022"],
        true,
    ),
    (
        "https://cloud.debian.org/images/cloud/trixie/latest/x.qcow2",
        "debian",
        &[],
        false,
    ),
    (
        "https://github.com/cirros-dev/cirros/releases/download/0.6.3/x.img",
        "cirros",
        &[],
        false,
    ),
];

#[test]
fn each_place_of_a_vendor_is_signed_by_that_vendor_s_keys_for_it() {
    let pins = Pins::shipped().unwrap();
    for (url, family, keys, signed) in PLACES {
        let expected = pins
            .expectation(&address(url))
            .unwrap_or_else(|| panic!("{url}"));
        assert_eq!(
            (expected.family.as_str(), expected.signed),
            (*family, *signed),
            "{url}"
        );
        assert_eq!(expected.keys, *keys, "{url}");
        assert_eq!(
            pins.allowed(pins.expectation(&address(url)).as_ref()).len(),
            keys.len(),
            "{url}"
        );
    }
    // A release that nobody has pinned yet may be signed by any key of its vendor, and need not be.
    let next = pins
        .expectation(&address(
            "https://dl.fedoraproject.org/pub/fedora/linux/releases/48/Cloud/x",
        ))
        .unwrap();
    assert!(!next.signed && next.keys.len() > 5);
    for url in [
        "https://ftp.gwdg.de/pub/x",
        "https://github.com/somebody/cirros/x",
        "https://cloud-images.ubuntu.com.example/x",
        "/srv/x",
    ] {
        assert_eq!(pins.expectation(&address(url)), None, "{url}");
        assert_eq!(
            pins.allowed(pins.expectation(&address(url)).as_ref()).len(),
            pins.keys().len()
        );
    }
}

#[test]
fn a_claim_is_the_longest_name_that_fits_and_only_then_the_system() {
    let pins = Pins::shipped().unwrap();
    for (name, os_distro, families) in [
        ("Ubuntu 24.04", None, &["ubuntu"][..]),
        ("ubuntu minimal 24.04", Some("ubuntu"), &["ubuntu-minimal"]),
        ("Debian 13", Some("ubuntu"), &["debian"]),
        ("Rocky 9", Some("centos"), &["rocky"]),
        ("Flatcar 4000", Some("fedora"), &["flatcar"]),
        ("web server", Some("ubuntu"), &["ubuntu", "ubuntu-minimal"]),
        ("Fedoraish", None, &[]),
        ("Debian13", None, &["debian"]),
        ("my image", None, &[]),
        ("", Some("windows"), &[]),
    ] {
        let claimed = pins.claimed(name, os_distro);
        let claimed: Vec<_> = claimed
            .iter()
            .map(|vendor| vendor.family.as_str())
            .collect();
        assert_eq!(claimed, families, "{name}");
    }
    let claimed = pins.claimed("Debian 13", None);
    assert!(Pins::is_of(
        &claimed,
        &address("https://cdimage.debian.org/cdimage/cloud/x")
    ));
    assert!(!Pins::is_of(
        &claimed,
        &address("https://debian.example/images/cloud/x")
    ));
}
