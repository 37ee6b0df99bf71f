//! What a service cannot start from: it says what and where, ends with the code of docs/exit-codes.md, and changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve/cloud.rs"]
mod cloud;
#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve/mount.rs"]
mod mount;
#[path = "serve/replica.rs"]
mod replica;

use std::path::Path;
use std::process::{Command, Output};

use http::Request;
use mount::{Fixed, ReadOnly};
use replica::{Places, Replica, ectype, skipped};
use world::Postgres;
use world::noise;

/// What comes of a start that is to fail; one that does not is ended, with 124.
fn start(data: &Path, arguments: &[&str]) -> Output {
    let program = ectype();
    let mut command = Command::new("timeout");
    command.env_clear().arg("60").arg(program.get_program());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data).args(arguments).output().unwrap()
}

fn scrub(data: &Path) -> Output {
    let mut command = ectype();
    command.args(["serve", "scrub", "--data"]).arg(data);
    command.output().unwrap()
}

/// It has ended with the code, and says something with all of these words.
#[track_caller]
fn refused(out: &Output, code: i32, words: &[&str]) {
    let text = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(code), "{text}");
    assert!(text.contains("error: "), "{text}");
    for word in words {
        assert!(text.contains(word), "no `{word}`: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
    assert!(out.stdout.is_empty(), "{out:?}");
}

/// A folder with a service that was started, has an image and was ended.
fn used() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let service = Replica::start(&data, &Places::default(), &[]);
    let token = service.log_in();
    service.caller(&token).active(&noise(1, 50_000));
    assert!(service.end().success());
    (folder, data)
}

/// Runs statements on an SQLite database, by another program than ours.
fn sqlite(file: &Path, statements: &str) {
    let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.executescript(sys.argv[2])\nc.close()";
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(file).arg(statements);
    let out = python.output().unwrap();
    assert!(out.status.success(), "{out:?}");
}

#[test]
fn a_file_that_is_no_database_is_said_so_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ectype.db");
    let junk = noise(2, 100_000);
    let mut torn = b"SQLite format 3\0".to_vec();
    torn.extend_from_slice(&junk);
    for bytes in [b"not a database, a letter\n".to_vec(), junk, torn] {
        std::fs::write(&file, &bytes).unwrap();
        let out = start(folder.path(), &[]);
        refused(&out, 3, &["database", "hint: "]);
        assert!(std::fs::read(&file).unwrap() == bytes, "it was changed");
        for words in [&["user", "list"][..], &["scrub"], &["collect"]] {
            let mut command = ectype();
            command.arg("serve").args(words).arg("--data");
            let out = command.arg(folder.path()).output().unwrap();
            refused(&out, 3, &["database"]);
            assert!(std::fs::read(&file).unwrap() == bytes, "it was changed");
        }
    }
}

#[test]
fn a_database_that_is_damaged_is_said_so_and_stays_as_it_is() {
    let (_folder, data) = used();
    let file = data.join("ectype.db");
    let mut bytes = std::fs::read(&file).unwrap();
    // All is in the one file after an end in good order.
    assert!(bytes.len() > 50_000 && !data.join("ectype.db-wal").exists());
    bytes[100..].fill(0x5a);
    std::fs::write(&file, &bytes).unwrap();
    refused(&start(&data, &[]), 3, &["database", "hint: "]);
    assert!(std::fs::read(&file).unwrap() == bytes, "it was changed");
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    for owner in ["identity", "images", "metadefs"] {
        let (_folder, data) = used();
        let file = data.join("ectype.db");
        let step = format!("INSERT INTO migrations (owner, step) VALUES ('{owner}', 1000)");
        sqlite(&file, &step);
        let bytes = std::fs::read(&file).unwrap();
        let out = start(&data, &[]);
        refused(&out, 3, &["newer ectype", owner, "1000"]);
        assert!(std::fs::read(&file).unwrap() == bytes, "it was changed");
        let mut command = ectype();
        command.args(["serve", "collect", "--data"]);
        let out = command.arg(&data).output().unwrap();
        if owner != "identity" {
            refused(&out, 3, &["newer ectype"]);
        }
        assert!(std::fs::read(&file).unwrap() == bytes, "it was changed");
    }
}

