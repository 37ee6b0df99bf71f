//! The two streams: the answer on one, everything else on the other, and nothing that a pipe should not carry.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::fake::{cloud, image, user_of};
use crate::run::Ectype;

#[test]
fn a_pipe_never_carries_an_escape_sequence() {
    let world = cloud(&json!([image(1, "a\u{1b}[31mred\u{1b}[0m \u{9b}2J")]));
    let runs: &[&[&str]] = &[
        &["--help"],
        &["image", "list"],
        &["image", "list", "--long", "-f", "table"],
        &["image", "list", "--frob"],
        &["image", "show", "nowhere"],
        &["cloud", "show", "-vv"],
    ];
    let plain = user_of(&world);
    let wishes = [
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("TERM", "xterm-256color"),
    ];
    let users = wishes.map(|(name, value)| user_of(&world).env(name, value));
    for ectype in users.iter().chain([&plain]) {
        for args in runs {
            let ended = ectype.run(args);
            assert!(
                !ended.stdout.contains('\u{1b}'),
                "{args:?} {}",
                ended.stdout
            );
            assert!(
                !ended.stderr.contains('\u{1b}'),
                "{args:?} {}",
                ended.stderr
            );
            assert!(!ended.stderr.contains('\r'), "{args:?} {}", ended.stderr);
        }
    }
}

#[test]
fn colour_comes_only_when_it_is_forced() {
    let ectype = Ectype::new();
    assert!(
        ectype
            .answer(&["--help", "--color", "always"])
            .contains('\u{1b}')
    );
    assert!(
        ectype
            .run(&["--color=always", "--frob"])
            .stderr
            .starts_with("\u{1b}[1;31merror:")
    );
    let forced = Ectype::new().env("CLICOLOR_FORCE", "1");
    assert!(forced.run(&["--frob"]).stderr.contains('\u{1b}'));
    assert!(
        !forced
            .run(&["--frob", "--color", "never"])
            .stderr
            .contains('\u{1b}')
    );
}

#[test]
fn failures_leave_standard_output_empty_and_begin_with_error() {
    let world = cloud(&json!([]));
    let ectype = user_of(&world);
    let runs: &[&[&str]] = &[
        &[],
        &["image"],
        &["--frob"],
        &["image", "list", "-c", "colour"],
        &["image", "list", "-f", "shell"],
        &["image", "list", "--sort", "name:up"],
        &["image", "show", "x", "-f", "csv"],
        &["image", "show", "nowhere", "-f", "json"],
        &["image", "list", "--os-cloud", "nowhere"],
        &["image", "list", "--project", "not-an-id"],
        &["completions", "tcsh"],
        &["man", "/dev/null/x"],
    ];
    for args in runs {
        let ended = ectype.run(args);
        assert_ne!(ended.code, 0, "{args:?}");
        assert_eq!(ended.stdout, "", "{args:?}");
        assert!(
            ended.stderr.starts_with("error: "),
            "{args:?} {}",
            ended.stderr
        );
        let first = ended.stderr.lines().next().unwrap();
        assert!(!first.ends_with('.'), "{first}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let images: Vec<Value> = (0..5000)
        .map(|number| image(number, "a long enough name"))
        .collect();
    let world = cloud(&Value::from(images));
    let ectype = user_of(&world);
    let mut command = ectype.command(&["image", "list", "--long", "-f", "value"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(
        (out.status.code(), out.stderr.as_slice()),
        (Some(0), &b""[..])
    );
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let ectype = Ectype::new();
    let mut command = ectype.command(&["--help"]);
    let out = command
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(7));
    assert!(out.stderr.starts_with(b"error: cannot write the answer"));
}
