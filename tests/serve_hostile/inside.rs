//! Imports that are to fetch for a client what only the service can reach.

use std::process::Command;

use serde_json::{Value, json};
use world::{Page, World};

use crate::fort::{Fort, settled};
use crate::http::Request;
use crate::replica::{Caller, ectype, free_port, skipped};

/// A command that starts the service where these lines are all that is known of names.
fn with_hosts(hosts: &str) -> Option<(tempfile::NamedTempFile, Command)> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), hosts).unwrap();
    let words = |command: &mut Command| {
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")
            .env("HOME", "/nonexistent");
        command.args([
            "-m",
            "sh",
            "-c",
            r#"mount --bind "$0" /etc/hosts && exec "$@""#,
        ]);
        command.arg(file.path());
    };
    let mut probe = Command::new("unshare");
    words(&mut probe);
    let can = probe
        .arg("true")
        .output()
        .is_ok_and(|out| out.status.success());
    let mut command = Command::new("unshare");
    words(&mut command);
    command.arg(ectype().get_program());
    can.then_some((file, command))
}

/// Why the image's import has failed, once that is written.
fn failure(caller: Caller<'_>, id: &str) -> String {
    for _ in 0..400 {
        let tasks = Request::new("GET", &format!("/v2/images/{id}/tasks"));
        let tasks = caller.ask(tasks).expect(200).json();
        let task = &tasks["tasks"][0];
        if task["status"] == "failure" {
            return task["message"].to_string();
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("the import of {id} comes to no end")
}

#[test]
fn names_that_lead_inside_are_not_fetched() {
    let inside = [
        "127.0.0.1",
        "127.8.9.10",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "fe80::1",
        "fd00::1",
        "64:ff9b::7f00:1",
        "224.0.0.1",
        "255.255.255.255",
    ];
    let mut lines = std::fs::read_to_string("/etc/hosts").unwrap();
    for (number, address) in inside.iter().enumerate() {
        lines.push_str(&format!("\n{address} inside-{number}.example.test"));
    }
    let Some((_file, command)) = with_hosts(&format!("{lines}\n")) else {
        skipped("names that lead inside", "names cannot be set here");
        return;
    };
    let world = World::start();
    world.put("/secret", Page::bytes(*b"secret"));
    let port = world.port();
    let mut fort = Fort::by(command, &format!("import_ports: [{port}]\n"));
    let mut ids = Vec::new();
    for number in 0..inside.len() {
        let id = fort.caller().queued();
        let uri = format!("http://inside-{number}.example.test:{port}/secret");
        let body = json!({ "method": { "name": "web-download", "uri": uri } });
        let request = Request::new("POST", &format!("/v2/images/{id}/import")).json(&body);
        let answer = fort.caller().ask(request);
        assert!([202, 400].contains(&answer.status), "{uri}: {answer}");
        ids.push((id, answer.status == 202));
    }
    for ((id, begun), address) in ids.iter().zip(inside) {
        settled(fort.caller(), id, address);
        let image = fort.caller().show(id).expect(200).json();
        assert_eq!(image["status"], "queued", "{address}: {image}");
        assert_eq!(image["checksum"], Value::Null, "{address}");
        if *begun {
            // The image is given back first, and the reason is written then.
            let message = failure(fort.caller(), id);
            assert!(message.contains("private address"), "{address}: {message}");
        }
    }
    assert!(world.requests().is_empty());
    fort.stands();
}

#[test]
fn a_port_that_nobody_chose_is_not_fetched_from() {
    let mut fort = Fort::new();
    for uri in [
        format!("http://example.com:{}/", free_port()),
        "http://example.com:22/".to_owned(),
        "http://example.com:0/".to_owned(),
        "http://example.com:99999/".to_owned(),
        "http://user:secret@127.0.0.1/".to_owned(),
        "http://example.com@127.0.0.1/".to_owned(),
        "http://127.0.0.1#@example.com/".to_owned(),
        "http://127.0.0.1\\@example.com/".to_owned(),
        "http://0x7f000001/".to_owned(),
        "http://0177.0.0.1/".to_owned(),
        "http://[::]/".to_owned(),
        "http://[::ffff:169.254.169.254]/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://localhost./".to_owned(),
        "http://a.localhost/".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:,x".to_owned(),
        "http:///etc/passwd".to_owned(),
        "http://".to_owned(),
        format!("http://{}.example/", "a".repeat(60_000)),
        format!("http://example.com/{}", "\u{1f4a3}".repeat(20_000)),
    ] {
        let id = fort.caller().queued();
        let body = json!({ "method": { "name": "web-download", "uri": uri } });
        let request = Request::new("POST", &format!("/v2/images/{id}/import")).json(&body);
        let answer = fort.caller().ask(request);
        let shown = &uri[..uri.char_indices().nth(60).map_or(uri.len(), |(at, _)| at)];
        // A name that is none is found out when it is looked up.
        if uri.starts_with("http://example.com/") || uri.starts_with("http://aaa") {
            assert!(answer.status < 500, "{shown}: {answer}");
        } else {
            assert_eq!(answer.status, 400, "{shown}: {answer}");
        }
    }
    fort.stands();
}
