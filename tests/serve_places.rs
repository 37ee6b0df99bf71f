//! The commands beside the service find what it found: in the default place, by the same variables, by the same file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve/binary.rs"]
mod binary;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use binary::ectype;

/// The program with these variables.
fn with(variables: &[(&str, &Path)]) -> Command {
    let mut command = ectype();
    command.envs(variables.iter().copied());
    command
}

/// Starts the service, and ends it when it serves. Its first words.
fn start_once(variables: &[(&str, &Path)], arguments: &[&str]) -> String {
    let mut command = with(variables);
    command.args(["--quiet", "serve", "--listen", "127.0.0.1:0"]);
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = command.spawn().unwrap();
    let out = BufReader::new(process.stdout.take().unwrap());
    let mut said = String::new();
    for line in out.lines() {
        let line = line.unwrap();
        said = said + &line + "\n";
        if line.starts_with("dashboard at ") {
            let id = process.id().to_string();
            assert!(Command::new("kill").arg(id).status().unwrap().success());
        }
    }
    assert!(process.wait().unwrap().success(), "{said}");
    said
}

fn definitions(folder: &Path) -> String {
    let file = folder.join("space.json");
    std::fs::write(&file, r#"{"namespace": "Mine", "visibility": "public"}"#).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Every command beside the service finds the one that has the user `admin`.
fn all_find_it(variables: &[(&str, &Path)], more: &[&str], folder: &Path) {
    let definitions = definitions(folder);
    let value = ["-f", "value", "-c", "name"];
    let run = |arguments: &[&str]| -> Output {
        let output = with(variables)
            .arg("serve")
            .args(arguments)
            .args(more)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output
    };
    for kind in ["user", "project"] {
        let listed = run(&[&[kind, "list"], &value[..]].concat());
        assert_eq!(listed.stdout, b"admin\n", "{kind}");
    }
    let roles = run(&["role", "list", "-f", "json"]);
    assert!(String::from_utf8_lossy(&roles.stdout).contains("admin"));
    run(&[
        "user",
        "create",
        "alice",
        "--project",
        "admin",
        "--role",
        "reader",
    ]);
    run(&["user", "set", "alice", "--description", "reads"]);
    run(&[
        "role",
        "remove",
        "reader",
        "--user",
        "alice",
        "--project",
        "admin",
    ]);
    run(&["user", "delete", "alice"]);
    run(&["project", "create", "web"]);
    run(&["project", "delete", "web"]);
    let loaded = run(&["metadefs", "load", &definitions, "-f", "value"]);
    assert!(String::from_utf8_lossy(&loaded.stdout).starts_with("Mine "));
    run(&["scrub"]);
    run(&["collect"]);
}

#[test]
fn in_the_default_place_nothing_has_to_be_named() {
    for variable in ["HOME", "XDG_DATA_HOME"] {
        let home = tempfile::tempdir().unwrap();
        let variables = [(variable, home.path())];
        let said = start_once(&variables, &[]);
        let below = if variable == "HOME" {
            ".local/share/ectype"
        } else {
            "ectype"
        };
        let place = home.path().join(below);
        assert!(
            said.contains(&format!("Everything is kept in {}.", place.display())),
            "{said}"
        );
        all_find_it(&variables, &[], home.path());
    }
}

#[test]
fn variables_and_the_file_they_name_count_for_all_commands() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (
        folder.path().join("data"),
        folder.path().join("elsewhere.yaml"),
    );
    let (records, bytes) = (
        folder.path().join("records.db"),
        folder.path().join("bytes"),
    );
    let text = format!(
        "database: sqlite:{}\nstore: {}\n",
        records.display(),
        bytes.display()
    );
    std::fs::write(&file, text).unwrap();
    let data = ("ECTYPE_DATA", data.as_path());
    let variables = [data, ("ECTYPE_SERVE_CONFIG", file.as_path())];
    start_once(&variables, &[]);
    assert!(records.exists() && bytes.exists());
    assert!(!data.1.join("ectype.db").exists());
    all_find_it(&variables, &[], folder.path());
    // The option says the same.
    let option = ["--config", file.to_str().unwrap()];
    let list = ["serve", "user", "list", "-f", "value", "-c", "name"];
    let listed = with(&[data]).args(list).args(option).output().unwrap();
    assert_eq!(listed.stdout, b"admin\n", "{listed:?}");
    // Without either there is none to be found.
    let none = with(&[data])
        .args(["serve", "user", "list"])
        .output()
        .unwrap();
    assert_eq!(none.status.code(), Some(5), "{none:?}");
}

#[test]
fn users_of_a_keystone_are_managed_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    start_once(&[("ECTYPE_DATA", &data)], &[]);
    let text = "keystone:\n  url: https://keystone.example.org/v3\n  username: ectype\n  password: geheim\n  project: service\n";
    std::fs::write(data.join("config.yaml"), text).unwrap();
    for command in [["user", "list"], ["project", "list"], ["role", "list"]] {
        let refused = with(&[("ECTYPE_DATA", &data)])
            .arg("serve")
            .args(command)
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(3), "{refused:?}");
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            text.contains("those of https://keystone.example.org/v3"),
            "{text}"
        );
        assert!(!text.contains("geheim"), "{text}");
    }
    let scrubbed = with(&[("ECTYPE_DATA", &data)])
        .args(["serve", "scrub"])
        .output()
        .unwrap();
    assert!(scrubbed.status.success(), "{scrubbed:?}");
}