#[test]
fn what_is_in_the_way_of_the_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    refused(&start(&file, &[]), 3, &[file.to_str().unwrap()]);
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    for name in ["ectype.db", "spool", "store", "lock", "config.yaml"] {
        let data = folder.path().join(format!("with-{name}"));
        std::fs::create_dir(&data).unwrap();
        let odd = data.join(name);
        match name {
            "spool" | "store" => std::fs::write(&odd, "mine").unwrap(),
            _ => std::fs::create_dir(&odd).unwrap(),
        }
        refused(&start(&data, &[]), 3, &[name]);
    }
}

#[test]
fn a_folder_of_images_that_is_away_is_named_and_not_made_anew() {
    let (_folder, data) = used();
    let (store, away) = (data.join("store"), data.join("away"));
    std::fs::rename(&store, &away).unwrap();
    for out in [start(&data, &[]), scrub(&data)] {
        refused(&out, 3, &[store.to_str().unwrap(), "mount or make it"]);
    }
    assert!(!store.exists());
    std::fs::rename(&away, &store).unwrap();
    assert!(scrub(&data).status.success());
}

#[test]
fn a_folder_that_may_not_be_written_is_named_and_left_alone() {
    let (_folder, data) = used();
    let Some(only) = ReadOnly::of("a read-only folder", &data) else {
        return;
    };
    let text = data.display().to_string();
    refused(&start(&data, &[]), 3, &[&text, "ead-only"]);
    drop(only);
    // As if nothing had been.
    let service = Replica::start(&data, &Places::default(), &[]);
    assert!(service.end().success());
    let store = data.join("store");
    let only = ReadOnly::of("a read-only store", &store).unwrap();
    let service = Replica::start(&data, &Places::default(), &[]);
    let token = service.log_in();
    let caller = service.caller(&token);
    let id = caller.queued();
    let answer = caller.upload(&id, b"bytes").expect(503);
    assert!(answer.text().contains("permissions"), "{answer}");
    assert_eq!(caller.status(&id), "queued");
    drop(only);
    caller.upload(&id, b"bytes").expect(204);
    assert!(service.end().success());
}

#[test]
fn a_folder_that_becomes_unwritable_costs_nothing_that_was_there() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let data = folder.path().join("service");
    let mut service = Replica::start(&data, &Places::default(), &[]);
    let token = service.log_in();
    let caller = service.caller(&token);
    let bytes = noise(3, 70_000);
    let id = caller.active(&bytes);
    for (seed, place) in [(4, "spool"), (5, "store/sha512")] {
        let Some(fixed) = Fixed::of("a folder that is fixed", &data.join(place)) else {
            return;
        };
        let other = caller.queued();
        let answer = caller.upload(&other, &noise(seed, 70_000)).expect(503);
        assert!(answer.text().contains("permissions"), "{answer}");
        assert_eq!(caller.status(&other), "queued");
        assert!(caller.down(&id).expect(200).body == bytes);
        drop(fixed);
        caller.upload(&other, &noise(seed, 70_000)).expect(204);
        caller.delete(&other).expect(204);
    }
    assert!(service.is_alive());
    let files = Command::new("find")
        .args([data.join("store"), data.join("spool")])
        .args(["-type", "f"])
        .output()
        .unwrap();
    let files = String::from_utf8(files.stdout).unwrap();
    assert_eq!(files.lines().count(), 1, "{files}");
}

#[test]
fn a_database_server_that_refuses_is_told_from_one_that_is_away() {
    let Some(postgres) = Postgres::start() else {
        skipped("a database server", "PostgreSQL is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let address = postgres.fresh();
    let nowhere = address.replace("/t0", "/nowhere");
    let out = start(&data, &["--database", &nowhere]);
    refused(&out, 3, &["database", "nowhere"]);
    let nobody = address.replace("ectype@", "nobody:very-secret@");
    let out = start(&data, &["--database", &nobody]);
    refused(&out, 3, &["nobody"]);
    let text = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(!text.contains("very-secret"), "{text}");
    refused(&start(&data, &["--database", "mysql://x"]), 3, &["mysql"]);
    postgres.crash();
    refused(&start(&data, &["--database", &address]), 7, &["database"]);
    postgres.resume();
    let places = Places {
        database: Some(address),
        ..Places::default()
    };
    let service = Replica::start(&data, &places, &[]);
    let health = Request::new("GET", "/healthcheck").send(&service.url);
    assert_eq!(health.status, 200);
}
