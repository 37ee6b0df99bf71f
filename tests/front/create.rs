//! Creating an image in a cloud that refuses, cuts, stalls and lies: it is what was sent, or it is gone, or it is said.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

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
const LARGE: usize = 24 << 20;

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

fn deleted(glance: &Glance, ended: &Ended) {
    assert!(glance.state().record.is_none(), "{}", ended.stderr);
    assert!(ended.stderr.contains("deleted again"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
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
fn a_refusal_in_the_middle_is_told_in_the_cloud_s_words_and_nothing_is_left() {
    for (status, words, code) in [
        (413, "Image exceeds the storage quota", 4),
        (413, "Image storage media is full", 4),
        (
            409,
            "Image status transition from active to saving is not allowed",
            4,
        ),
        (415, "Image failed safety checks", 4),
        (403, "Not allowed to upload image data", 4),
        (400, "Store for identifier nowhere not found", 4),
        (503, "Insufficient permissions on image storage media", 7),
    ] {
        let glance = Glance::new();
        glance.file("disk.raw", &noise(LARGE));
        glance
            .world
            .put(&at("/file"), Page::refusal(status, words).early(1 << 20));
        let ended = glance.create(&["--file", "disk.raw"]);
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
        assert!(
            ended.stderr.contains(&status.to_string()),
            "{}",
            ended.stderr
        );
        deleted(&glance, &ended);
    }
}

#[test]
fn a_server_that_stalls_or_cuts_ends_in_7_and_nothing_is_left() {
    for page in [
        Page::status(204).stall_body(1 << 20),
        Page::status(204).cut_body(1 << 20),
        Page::status(204).without_answer(),
    ] {
        let glance = Glance::new();
        glance.file("disk.raw", &noise(LARGE));
        glance.world.put(&at("/file"), page);
        let ended = glance.create(&["--file", "disk.raw", "--stall-timeout", "1"]);
        assert_eq!(ended.code, 7, "{}", ended.stderr);
        deleted(&glance, &ended);
    }
}

#[test]
fn a_damaged_file_never_becomes_an_image() {
    let whole = qcow2(&noise(8 << 20));
    let glance = Glance::new();
    glance.file("disk.qcow2", &whole[..whole.len() / 2]);
    let ended = glance.create(&["--file", "disk.qcow2", "--convert", "raw"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    deleted(&glance, &ended);
    let sent = || glance.world.requests_to(&at("/file"));
    while sent().is_empty() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(sent().iter().all(|seen| !seen.whole));
    // What cannot be read at all is refused before the cloud is asked for anything.
    let glance = Glance::new();
    let mut backed = whole;
    backed[8..16].copy_from_slice(&120_u64.to_be_bytes());
    backed[16..20].copy_from_slice(&4_u32.to_be_bytes());
    glance.file("disk.qcow2", &backed);
    let ended = glance.create(&["--file", "disk.qcow2"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    assert_eq!(glance.world.connections(), 0);
}

#[test]
fn what_cannot_be_deleted_is_named_with_the_command_that_does_it() {
    let glance = Glance::new();
    glance.file("disk.raw", &noise(LARGE));
    glance.world.put(
        &at("/file"),
        Page::refusal(413, "Image exceeds the storage quota").early(0),
    );
    glance
        .world
        .put(&at(""), Page::refusal(403, "deleting is for others"));
    let ended = glance.create(&["--file", "disk.raw"]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    let command = format!("`ectype image delete {ID}`");
    assert!(ended.stderr.contains(&command), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("deleting is for others"),
        "{}",
        ended.stderr
    );
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
fn a_token_that_ends_in_the_middle_is_renewed_where_the_bytes_can_be_had_again() {
    let refused =
        || Page::refusal(401, "The request you have made requires authentication.").early(1000);
    let log_ins = |glance: &Glance| glance.world.requests_to("/v3/auth/tokens").len();
    let glance = Glance::new();
    glance.file("disk.raw", &noise(LARGE));
    let pages = [refused(), glance.taker()];
    glance.world.put_each(&at("/file"), pages);
    let ended = glance.create(&["--file", "disk.raw", "--public"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(log_ins(&glance), 2);
    let sent = glance.world.requests_to(&at("/file"));
    assert!(sent[1].body == noise(LARGE));
    // A pipe gives its bytes once.
    let glance = Glance::new();
    glance.world.put(&at("/file"), refused());
    let ended = piped(&glance, &noise(LARGE), &[]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    deleted(&glance, &ended);
}

/// A run that is given these bytes on standard input.
fn piped(glance: &Glance, bytes: &[u8], more: &[&str]) -> Ended {
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
fn a_signal_in_the_middle_takes_the_image_away() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let glance = Glance::new();
        glance.file("disk.raw", &noise(LARGE));
        glance
            .world
            .put(&at("/file"), Page::status(204).stall_body(1 << 20));
        let mut command = glance
            .ectype
            .command(&["image", "create", "mine", "--id", ID, "--file", "disk.raw"]);
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while glance.world.requests_to(&at("/file")).is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let kill = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(ended.code, code, "{}", ended.stderr);
        deleted(&glance, &ended);
    }
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
