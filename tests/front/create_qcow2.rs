//! A disk that becomes a qcow2 on its way into a cloud: without a file of it anywhere, and with its size said ahead.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use world::{Page, World};

use crate::create::{LARGE, deleted, noise, piped};
use crate::glance::{Glance, at};
use crate::save::sum;

/// A disk with data that becomes smaller, data that does not, and holes.
pub(crate) fn disk() -> Vec<u8> {
    let mut disk = noise(9 << 20);
    disk[1 << 20..2 << 20].fill(b'e');
    disk[3 << 20..7 << 20].fill(0);
    disk
}

/// The same disk as a file of another format, by qemu-img.
pub(crate) fn made(disk: &[u8], format: &str, options: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (raw, made) = (folder.path().join("raw"), folder.path().join("made"));
    fs::write(&raw, disk).unwrap();
    let run = Command::new("qemu-img")
        .args(["convert", "-f", "raw", "-O", format, "-o", options])
        .args([&raw, &made])
        .status();
    assert!(run.unwrap().success());
    fs::read(made).unwrap()
}

/// That qemu-img has nothing to say about `file`, and finds this disk in it.
pub(crate) fn assert_is(file: &Path, format: &str, disk: &[u8], what: &str) {
    let raw = tempfile::NamedTempFile::new().unwrap();
    fs::write(raw.path(), disk).unwrap();
    let qemu = |args: &[&str]| {
        let out = Command::new("qemu-img").args(args).output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{what}: {args:?}: {said}");
        said
    };
    let (file, raw) = (file.to_str().unwrap(), raw.path().to_str().unwrap());
    if format == "qcow2" {
        let said = qemu(&["check", "-f", "qcow2", file]);
        assert!(said.contains("No errors were found"), "{what}: {said}");
    }
    let said = qemu(&["compare", "-f", "raw", "-F", format, raw, file]);
    assert_eq!(said.trim(), "Images are identical.", "{what}");
}

#[test]
fn any_disk_becomes_a_qcow2_whose_size_is_said_ahead() {
    let world = World::start();
    world.put("/disk", Page::bytes(disk()).without_ranges());
    let url = world.url("/disk");
    let vmdk = made(&disk(), "vmdk", "subformat=streamOptimized");
    for (file, bytes, more) in [
        ("disk.raw", disk(), &[][..]),
        ("disk.raw", disk(), &["--compress", "zstd"]),
        ("disk.raw", disk(), &["--compress", "none"]),
        ("disk.raw", disk(), &["--disk-format", "qcow2"]),
        ("disk.vmdk", vmdk, &[]),
        (&url, disk(), &[]),
    ] {
        let what = format!("{file} {more:?}");
        let glance = Glance::new();
        if file != url {
            glance.file(file, &bytes);
        }
        let ended = glance.create(&[&["--file", file, "--convert", "qcow2"], more].concat());
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{what}");
        let put = glance.world.requests_to(&at("/file")).pop().unwrap();
        let size = put.body.len().to_string();
        assert!(put.whole, "{what}");
        assert_eq!(put.header("content-length"), Some(&*size), "{what}");
        assert_eq!(put.header("x-openstack-image-size"), Some(&*size), "{what}");
        glance.file("sent", &put.body);
        assert_is(&glance.ectype.home().join("sent"), "qcow2", &disk(), &what);
        let record = glance.state().record.clone().unwrap();
        assert_eq!(record["disk_format"], "qcow2", "{what}");
        assert_eq!(record["min_disk"], 1, "{what}");
        let md5 = &record["owner_specified.openstack.md5"];
        assert_eq!(md5, &json!(sum("md5sum", &bytes)), "{what}");
    }
}

#[test]
fn a_disk_that_ends_inside_a_sector_is_filled_with_a_warning() {
    let glance = Glance::new();
    glance.file("disk.raw", &noise(100_000));
    let ended = glance.create(&["--file", "disk.raw", "--convert", "qcow2"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("352 zeros"), "{}", ended.stderr);
    let put = glance.world.requests_to(&at("/file")).pop().unwrap();
    glance.file("sent", &put.body);
    let mut disk = noise(100_000);
    disk.resize(100_352, 0);
    assert_is(&glance.ectype.home().join("sent"), "qcow2", &disk, "filled");
}

#[test]
fn what_cannot_be_read_twice_is_refused_before_the_cloud_is_asked() {
    let glance = Glance::new();
    let ended = piped(&glance, &noise(100_000), &["--convert", "qcow2"]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("twice"), "{}", ended.stderr);
    assert!(ended.stderr.contains("ectype convert"), "{}", ended.stderr);
    let fifo = glance.ectype.home().join("fifo");
    assert!(Command::new("mkfifo").arg(fifo).status().unwrap().success());
    glance.file("disk.raw", &noise(100_000));
    for args in [
        &["--file", "fifo", "--convert", "qcow2"][..],
        &["--file", "disk.raw", "--compress", "zstd"],
        &[
            "--file",
            "disk.raw",
            "--convert",
            "raw",
            "--compress",
            "zstd",
        ],
        &[
            "--file",
            "disk.raw",
            "--convert",
            "qcow2",
            "--disk-format",
            "raw",
        ],
    ] {
        let ended = glance.create(args);
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.stderr);
    }
    assert_eq!(glance.world.connections(), 0);
}

#[test]
fn a_file_that_changes_between_its_readings_never_becomes_an_image() {
    let world = World::start();
    let mut other = disk();
    other[8 << 20] ^= 1;
    let page = |bytes| Page::bytes(bytes).without_ranges();
    world.put_each("/disk", [page(disk()), page(other)]);
    let glance = Glance::new();
    let ended = glance.create(&["--file", &world.url("/disk"), "--convert", "qcow2"]);
    assert_eq!(ended.code, 7, "{}", ended.stderr);
    assert!(ended.stderr.contains("changed"), "{}", ended.stderr);
    let put = glance.world.requests_to(&at("/file")).pop();
    assert!(put.is_none_or(|put| !put.whole));
    deleted(&glance, &ended);
}

#[test]
fn a_qcow2_made_on_the_way_is_compared_and_sent_again_like_any_other() {
    let glance = Glance::new();
    glance.file("disk.raw", &disk());
    glance.state().lie = Some(|record| record["os_hash_value"] = json!("0".repeat(128)));
    let ended = glance.create(&["--file", "disk.raw", "--convert", "qcow2", "--public"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    let record = glance.state().record.clone().unwrap();
    assert_eq!(record["status"], "deactivated");
    assert_eq!(record["visibility"], "private");
    // A token that ends in the middle.
    let glance = Glance::new();
    glance.file("disk.raw", &noise(LARGE));
    let refused = Page::refusal(401, "authenticate").early(1000);
    let pages = [refused, glance.taker()];
    glance.world.put_each(&at("/file"), pages);
    let ended = glance.create(&["--file", "disk.raw", "--convert", "qcow2"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let put = glance.world.requests_to(&at("/file")).pop().unwrap();
    glance.file("sent", &put.body);
    let sent = glance.ectype.home().join("sent");
    assert_is(&sent, "qcow2", &noise(LARGE), "again");
}
