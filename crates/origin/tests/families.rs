//! The shipped family files: the addresses that they give are those of real builds, and a wrong file says where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};

use origin::family::{Fields, Template};
use origin::{Families, Family};

/// The vendor's other name for the same tree, and where CirrOS publishes the same file a second time.
fn one_name(url: &str) -> String {
    url.replace(
        "https://cdimage.debian.org/cdimage/cloud/",
        "https://cloud.debian.org/images/cloud/",
    )
    .replace(
        "https://download.fedoraproject.org/",
        "https://dl.fedoraproject.org/",
    )
    .replace(
        "https://github.com/cirros-dev/cirros/releases/download/",
        "https://download.cirros-cloud.net/",
    )
    .replace(
        "http://ftp-archive.freebsd.org/pub/FreeBSD-Archive/old-releases/",
        "https://download.freebsd.org/releases/",
    )
}

#[test]
fn the_addresses_of_known_builds_are_those_that_the_families_give() {
    let families = Families::load(&[]).unwrap_or_else(|e| panic!("{e}"));
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let known = std::fs::read_to_string(samples.join("known-builds.txt")).unwrap();
    let known: Vec<(&str, &str)> = known
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .collect();
    assert!(known.len() > 70);
    for (name, url) in known {
        let family = families.get(name).unwrap();
        let whole = family
            .url
            .to_string()
            .replace("{build}", &family.build.to_string());
        let template = Template::parse(&whole).unwrap();
        let mut patterns = family.fields.clone();
        patterns.insert("release".to_owned(), r"[0-9]+(\.[0-9]+)?".to_owned());
        patterns.insert("codename".to_owned(), "[a-z]+".to_owned());
        let fits = family.architectures.keys().any(|arch| {
            let mut fields: Fields = family.arch(arch).unwrap();
            fields.insert("base".to_owned(), family.base.to_string());
            template
                .reader(&fields, &patterns)
                .unwrap()
                .read(&one_name(url))
                .is_some()
        });
        assert!(fits, "{name}: {url}\n{whole}");
    }
}

#[test]
fn a_family_file_that_is_wrong_says_where() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/families/debian.yaml");
    let good = std::fs::read_to_string(shipped).unwrap();
    let path = PathBuf::from("debian.yaml");
    assert!(Family::parse(&good, &path).is_ok());
    let line = |text: &str| {
        let lines = good.lines().map(str::trim_start);
        1 + lines
            .into_iter()
            .position(|line| line.starts_with(text))
            .unwrap()
    };
    for (from, to, at, says) in [
        ("hosts:", "hostz:", line("hosts:"), "hostz"),
        (
            "https://cloud.debian.org/images/cloud/",
            "http://cloud.debian.org/",
            line("base:"),
            "https",
        ),
        ("[cloud.debian.org, cd", "[cd", line("base:"), "hosts"),
        ("'[0-9]+'", "'[0-9'", line("number:"), "pattern"),
        ("build: \"{date}", "build: \"{dote}", line("build:"), "dote"),
        (
            "read: listing",
            "read: list",
            line("- read: listing"),
            "list",
        ),
        ("min_ram: 512", "min_ram: much", line("min_ram:"), ""),
    ] {
        assert!(good.contains(from), "{from}");
        let error = Family::parse(&good.replace(from, to), &path)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("line {at}:")) && error.contains(says),
            "{to}: {error}"
        );
    }
}
