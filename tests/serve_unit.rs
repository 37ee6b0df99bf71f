//! `ectype serve` as a service of the machine: what it says to systemd, and contrib/ectype.service in a systemd that boots.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code
)]

#[path = "serve/binary.rs"]
mod binary;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use binary::{ectype, free_port};

/// Starts the service as systemd does, waits for its word, ends it. What it said on standard output.
fn started(data: &Path, socket: &UnixDatagram, name: &OsStr, journal: bool) -> String {
    let path = data.with_extension("out");
    let out = File::create(&path).unwrap();
    let meta = out.metadata().unwrap();
    let mut command = ectype();
    if journal {
        command.env("JOURNAL_STREAM", format!("{}:{}", meta.dev(), meta.ino()));
    }
    let listen = format!("127.0.0.1:{}", free_port());
    let mut process = command
        .args(["--quiet", "serve", "--listen", &listen, "--data"])
        .arg(data)
        .env("NOTIFY_SOCKET", name)
        .stdout(out)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let mut word = [0; 100];
    let length = socket.recv(&mut word).unwrap();
    assert_eq!(&word[..length], b"READY=1");
    let answer = world_of(&listen);
    assert!(answer.contains("200 OK"), "{answer}");
    let ended = Command::new("kill").arg(process.id().to_string()).status();
    assert!(ended.unwrap().success());
    assert!(process.wait().unwrap().success());
    std::fs::read_to_string(path).unwrap()
}

/// What the service answers at once.
fn world_of(address: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let ask = b"GET /healthcheck HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(ask).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn it_says_when_it_serves_to_a_socket_with_a_path_and_to_one_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let said = started(&folder.path().join("one"), &socket, path.as_os_str(), false);
    assert!(said.contains("(shown once): "), "{said}");

    let name = format!("ectype-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    started(
        &folder.path().join("two"),
        &socket,
        OsStr::new(&format!("@{name}")),
        false,
    );
}

#[test]
fn a_journal_is_not_told_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let data = folder.path().join("service");
    let said = started(&data, &socket, path.as_os_str(), true);
    let clouds = std::fs::read_to_string(data.join("clouds.yaml")).unwrap();
    let (_, password) = clouds.split_once("password: \"").unwrap();
    let (password, _) = password.split_once('"').unwrap();
    assert!(password.len() >= 16, "{clouds}");
    assert!(
        said.contains("not for the journal") && !said.contains(password),
        "{said}"
    );
}

#[test]
fn an_administrator_s_password_that_was_given_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("ECTYPE_SERVE_ADMIN_PASSWORD", "given-0d3f-word")];
    let running = binary::Running::start(folder.path(), &[], &variables);
    assert!(
        running.said().contains("with the password that was given"),
        "{}",
        running.said()
    );
    let said = running.said().to_owned();
    let (log, _) = running.end();
    assert!(
        !said.contains("given-0d3f-word") && !log.contains("given-0d3f-word"),
        "{said}{log}"
    );
}

/// What was said in each step of tests/systemd/trial.
fn steps(said: &str) -> BTreeMap<&str, &str> {
    let steps = said.split("== ").skip(1);
    steps.map(|step| step.split_once('\n').unwrap()).collect()
}

/// With `ECTYPE_TEST_BOOT=1`, as root, where systemd-nspawn is.
// long: one list of promises
#[test]
fn the_unit_runs_in_a_systemd_that_boots() {
    if std::env::var_os("ECTYPE_TEST_BOOT").is_none() {
        eprintln!("skipped: the_unit_runs_in_a_systemd_that_boots, for want of ECTYPE_TEST_BOOT");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("said");
    let boot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systemd/boot");
    let booted = Command::new(boot)
        .arg(env!("CARGO_BIN_EXE_ectype"))
        .arg(&out)
        .output()
        .unwrap();
    assert!(booted.status.success(), "{booted:?}");
    let said = std::fs::read_to_string(&out).unwrap();
    let steps = steps(&said);
    let has = |step: &str, words: &[&str]| {
        for word in words {
            assert!(steps[step].contains(word), "{step}: no {word:?}: {said}");
        }
    };
    assert_eq!(steps["verified"], "", "{said}");
    has(
        "running",
        &["ActiveState=active", "DynamicUser=yes", "User=ectype"],
    );
    has(
        "running",
        &[
            "ectype ectype 700",
            "clouds.yaml ectype 600",
            "ectype.db ectype 600",
        ],
    );
    has(
        "journal",
        &[
            "not for the journal",
            "serving images at",
            "letters of the password: 24",
        ],
    );
    has("journal", &["lines with the password: 0"]);
    assert_eq!(steps["images"], "first\nactive\nfirst active\n", "{said}");
    // Root's commands beside the service leave nothing that the service could not use.
    assert_eq!(
        steps["beside"], "alice\nnote: 1 contents, 300000 bytes read, 0 damaged\n",
        "{said}"
    );
    assert_eq!(steps["again"], "first active\n", "{said}");
    has(
        "stopped",
        &["ActiveState=inactive", "Result=success", "ExecMainStatus=0"],
    );
    assert_eq!(steps["completed"], "1\n0\nsecond\nactive\n", "{said}");
    assert_eq!(steps["renewed"], "second\nthe same process\n", "{said}");
    // It is not tried again and again.
    has(
        "mistaken",
        &["ActiveState=failed", "NRestarts=0", "ExecMainStatus=3"],
    );
    let exposure = steps["security"]
        .split_whitespace()
        .find_map(|word| word.parse::<f32>().ok());
    assert!(
        exposure.is_some_and(|exposure| exposure < 2.0),
        "{}",
        steps["security"]
    );
}
