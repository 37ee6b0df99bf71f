//! Real checksum files of the vendors. The expected values were read off the files with grep.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::Path;

use origin::manifest::{Manifest, Role, Size};

fn sample(name: &str) -> Manifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name);
    Manifest::parse(&std::fs::read(path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn digest(file: &str, name: &str) -> (String, Option<Size>) {
    let listing = sample(file)
        .lookup(name, Role::Directory)
        .unwrap()
        .unwrap_or_else(|| panic!("{file}: {name}"));
    (listing.digests[0].to_string(), listing.size)
}

#[test]
fn every_line_of_every_real_file_is_read() {
    for (file, lines) in [
        ("10.1-x86_64-combined.checksum", 30),
        ("8.10-x86_64-combined.checksum", 29),
        ("9.7-aarch64-combined.checksum", 33),
        ("9.7-x86_64-combined.checksum", 33),
        ("CHECKSUM.almalinux10-x86_64", 6),
        ("CHECKSUM.almalinux9-x86_64", 6),
        ("CHECKSUM.centos-stream10-x86_64", 10),
        ("CHECKSUM.centos-stream9-s390x", 36),
        ("CHECKSUM.stream9-x86_64", 96),
        ("Fedora-Cloud-44-1.7-aarch64-CHECKSUM", 6),
        ("SHA512SUMS.trixie-daily-20260717-2542", 50),
        ("bsd.checksum", 23),
        ("centos-checksum-with-wget-log.txt", 5),
        ("gnu.checksum", 33),
        ("sha256sum.txt.centos7", 180),
        ("ubuntu-jammy-2022-SHA256SUMS", 37),
        ("ubuntu-jammy-20260722-SHA256SUMS", 69),
        ("ubuntu-noble-20260926-SHA256SUMS", 66),
    ] {
        assert_eq!(sample(file).entries().len(), lines, "{file}");
    }
}

#[test]
fn each_vendor_s_digest_is_found_under_the_image_s_name() {
    for (file, name, expected) in [
        (
            "CHECKSUM.almalinux9-x86_64",
            "AlmaLinux-9-GenericCloud-9.8-20260526.x86_64.qcow2",
            "c397eed7023e92c841155831b1f47e26300e5bef0f0256c129322307c897a251",
        ),
        (
            "CHECKSUM.almalinux9-x86_64",
            "AlmaLinux-9-GenericCloud-latest.x86_64.qcow2",
            "c397eed7023e92c841155831b1f47e26300e5bef0f0256c129322307c897a251",
        ),
        (
            "openSUSE-Leap-15.5-Minimal-VM.aarch64-Cloud.qcow2.sha256",
            "openSUSE-Leap-15.5-Minimal-VM.aarch64-Cloud.qcow2",
            "3560ca0845d797880a1a36ca84b52a6ba1d0bb1e153913312c5e9f3c9cfda56a",
        ),
        (
            "Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2.sha256",
            "Leap-16.0-Minimal-VM.x86_64-Cloud.qcow2",
            "6c3b6b2ded57aa33d73b0eef219fc65b68f08ddd384d70b4c773dc35c8c7cb81",
        ),
        (
            "ubuntu-jammy-2022-SHA256SUMS",
            "ubuntu-22.04-server-cloudimg-amd64-lxd.tar.xz",
            "c85274080e6de09eca80081393e3a366787684a59a3ce00ddc545296ea9cc8a6",
        ),
        (
            "gnu.checksum",
            "rhcos-4.9.0-x86_64-ibmcloud.x86_64.qcow2.gz",
            "c5c6be77aac71d93522a5099464f0cb8084db304dec5693933e8b970a7885185",
        ),
        (
            "centos-checksum-with-wget-log.txt",
            "CentOS-Stream-ec2-9-20211119.0.x86_64.raw.xz",
            "b5fadd02e18a1e65134cc33eb6843820d4b7be57f0531f7a243717fc8887b456",
        ),
        (
            "SHA512SUMS.trixie-daily-20260717-2542",
            "debian-13-azure-amd64-daily-20260717-2542.tar.xz",
            "0e9f0ca8b307d0fd5860c5ceb084f16af85971bb91d287f68b1e3ded9e07a6c6c6a56bb2b3338098acfa3510baee4376ab05dd940e0dbc8d1465087ad2c6f3a3",
        ),
    ] {
        assert_eq!(digest(file, name).0, expected, "{file}: {name}");
    }
}

#[test]
fn the_signed_fedora_file_gives_digest_and_length() {
    let file = "Fedora-Cloud-44-1.7-aarch64-CHECKSUM";
    assert!(sample(file).signed_text().is_some());
    let expected = "55c60a3b80d3616a08705afd0459e75fe9f03c54aba7a46e4002a41a72fa0d5b".to_owned();
    let found = digest(file, "Fedora-Cloud-Base-Generic-44-1.7.aarch64.qcow2");
    assert_eq!(found, (expected, Some(Size::Exact(528_154_624))));
}

#[test]
fn rocky_s_per_file_checksum_gives_digest_and_length() {
    let expected = "92c206cc6f790c61583247eefe87890f8828420662c17cacf247cec78ab4eec8".to_owned();
    let name = "Rocky-9-GenericCloud.latest.x86_64.qcow2";
    assert_eq!(
        digest(&format!("{name}.CHECKSUM"), name),
        (expected, Some(Size::Exact(645_988_352)))
    );
}

#[test]
fn a_length_in_kib_is_known_to_be_rounded() {
    let (_, size) = digest(
        "bsd.checksum",
        "CentOS-8-Vagrant-8.0.1905-1.x86_64.vagrant-libvirt.box",
    );
    assert_eq!(size, Some(Size::About(448_968 * 1024)));
}
