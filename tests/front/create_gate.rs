//! The gate before a cloud: what must not get there is refused before anything is made, or before it is whole.

use std::fs;
use std::process::Command;

use world::{Page, World};

use crate::create::{deleted, noise, piped, qcow2};
use crate::glance::Glance;

/// A file by `qemu-img create`.
fn created(format: &str, options: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let run = Command::new("qemu-img")
        .args(["create", "-q", "-f", format, "-o", options])
        .args([made.to_str().unwrap(), "4M"])
        .current_dir(folder.path())
        .status();
    assert!(run.unwrap().success());
    fs::read(made).unwrap()
}

/// A qcow2 that is an ISO as well: its first cluster has room for a volume descriptor.
fn two_things() -> Vec<u8> {
    let mut image = qcow2(&noise(1 << 20));
    image[32_768..32_774].copy_from_slice(b"\x01CD001");
    image
}

/// A disk whose only partition ends behind it, as in a download that was cut.
fn cut_disk() -> Vec<u8> {
    let mut disk = noise(3 << 20);
    disk[..512].fill(0);
    disk[446..462].copy_from_slice(&[0, 0, 2, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0x10, 0]);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    disk
}

#[test]
fn what_the_first_bytes_tell_against_is_refused_before_anything_is_made() {
    for (file, code) in [
        (created("qcow2", "extended_l2=on"), "extended-l2"),
        (created("vmdk", "subformat=monolithicFlat"), "another file"),
        (two_things(), "several-formats"),
    ] {
        let world = World::start();
        world.put("/f", Page::bytes(file.clone()));
        let url = world.url("/f");
        let ways = [
            |_: &str, glance: &Glance| glance.create(&["--file", "f"]),
            |url: &str, glance: &Glance| glance.create(&["--file", url]),
            |url: &str, glance: &Glance| glance.create(&["--uri", url]),
            |url: &str, glance: &Glance| glance.create(&["--uri", url, "--disk-format", "qcow2"]),
        ];
        for way in ways {
            let glance = Glance::new();
            glance.file("f", &file);
            let ended = way(&url, &glance);
            assert_eq!(ended.code, 6, "{code}: {}", ended.stderr);
            assert!(ended.stderr.contains(code), "{code}: {}", ended.stderr);
            assert_eq!(glance.changes(), Vec::<String>::new(), "{code}");
        }
        let glance = Glance::new();
        let ended = piped(&glance, &file, &[]);
        assert_eq!(ended.code, 6, "{code}: {}", ended.stderr);
        assert_eq!(glance.changes(), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn what_only_the_end_tells_is_refused_before_the_cloud_has_the_end() {
    let glance = Glance::new();
    glance.file("f", &cut_disk());
    let ended = glance.create(&["--file", "f"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("partition-outside"),
        "{}",
        ended.stderr
    );
    assert_eq!(glance.changes(), Vec::<String>::new());
    for more in [&[][..], &["--size", "3145728"]] {
        let glance = Glance::new();
        let ended = piped(&glance, &cut_disk(), more);
        assert_eq!(ended.code, 6, "{}", ended.stderr);
        assert!(
            ended.stderr.contains("partition-outside"),
            "{}",
            ended.stderr
        );
        deleted(&glance, &ended);
    }
}

#[test]
fn a_qcow2_that_glance_would_not_take_is_sent_as_the_disk_in_it() {
    let glance = Glance::new();
    glance.file("f", &created("qcow2", "extended_l2=on"));
    let ended = glance.create(&["--file", "f", "--convert", "raw"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let record = glance.state().record.clone().unwrap();
    assert_eq!(
        (&record["disk_format"], &record["size"]),
        (&"raw".into(), &(4 << 20).into())
    );
}
