//! Verifying at the push of a button: what comes of it, who may, and how much at once.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use dashboard::limits::MAX_WAITING;
use serde_json::{Value, json};
use world::Page;

use crate::rig::{Rig, Setup};

/// What `md5sum` says of these bytes.
fn md5sum(bytes: &[u8]) -> String {
    let mut child = Command::new("md5sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let out = child.wait_with_output().unwrap();
    String::from_utf8(out.stdout).unwrap()[..32].to_owned()
}

/// A cloud with an image of this id, whose record says that `stored` is stored and its original is at `path`.
fn image(rig: &Rig, id: &str, stored: &[u8], path: &str) {
    let record = json!({"id": id, "name": format!("image {id}"), "status": "active", "visibility": "public",
        "disk_format": "raw", "size": stored.len(), "checksum": md5sum(stored), "image_source": rig.cloud.url(path)});
    rig.cloud
        .put(&format!("/v2/images/{id}"), Page::bytes(record.to_string()));
}

fn rig(public: bool) -> Rig {
    Rig::with(Setup {
        proving: Some(public),
        ..Setup::default()
    })
}

fn push(rig: &Rig, id: &str) -> u16 {
    let (cookies, token) = rig.visit("");
    rig.post(
        &format!("/images/{id}/verify"),
        &cookies,
        &[("token", &token)],
    )
    .status
}

fn standing(rig: &Rig, id: &str) -> Value {
    let answer = rig.get(&format!("/images/{id}/standing"), "");
    serde_json::from_str(&answer.body).unwrap()
}

/// The verdict's word, once there is one.
fn verdict(rig: &Rig, id: &str) -> String {
    loop {
        let standing = standing(rig, id);
        if standing["busy"] == false {
            return standing["verdict"].as_str().unwrap().to_owned();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_button_gives_the_verdict_with_its_reason() {
    let rig = rig(true);
    let original = vec![7; 4096];
    rig.cloud
        .put("/vendor/disk.raw", Page::bytes(original.clone()));
    image(&rig, "same", &original, "/vendor/disk.raw");
    image(&rig, "other", &[8; 4096], "/vendor/disk.raw");
    image(&rig, "gone", &original, "/vendor/gone.raw");
    for (id, word, says) in [
        ("same", "identical", "those of the original"),
        ("other", "different", "digests-differ"),
        ("gone", "undecided", "source-gone"),
    ] {
        assert_eq!(standing(&rig, id)["verdict"], "");
        assert_eq!(push(&rig, id), 303);
        assert_eq!(verdict(&rig, id), word);
        let page = rig.get(&format!("/images/{id}"), "");
        assert!(page.body.contains(says), "{}", page.body);
    }
    // Nobody vouches for the original, which is said beside the word.
    let page = rig.get("/images/same", "").body;
    assert!(page.contains("Identical, with a caution"), "{page}");
    let activity = rig.get("/activity", "").body;
    assert!(activity.contains("verification") && activity.contains("different"));
}

#[test]
fn a_verdict_is_about_the_bytes_that_it_was_made_of() {
    let rig = rig(true);
    rig.cloud
        .put("/vendor/disk.raw", Page::bytes(vec![7; 4096]));
    image(&rig, "same", &[7; 4096], "/vendor/disk.raw");
    push(&rig, "same");
    assert_eq!(verdict(&rig, "same"), "identical");
    image(&rig, "same", &[9; 4096], "/vendor/disk.raw");
    assert_eq!(standing(&rig, "same")["verdict"], "");
}

#[test]
fn who_has_not_logged_in_may_not_where_others_come_and_who_has_may() {
    let rig = rig(false);
    image(&rig, "same", &[7; 4096], "/vendor/disk.raw");
    assert!(!rig.get("/images/same", "").body.contains("Verify now"));
    assert_eq!(push(&rig, "same"), 403);
    let session = rig.log_in();
    let token = rig.get("/images/same", &session).token();
    let answer = rig.post("/images/same/verify", &session, &[("token", &token)]);
    assert_eq!(answer.status, 303);
}

#[test]
fn one_push_or_several_read_an_original_once_and_no_more_than_the_limit_wait() {
    let rig = rig(true);
    rig.cloud.put(
        "/vendor/slow.raw",
        Page::bytes(vec![7; 4096]).stall_after(100),
    );
    for number in 0..=MAX_WAITING {
        image(&rig, &format!("n{number}"), &[7; 4096], "/vendor/slow.raw");
    }
    for number in 0..MAX_WAITING {
        assert_eq!(push(&rig, &format!("n{number}")), 303);
    }
    assert_eq!(push(&rig, "n0"), 303);
    assert_eq!(push(&rig, &format!("n{MAX_WAITING}")), 503);
    assert_eq!(standing(&rig, "n1")["busy"], true);
    while rig.cloud.requests_to("/vendor/slow.raw").is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(rig.get("/images/n0", "").body.contains("Verifying"));
    assert_eq!(rig.cloud.requests_to("/vendor/slow.raw").len(), 1);
}
