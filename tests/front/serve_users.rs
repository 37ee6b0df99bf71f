//! `ectype serve user`, `project` and `role`: what they change is what the service then goes by.

use std::io::Write as _;
use std::process::Stdio;

use identity::own::{DomainRef, Own, Proof, Scope, Settings, Who};
use jiff::Timestamp;
use serde_json::Value;

use crate::run::{Ectype, Ended};

/// A service that was started once, and a way to its records besides the binary's.
struct Service {
    ectype: Ectype,
    runtime: tokio::runtime::Runtime,
    own: Own,
}

impl Service {
    fn new() -> Self {
        let ectype = Ectype::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let data = ectype.home().join("data");
        std::fs::create_dir(&data).unwrap();
        let own = runtime.block_on(async {
            let address = database::file(&data.join("ectype.db")).unwrap();
            let pool = database::connect(&address).await.unwrap();
            let own = Own::open(pool, Settings::default()).await.unwrap();
            own.bootstrap(None, Timestamp::now()).await.unwrap();
            own
        });
        let data = data.to_str().unwrap().to_owned();
        Self {
            ectype: ectype.env("ECTYPE_DATA", data),
            runtime,
            own,
        }
    }

    fn json(&self, args: &[&str]) -> Value {
        let text = self.ectype.answer(&[args, &["-f", "json"]].concat());
        serde_json::from_str(&text).unwrap()
    }

    /// The roles that a user's password gives in a project; nothing for none at all.
    fn roles(&self, user: &str, password: &str, project: &str) -> Option<Vec<&'static str>> {
        let named = |name: &str| Who::Name(name.to_owned(), DomainRef::Id("default".to_owned()));
        let proof = Proof::Password(named(user), password.into());
        let scope = Scope::Project(named(project));
        let log_in = self.own.log_in(&proof, &scope, Timestamp::now());
        let grant = self.runtime.block_on(log_in).ok()?;
        Some(grant.session.roles.iter().map(|role| role.name).collect())
    }

    fn with_input(&self, args: &[&str], input: &str) -> Ended {
        let mut command = self.ectype.command(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        child.wait_with_output().unwrap().into()
    }
}

#[test]
fn a_user_that_is_made_can_log_in_with_the_password_that_is_printed_once() {
    let service = Service::new();
    service.json(&[
        "serve",
        "project",
        "create",
        "red",
        "--description",
        "a colour",
    ]);
    let made = service.json(&[
        "serve",
        "user",
        "create",
        "alice",
        "--project",
        "red",
        "--role",
        "member",
        "--email",
        "alice@example.org",
    ]);
    let password = made["password"].as_str().unwrap();
    assert!(password.len() >= 20, "{password}");
    let roles = service.roles("alice", password, "red");
    assert_eq!(roles, Some(vec!["member", "reader"]));
    let users = service.json(&["serve", "user", "list", "--long"]);
    let alice = &users[1];
    assert_eq!(alice["Name"], "alice");
    assert_eq!(alice["Email"], "alice@example.org");
    assert_eq!(alice["Enabled"], true);
    assert!(!users.to_string().contains(password));
    let projects = service.json(&["serve", "project", "list", "--long"]);
    assert_eq!(projects[1]["Name"], "red");
    assert_eq!(projects[1]["Description"], "a colour");
}

#[test]
fn a_role_is_what_was_given_until_it_is_taken() {
    let service = Service::new();
    service.json(&["serve", "project", "create", "red"]);
    let args = ["serve", "user", "create", "bob", "--password-stdin"];
    assert_eq!(service.with_input(&args, "secret\n").code, 0);
    assert_eq!(service.roles("bob", "secret", "red"), None);
    let place = ["--user", "bob", "--project", "red"];
    for (verb, roles) in [("add", Some(vec!["reader"])), ("remove", None)] {
        let args = [&["serve", "role", verb, "reader"][..], &place].concat();
        service.ectype.answer(&args);
        assert_eq!(service.roles("bob", "secret", "red"), roles);
    }
    service.ectype.answer(&[
        "serve",
        "role",
        "add",
        "admin",
        "--user",
        "bob",
        "--project",
        "red",
    ]);
    let list = service.json(&["serve", "role", "list", "--user", "bob"]);
    assert_eq!(
        list.to_string(),
        r#"[{"Role":"admin","User":"bob","Project":"red"}]"#
    );
}

#[test]
fn a_new_password_or_being_disabled_or_deleted_ends_the_old_log_in() {
    let service = Service::new();
    service.json(&[
        "serve",
        "user",
        "create",
        "admin2",
        "--project",
        "admin",
        "--role",
        "admin",
    ]);
    let set = [
        "serve",
        "user",
        "set",
        "admin2",
        "--password-stdin",
        "-f",
        "json",
    ];
    for password in ["one", "two words"] {
        let ended = service.with_input(&set, &format!("{password}\r\nanother line\n"));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(!ended.stdout.contains(password) && ended.stderr.is_empty());
        assert!(service.roles("admin2", password, "admin").is_some());
    }
    assert_eq!(service.roles("admin2", "one", "admin"), None);
    service.json(&["serve", "user", "set", "admin2", "--disable"]);
    assert_eq!(service.roles("admin2", "two words", "admin"), None);
    service.json(&[
        "serve", "user", "set", "admin2", "--enable", "--name", "admin3",
    ]);
    assert!(service.roles("admin3", "two words", "admin").is_some());
    service
        .ectype
        .answer(&["serve", "user", "delete", "admin3"]);
    assert_eq!(service.roles("admin3", "two words", "admin"), None);
}

