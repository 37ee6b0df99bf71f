//! Metadata definitions from files: all or none, the ones that are there stay unless told otherwise, Glance's own are taken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve/binary.rs"]
mod binary;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use binary::{Running, ectype};

fn load(data: &Path, place: &Path, arguments: &[&str]) -> Output {
    let mut command = ectype();
    command.args(["serve", "metadefs", "load", "-f", "value", "--data"]);
    command
        .arg(data)
        .arg(place)
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn space(name: &str) -> String {
    format!(
        r#"{{"namespace": "{name}", "visibility": "public", "properties": {{"a": {{"title": "A", "type": "string"}}}},
            "resource_type_associations": [{{"name": "OS::Glance::Image", "prefix": "hw_"}}], "tags": [{{"name": "t"}}]}}"#
    )
}

#[test]
fn a_folder_is_loaded_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (data, files) = (folder.path().join("service"), folder.path().join("files"));
    Running::start(&data, &[], &[]).end();
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("1.json"), space("One")).unwrap();
    std::fs::write(files.join("notes.txt"), "no definition").unwrap();
    std::fs::write(files.join("2.json"), r#"{"display_name": "nameless"}"#).unwrap();
    let refused = load(&data, &files, &[]);
    assert_eq!(refused.status.code(), Some(3), "{refused:?}");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("2.json"), "{text}");
    std::fs::write(files.join("2.json"), space("Two")).unwrap();
    assert_eq!(said(&load(&data, &files, &[])), "One added\nTwo added\n");
    std::fs::write(files.join("3.json"), space("Three")).unwrap();
    let again = load(&data, &files, &[]);
    assert_eq!(said(&again), "Three added\nOne kept\nTwo kept\n");
    let replaced = load(&data, &files.join("1.json"), &["--replace"]);
    assert_eq!(said(&replaced), "One replaced\n");
    let nothing = load(&data, &folder.path().join("absent"), &[]);
    assert_eq!(nothing.status.code(), Some(5), "{nothing:?}");
}

/// The definitions that the lab's Glance comes with.
fn delivered() -> Option<(PathBuf, PathBuf)> {
    let lab = PathBuf::from(std::env::var_os("ECTYPE_TEST_LAB")?);
    let venv = lab.join("venv");
    Some((venv.join("etc/glance/metadefs"), venv.join("bin/openstack")))
}

#[test]
fn the_definitions_that_glance_comes_with_are_taken() {
    let Some((files, openstack)) = delivered() else {
        // Past the capture of a test that passes.
        writeln!(
            std::io::stderr(),
            "skipped: serve_metadefs: no lab (ECTYPE_TEST_LAB)"
        )
        .unwrap();
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &[], &[]);
    let loaded = said(&load(&data, &files, &[]));
    let listed = Command::new(openstack)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder.path())
        .env("OS_CLIENT_CONFIG_FILE", data.join("clouds.yaml"))
        .args([
            "--os-cloud",
            "ectype",
            "image",
            "metadef",
            "namespace",
            "list",
            "-f",
            "value",
        ])
        .output()
        .unwrap();
    let listed = said(&listed);
    let listed: BTreeSet<&str> = listed.lines().collect();
    let mut wanted = BTreeSet::new();
    for file in std::fs::read_dir(&files).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            wanted.insert(document["namespace"].as_str().unwrap().to_owned());
        }
    }
    assert!(wanted.len() > 20, "{wanted:?}");
    assert_eq!(
        listed,
        wanted.iter().map(String::as_str).collect::<BTreeSet<_>>()
    );
    assert_eq!(loaded.lines().count(), wanted.len(), "{loaded}");
    running.end();
}
