//! The first start of `ectype serve`: everything in one folder, a password once, a clouds.yaml that works, an end that is
//! clean; over TLS, too, and against somebody else's Keystone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "serve/binary.rs"]
mod binary;

use std::os::unix::fs::PermissionsExt as _;

use binary::{Running, ectype, free_port, keystone};
use world::Authority;

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn everything_is_made_in_one_folder_and_the_password_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let first = Running::start(&data, &[], &[]);
    let said = first.said();
    let password = said.split("(shown once): ").nth(1).unwrap();
    let password = password.lines().next().unwrap().to_owned();
    assert!(password.len() >= 16, "{said}");
    assert_eq!(mode(&data), 0o700);
    let clouds = data.join("clouds.yaml");
    assert_eq!(mode(&clouds), 0o600);
    assert_eq!(mode(&data.join("ectype.db")), 0o600);
    assert!(
        std::fs::read_to_string(&clouds)
            .unwrap()
            .contains(&password)
    );

    let list = || {
        let mut command = ectype();
        command.arg("--clouds").arg(&clouds);
        command.args(["--os-cloud", "ectype", "image", "list", "-f", "value"]);
        command.output().unwrap()
    };
    let listed = list();
    assert!(listed.status.success(), "{listed:?}");
    let file = folder.path().join("disk.raw");
    std::fs::write(&file, [7; 70_000]).unwrap();
    let mut create = ectype();
    create.arg("--clouds").arg(&clouds);
    create.args(["--os-cloud", "ectype", "image", "create", "mine", "--file"]);
    let created = create.arg(&file).output().unwrap();
    assert!(created.status.success(), "{created:?}");
    let (log, status) = first.end();
    assert_eq!(status, Some(0), "{log}");
    assert!(!log.contains(&password), "{log}");

    let port = free_port();
    let again = Running::start_at(&data, port, &[], &[]);
    assert!(!again.said().contains("shown once"), "{}", again.said());
    assert!(again.get("/healthcheck").contains("200 OK"));
    let (log, _) = again.end();
    assert!(log.contains("/healthcheck"), "{log}");
}

#[test]
fn a_folder_has_one_service_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[], &[]);
    let second = ectype()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(3));
    let text = String::from_utf8_lossy(&second.stderr);
    assert!(text.contains("error: a service is running in"), "{text}");
    running.end();
}

#[test]
fn what_is_not_known_in_the_configuration_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("config.yaml"),
        "listen: 127.0.0.1:0\nlisten_to: x\n",
    )
    .unwrap();
    let out = ectype()
        .arg("serve")
        .arg("--data")
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(3));
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(text.contains("listen_to"), "{text}");
    assert!(text.contains("docs/serve.md"), "{text}");
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let out = ectype()
        .args(["serve", "--listen", &address, "--data"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(3));
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(
        text.contains(&format!("cannot listen on {address}")),
        "{text}"
    );
}

#[test]
fn the_log_is_json_when_asked_and_has_the_request_s_id() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &["--log", "json"], &[]);
    let answer = running.get("/v2/images");
    assert!(answer.contains("401"), "{answer}");
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-openstack-request-id: "))
        .unwrap()
        .trim()
        .to_owned();
    let (log, _) = running.end();
    let line = log.lines().find(|line| line.contains(&id)).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["status"], 401, "{line}");
}

#[test]
fn metrics_count_what_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &[], &[]);
    running.get("/v2/images");
    let text = running.get("/metrics");
    assert!(
        text.contains("ectype_answers_total{method=\"GET\",status=\"401\"} 1"),
        "{text}"
    );
    assert!(text.contains("ectype_images 0"), "{text}");
    running.end();
}