#[test]
fn a_password_on_the_command_line_is_warned_about_and_never_repeated() {
    let service = Service::new();
    let ended = service.ectype.run(&[
        "serve",
        "user",
        "create",
        "carl",
        "--password",
        "visible-secret",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended
            .stderr
            .starts_with("warning: a password on the command line")
    );
    assert!(!format!("{}{}", ended.stdout, ended.stderr).contains("visible-secret"));
}

/// Runs `user create dora --password-prompt` on a terminal, types these lines at its prompts, and gives back what was seen;
/// at the end it is said whether the terminal shows again what is typed.
fn at_a_prompt(service: &Service, first: &str, second: &str) -> Ended {
    let script = "
import os, pty, subprocess, sys, termios
fd, slave = pty.openpty()
args = ['serve', 'user', 'create', 'dora', '--password-prompt', '-f', 'json']
child = subprocess.Popen([sys.argv[1], *args], stdin=slave, stdout=slave, stderr=slave)
seen = b''
for prompt, line in [(b'New password: ', sys.argv[2]), (b'Once more: ', sys.argv[3])]:
    while line and not seen.endswith(prompt):
        seen += os.read(fd, 1000)
    os.write(fd, line.encode())
ended = child.wait()
echo = termios.tcgetattr(slave)[3] & termios.ECHO
os.close(slave)
try:
    while True:
        seen += os.read(fd, 1000)
except OSError:
    pass
print(seen.decode())
print('echo', bool(echo))
sys.exit(ended)";
    let mut command = std::process::Command::new("python3");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_ectype"), first, second])
        .env("ECTYPE_DATA", service.ectype.home().join("data"));
    command.output().unwrap().into()
}

#[test]
fn a_prompt_shows_nothing_of_what_is_typed() {
    let service = Service::new();
    let ended = at_a_prompt(&service, "typed-secret\r", "typed-secret\r");
    let seen = &ended.stdout;
    assert_eq!(ended.code, 0, "{seen}{}", ended.stderr);
    assert!(
        seen.contains("dora") && !seen.contains("typed-secret"),
        "{seen}"
    );
    assert!(seen.contains("echo True"), "{seen}");
    let place = ["--user", "dora", "--project", "admin"];
    let add = ["serve", "role", "add", "reader"];
    service.ectype.answer(&[&add[..], &place].concat());
    assert!(service.roles("dora", "typed-secret", "admin").is_some());
}

#[test]
fn a_prompt_can_be_left_and_must_be_answered_twice_alike() {
    let service = Service::new();
    for (first, second, code) in [("half\u{3}", "", 130), ("one\r", "two\r", 2)] {
        let ended = at_a_prompt(&service, first, second);
        let seen = &ended.stdout;
        assert_eq!(ended.code, code, "{seen}{}", ended.stderr);
        assert!(
            seen.contains("echo True") && !seen.contains("half"),
            "{seen}"
        );
    }
    assert_eq!(
        service
            .json(&["serve", "user", "list"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

// long: one table
#[test]
fn what_cannot_be_done_is_told_by_the_exit_code() {
    let service = Service::new();
    let long = "x".repeat(256);
    for (args, code, said) in [
        (
            &["user", "create", "admin"][..],
            4,
            "already a user `admin`",
        ),
        (
            &["project", "create", "admin"],
            4,
            "already a project `admin`",
        ),
        (&["user", "create", ""], 2, "the name of the user is empty"),
        (&["user", "create", &long], 2, "longer than 255"),
        (&["user", "create", "x", "--role", "admin"], 2, "--project"),
        (
            &["user", "create", "x", "--project", "none"],
            5,
            "project: none",
        ),
        (
            &["user", "create", "x", "--password-stdin"],
            2,
            "no password",
        ),
        (
            &["user", "create", "x", "--password-prompt"],
            2,
            "no terminal",
        ),
        (
            &[
                "user",
                "create",
                "x",
                "--password-stdin",
                "--generate-password",
            ],
            2,
            "cannot be used with",
        ),
        (&["user", "set", "none", "--enable"], 5, "user: none"),
        (&["user", "delete", "none"], 5, "user: none"),
        (&["user", "delete", "none", "nobody"], 8, "2 of 2 users"),
        (&["project", "delete", "none"], 5, "project: none"),
        (
            &[
                "role",
                "add",
                "king",
                "--user",
                "admin",
                "--project",
                "admin",
            ],
            5,
            "role: king",
        ),
        (
            &[
                "role",
                "remove",
                "reader",
                "--user",
                "admin",
                "--project",
                "admin",
            ],
            5,
            "role assignment",
        ),
        (
            &["user", "list", "--database", "mysql://u:secret@h/d"],
            3,
            "`mysql` is no database",
        ),
    ] {
        let ended = service.ectype.run(&[&["serve"], args].concat());
        assert_eq!(ended.code, code, "{args:?} {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{args:?} {}", ended.stderr);
    }
}

#[test]
fn a_service_that_was_never_started_is_not_made_by_looking() {
    let ectype = Ectype::new();
    for args in [
        &["serve", "user", "list"][..],
        &["serve", "user", "list", "--data", "here"],
    ] {
        let ended = ectype.run(args);
        assert_eq!(ended.code, 5, "{}", ended.stderr);
        assert!(ended.stderr.contains("hint: "), "{}", ended.stderr);
    }
    assert_eq!(std::fs::read_dir(ectype.home()).unwrap().count(), 0);
    for (address, code) in [
        ("mysql://u:geheim@127.0.0.1/d", 3),
        ("postgres://u:geheim@127.0.0.1:1/d", 7),
    ] {
        let ended = ectype.run(&["serve", "user", "list", "--database", address]);
        assert_eq!(ended.code, code, "{}", ended.stderr);
        assert!(!ended.stderr.contains("geheim"), "{}", ended.stderr);
    }
}
