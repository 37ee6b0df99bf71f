//! Creating an image in a cloud that refuses, stalls, cuts and loses answers: nothing is left, and it is said why.

use std::process::{Command, Stdio};
use std::time::Duration;

use world::Page;

use crate::create::{LARGE, deleted, noise, piped, qcow2};
use crate::glance::{Glance, ID, at};
use crate::run::Ended;

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
    for convert in [&["--convert", "raw"][..], &[]] {
        let glance = Glance::new();
        let half = &whole[..whole.len() / 2];
        let ended = piped(&glance, half, convert);
        assert_eq!(ended.code, 6, "{convert:?}: {}", ended.stderr);
        deleted(&glance, &ended);
        let sent = || glance.world.requests_to(&at("/file"));
        while sent().is_empty() {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(sent().iter().all(|seen| !seen.whole), "{convert:?}");
    }
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
fn bytes_whose_answer_was_lost_are_compared_if_the_cloud_has_them() {
    for lost in [
        Page::status(204).without_answer(),
        Page::refusal(504, "a proxy has lost patience"),
    ] {
        for (stored, code) in [(true, 0), (false, 7)] {
            let glance = Glance::new();
            glance.file("disk.raw", &noise(100_000));
            if stored {
                glance.takes_then(lost.clone());
            } else {
                glance.world.put(&at("/file"), lost.clone());
            }
            let ended = glance.create(&["--file", "disk.raw"]);
            assert_eq!(ended.code, code, "{}", ended.stderr);
            assert_eq!(glance.state().record.is_some(), stored);
        }
    }
}
