//! The seven vendors' whole trees, under their own names and over TLS: what is found there, and how it is believed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "mirror/build.rs"]
mod build;
#[path = "mirror/disk.rs"]
mod disk;
#[path = "../crates/origin/tests/gpg/home.rs"]
mod home;
#[path = "mirror/layout.rs"]
mod layout;
#[path = "mirror/pages.rs"]
mod pages;
#[path = "verify/run.rs"]
mod run;
#[path = "mirror/vendors.rs"]
mod vendors;

use build::{Build, shipped};
use serde_json::Value;
use vendors::Mirror;

const DAY: &str = "20260712";

const FAMILIES: [&str; 7] = [
    "almalinux",
    "cirros",
    "debian",
    "fedora",
    "rocky",
    "ubuntu",
    "ubuntu-minimal",
];

/// What `catalogue newest` says of the seven, by family and release.
fn newest(mirror: &Mirror, arch: &str) -> Vec<Value> {
    let args = [
        &["catalogue", "newest"],
        &FAMILIES[..],
        &["--arch", arch, "-f", "json"],
    ]
    .concat();
    let run = mirror.run(&args);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.json().as_array().unwrap().clone()
}

#[test]
fn the_newest_builds_of_all_seven_are_found_for_both_architectures() {
    let mirror = Mirror::shipped(DAY, &["x86_64", "aarch64"]);
    for arch in ["x86_64", "aarch64"] {
        let rows = newest(&mirror, arch);
        let mut found: Vec<[String; 4]> = rows
            .iter()
            .map(|row| {
                ["Family", "Release", "Build", "URL"]
                    .map(|key| row[key].as_str().unwrap().to_owned())
            })
            .collect();
        let mut there: Vec<[String; 4]> = shipped(DAY)
            .into_iter()
            .filter(|build| build.arch == arch)
            .map(|build| {
                let url = build.url();
                [
                    build.family.to_owned(),
                    build.release.to_owned(),
                    build.name,
                    url,
                ]
            })
            .collect();
        found.sort();
        there.sort();
        assert_eq!(found, there);
    }
}

#[test]
fn every_family_is_fetched_with_the_evidence_that_its_vendor_gives() {
    let mirror = Mirror::shipped(DAY, &["x86_64", "aarch64"]);
    for build in [
        ("almalinux", "10", "aarch64", "signed"),
        ("cirros", "0.6", "x86_64", "pinned"),
        ("debian", "13", "aarch64", "tls"),
        ("fedora", "44", "x86_64", "signed"),
        ("rocky", "9", "x86_64", "tls"),
        ("rocky", "10", "aarch64", "signed"),
        ("ubuntu", "24.04", "aarch64", "signed"),
        ("ubuntu-minimal", "26.04", "x86_64", "signed"),
    ] {
        let (family, release, arch, evidence) = build;
        let wanted = format!("{family}:{release}");
        let run = mirror.run(&["fetch", &wanted, "--arch", arch, "-f", "json"]);
        assert_eq!(run.code, 0, "{wanted}: {}", run.stderr);
        let said = run.json();
        assert_eq!(said["evidence"], evidence, "{wanted}: {said}");
        let mut all = shipped(DAY).into_iter();
        let build = all.find(|one| (one.family, one.release, one.arch) == (family, release, arch));
        let build = build.unwrap();
        let file = mirror.home.path().join(build.file());
        assert!(std::fs::read(file).unwrap() == mirror.original(&build).bytes());
    }
}

/// The name of the newest build that is found.
fn found(mirror: &Mirror, family: &str, release: &str) -> String {
    let args = ["catalogue", "newest", family, "-f", "json"];
    let run = mirror.run(&args);
    let rows = run.json();
    let mut rows = rows.as_array().unwrap().iter();
    let row = rows.find(|row| row["Release"] == release);
    row.unwrap_or_else(|| panic!("{}", run.stderr))["Build"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_new_build_is_found_and_one_that_was_taken_away_is_not() {
    let mut mirror = Mirror::new();
    let builds = [
        ("almalinux", "9", "9.8-20260526", "9.8-20260810"),
        ("cirros", "0.6", "0.6.2", "0.6.3"),
        ("debian", "13", "20260712-2537", "20260810-2566"),
        ("fedora", "44", "44-1.6", "44-1.7"),
        ("rocky", "10", "10.1-20251116.0", "10.2-20260525.0"),
        ("ubuntu", "24.04", "20260725", "20260725.1"),
        ("ubuntu-minimal", "24.04", "20260717", "20260811"),
    ];
    let of = |family, release, name| Build::of(family, release, "x86_64", name);
    mirror.publish(builds.map(|(family, release, old, _)| of(family, release, old)));
    mirror.publish(builds.map(|(family, release, _, new)| of(family, release, new)));
    for (family, release, _, new) in builds {
        assert_eq!(found(&mirror, family, release), new, "{family}");
    }
    for (family, release, old, new) in builds {
        mirror.withdraw(&of(family, release, new));
        assert_eq!(found(&mirror, family, release), old, "{family}");
    }
}

#[test]
fn a_build_that_a_stranger_signed_or_whose_image_is_another_is_not_fetched() {
    let mut mirror = Mirror::shipped(DAY, &["x86_64"]);
    for build in shipped(DAY) {
        if build.arch != "x86_64" || matches!(build.release, "8" | "22.04" | "12" | "43") {
            continue;
        }
        let wanted = format!("{}:{}", build.family, build.release);
        let refused = |mirror: &Mirror, why: &str| {
            let run = mirror.run(&["fetch", &wanted]);
            let end = (run.code, &run.stdout[..], run.stderr.contains(why));
            assert_eq!(end, (6, "", true), "{wanted}: {}", run.stderr);
            assert!(!mirror.home.path().join(build.file()).exists());
        };
        if build.key().is_some() {
            mirror.sign_as(&build, "stranger");
            refused(&mirror, "not signed by a key");
        }
        mirror.show();
        let mut bytes = mirror.original(&build).bytes();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        mirror.put(&(build.folder() + &build.file()), bytes);
        refused(&mirror, "");
        mirror.show();
    }
}
