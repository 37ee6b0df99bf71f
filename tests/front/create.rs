//! Creating an image: what is sent, what is said of it, and that it is what was sent before anybody else can see it.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;
use world::Page;

use crate::glance::{Glance, ID, at, make};
use crate::run::Ended;

/// Bytes in which no two stretches are alike.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .flatten()
    .take(len)
    .collect()
}

/// A disk that no buffer between here and a server can hold.
pub(crate) const LARGE: usize = 24 << 20;

/// A qcow2 file of these bytes, by qemu-img.
pub(crate) fn qcow2(disk: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (raw, made) = (folder.path().join("d.raw"), folder.path().join("d.qcow2"));
    std::fs::write(&raw, disk).unwrap();
    let run = Command::new("qemu-img")
        .args(["convert", "-c", "-f", "raw", "-O", "qcow2"])
        .args([&raw, &made])
        .status();
    assert!(run.unwrap().success());
    std::fs::read(made).unwrap()
}

/// Whether nothing is left, and the user knows.
pub(crate) fn deleted(glance: &Glance, ended: &Ended) {
    assert!(glance.state().record.is_none(), "{}", ended.stderr);
    assert!(ended.stderr.contains("deleted again"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

/// A run that is given these bytes on standard input.
pub(crate) fn piped(glance: &Glance, bytes: &[u8], more: &[&str]) -> Ended {
    let args = ["image", "create", "mine", "--id", ID, "--file", "-"];
    let args = [&args[..], more].concat();
    let mut child = glance
        .ectype
        .command(&args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The reader may leave before the end.
    drop(stdin.write_all(bytes));
    drop(stdin);
    child.wait_with_output().unwrap().into()
}

#[test]
fn what_was_sent_is_compared_before_anybody_else_can_see_it() {
    for (flag, word) in [("--public", "public"), ("--community", "community")] {
        let glance = Glance::new();
        glance.file("disk.raw", &noise(3 << 20));
        let args = ["--file", "disk.raw", flag, "--protected", "-f", "json"];
        let ended = glance.create(&args);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
        // Whether it may become public is asked while it has no bytes; with them it is nobody else's until the end.
        let expected = [
            "POST images -".to_owned(),
            format!("PATCH image {word}"),
            "PUT file private".to_owned(),
            "PATCH image private".to_owned(),
        ];
        assert_eq!(glance.changes(), expected);
        let record = glance.state().record.clone().unwrap();
        assert_eq!(record["visibility"], word);
        assert_eq!(record["protected"], true);
        let put = glance.world.requests_to(&at("/file")).pop().unwrap();
        assert!(put.body == noise(3 << 20));
        assert_eq!(put.header("content-length"), Some("3145728"));
        assert_eq!(put.header("x-openstack-image-size"), Some("3145728"));
        assert_eq!(put.header("content-type"), Some("application/octet-stream"));
        let shown: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            (&shown["id"], &shown["status"]),
            (&json!(ID), &json!("active"))
        );
    }
}

#[test]
fn a_cloud_that_has_other_bytes_is_not_trusted() {
    let lies: [fn(&mut serde_json::Value); 3] = [
        |record| record["os_hash_value"] = json!("0".repeat(128)),
        |record| record["checksum"] = json!("0".repeat(32)),
        |record| record["size"] = json!(7),
    ];
    for lie in lies {
        for (action, status) in [
            (&[][..], Some("deactivated")),
            (&["--on-mismatch", "keep"], Some("active")),
            (&["--on-mismatch", "delete"], None),
        ] {
            let glance = Glance::new();
            glance.file("disk.raw", &noise(100_000));
            glance.state().lie = Some(lie);
            let ended = glance.create(&[&["--file", "disk.raw", "--public"], action].concat());
            assert_eq!(ended.code, 6, "{}", ended.stderr);
            assert!(ended.stderr.contains("recorded, "), "{}", ended.stderr);
            let record = glance.state().record.clone();
            let now = record
                .as_ref()
                .map(|record| record["status"].as_str().unwrap());
            assert_eq!(now, status, "{}", ended.stderr);
            if let Some(record) = record {
                assert_eq!(record["visibility"], "private");
                assert!(ended.stderr.contains(&format!("ectype image delete {ID}")));
            }
        }
    }
}

#[test]
fn an_image_that_was_there_before_is_not_touched() {
    let glance = Glance::new();
    glance.file("disk.raw", &noise(1000));
    glance.world.put(
        "/image/v2/images",
        Page::refusal(409, "Image ID exists already"),
    );
    let ended = glance.create(&["--file", "disk.raw"]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert_eq!(glance.changes(), Vec::<String>::new());
}

#[test]
fn what_comes_through_a_pipe_is_sent_in_chunks() {
    let glance = Glance::new();
    let ended = piped(&glance, &noise(3 << 20), &[]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let put = glance.world.requests_to(&at("/file")).pop().unwrap();
    assert!(put.whole && put.body == noise(3 << 20));
    assert_eq!(put.header("transfer-encoding"), Some("chunked"));
    // Unless its length is said; then it must be that.
    let glance = Glance::new();
    let ended = piped(&glance, &noise(3 << 20), &["--size", "3145728"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let put = glance.world.requests_to(&at("/file")).pop().unwrap();
    assert_eq!(put.header("content-length"), Some("3145728"));
    for wrong in ["3145727", "3145729", "9000000"] {
        let glance = Glance::new();
        let ended = piped(&glance, &noise(3 << 20), &["--size", wrong]);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        deleted(&glance, &ended);
    }
}

#[test]
fn a_record_whose_making_got_no_answer_is_found_and_used() {
    let glance = Glance::new();
    glance.file("disk.raw", &noise(100_000));
    glance.answering("/image/v2/images", |state, seen| {
        make(state, seen).without_answer()
    });
    let ended = glance.create(&["--file", "disk.raw"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(glance.world.requests_to("/image/v2/images").len(), 1);
}

#[test]
fn what_is_known_of_a_system_is_shown_and_can_be_overridden() {
    let glance = Glance::new();
    glance.file("disk.qcow2", &qcow2(&noise(3 << 20)));
    let ended = glance.create(&[
        "--file",
        "disk.qcow2",
        "--os",
        "debian:13",
        "--property",
        "os_purpose=custom",
        "--architecture",
        "aarch64",
        "--tag",
        "a",
        "--hidden",
        "--min-ram",
        "512",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stderr.starts_with("note: sending {"),
        "{}",
        ended.stderr
    );
    let record = glance.state().record.clone().unwrap();
    for (name, value) in [
        ("os_distro", json!("debian")),
        ("os_purpose", json!("custom")),
        ("architecture", json!("aarch64")),
        ("disk_format", json!("qcow2")),
        ("container_format", json!("bare")),
        ("min_disk", json!(1)),
        ("min_ram", json!(512)),
        ("tags", json!(["a"])),
        ("os_hidden", json!(true)),
        ("visibility", json!("shared")),
        ("owner_specified.openstack.object", json!("images/mine")),
    ] {
        assert_eq!(record[name], value, "{name}");
    }
}

#[test]
fn words_that_contradict_the_file_or_each_other_are_refused_before_the_cloud_is_asked() {
    let glance = Glance::new();
    glance.file("disk.qcow2", &qcow2(&noise(100_000)));
    glance.file("empty", b"");
    for args in [
        &["--file", "disk.qcow2", "--disk-format", "raw"][..],
        &["--file", "disk.qcow2", "--disk-format", "qcow3"],
        &[
            "--file",
            "disk.qcow2",
            "--disk-format",
            "qcow2",
            "--convert",
            "raw",
        ],
        &["--file", "disk.qcow2", "--property", "min_disk=4"],
        &["--file", "disk.qcow2", "--os", "debain:13"],
        &["--file", "disk.qcow2", "--all-stores"],
        &["--file", "disk.qcow2", "--size", "5"],
        &["--file", "empty"],
        &["--file", "disk.qcow2", "--uri", "http://127.0.0.1/x"],
        &[],
    ] {
        let ended = glance.create(args);
        assert_eq!(ended.code, 2, "{args:?}: {}", ended.stderr);
    }
    assert_eq!(glance.create(&["--file", "absent"]).code, 5);
    assert_eq!(glance.world.connections(), 0);
}

#[test]
fn an_image_for_another_project_is_its_maker_s_until_it_has_been_compared() {
    let glance = Glance::new();
    glance.file("disk.raw", &noise(1000));
    let other = "0123456789abcdef0123456789abcdef";
    glance.state().lie = Some(|record| assert_eq!(record["owner"], "p1"));
    let ended = glance.create(&["--file", "disk.raw", "--project", other]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let asked = glance.world.requests_to("/image/v2/images").pop().unwrap();
    let asked: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(
        asked["owner"], other,
        "whether it may be is found out first"
    );
    assert_eq!(glance.state().record.clone().unwrap()["owner"], other);
}