#[test]
fn over_tls_clients_that_know_the_authority_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let authority = Authority::new("ours");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (certificate, key) = authority.server("localhost");
    let (certificate, key) = (file("certificate.pem", &certificate), file("key.pem", &key));
    let port = free_port();
    let url = format!("https://localhost:{port}");
    let arguments = [
        "--tls-cert",
        certificate.to_str().unwrap(),
        "--tls-key",
        key.to_str().unwrap(),
        "--public-url",
        &url,
    ];
    let running = Running::start_at(&data, port, &arguments, &[]);
    assert!(
        running
            .said()
            .contains(&format!("serving images at {url}/")),
        "{}",
        running.said()
    );
    let ca = file("ca.pem", authority.pem());
    let clouds = data.join("clouds.yaml");
    let list = |trusted: bool| {
        let mut command = ectype();
        command.arg("--clouds").arg(&clouds);
        command.args(["--os-cloud", "ectype", "image", "list"]);
        if trusted {
            command.arg("--os-cacert").arg(&ca);
        }
        command.output().unwrap()
    };
    let listed = list(true);
    assert!(listed.status.success(), "{listed:?}");
    assert_eq!(list(false).status.code(), Some(7));
    running.end();
}

#[test]
fn a_scrub_says_what_is_damaged_and_a_collection_what_it_took_away() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("service");
    let running = Running::start(&data, &[], &[]);
    let file = folder.path().join("disk.raw");
    std::fs::write(&file, [9; 70_000]).unwrap();
    let mut create = ectype();
    create.arg("--clouds").arg(data.join("clouds.yaml"));
    create.args(["--os-cloud", "ectype", "image", "create", "mine", "--file"]);
    assert!(create.arg(&file).output().unwrap().status.success());
    running.end();
    let scrub = || {
        let mut command = ectype();
        command.args(["serve", "scrub", "-f", "value", "--data"]);
        command.arg(&data).output().unwrap()
    };
    let whole = scrub();
    assert!(whole.status.success(), "{whole:?}");
    let stored = std::process::Command::new("find")
        .arg(data.join("store"))
        .args(["-type", "f"])
        .output()
        .unwrap();
    let stored = String::from_utf8(stored.stdout).unwrap().trim().to_owned();
    std::fs::write(&stored, [8; 70_000]).unwrap();
    let damaged = scrub();
    assert_eq!(damaged.status.code(), Some(1), "{damaged:?}");
    assert!(
        String::from_utf8_lossy(&damaged.stdout).contains("other bytes"),
        "{damaged:?}"
    );

    std::fs::write(data.join("spool/upload-left"), "half").unwrap();
    let collected = ectype()
        .args(["serve", "collect", "-f", "json", "--data"])
        .arg(&data)
        .output()
        .unwrap();
    let collected: serde_json::Value = serde_json::from_slice(&collected.stdout).unwrap();
    assert_eq!(collected["files"], 1, "{collected}");
}

#[test]
fn a_service_that_was_never_started_has_nothing_to_scrub() {
    let folder = tempfile::tempdir().unwrap();
    let out = ectype()
        .args(["serve", "scrub", "--data"])
        .arg(folder.path().join("nowhere"))
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(5));
    let text = String::from_utf8_lossy(&out.stderr);
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn a_keystone_that_is_there_already_says_who_calls() {
    let Some((clouds, _, config)) = keystone() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.yaml"), config).unwrap();
    let port = free_port();
    let running = Running::start_at(folder.path(), port, &[], &[]);
    assert!(!folder.path().join("clouds.yaml").exists());
    let file = folder.path().join("disk.raw");
    std::fs::write(&file, [7; 70_000]).unwrap();
    let ask = |cloud: &str, words: &[&str]| {
        let mut command = ectype();
        command
            .arg("--clouds")
            .arg(&clouds)
            .args(["--os-cloud", cloud]);
        command.args([
            "--os-image-endpoint-override",
            &format!("http://127.0.0.1:{port}"),
        ]);
        command.args(words).output().unwrap()
    };
    let created = ask(
        "lab-demo",
        &["image", "create", "mine", "--file", file.to_str().unwrap()],
    );
    assert!(created.status.success(), "{created:?}");
    let seen = |cloud: &str| {
        let listed = ask(cloud, &["image", "list", "-f", "value", "-c", "name"]);
        assert!(listed.status.success(), "{listed:?}");
        String::from_utf8(listed.stdout).unwrap().contains("mine")
    };
    assert!(seen("lab-demo") && seen("lab-demo-reader") && seen("lab-admin"));
    assert!(!seen("lab-alt"));
    let refused = ask(
        "lab-demo-reader",
        &["image", "create", "no", "--file", file.to_str().unwrap()],
    );
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    running.end();
}
