//! `ectype dashboard` from outside: what it says, whom it asks, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use world::World;

use crate::fake::{cloud, image, user_of};
use crate::run::Ectype;

/// Starts it, and gives the process with the address that it prints.
fn start(world: &World, args: &[&str]) -> (Child, String) {
    let all = [&["dashboard", "--listen", "127.0.0.1:0"], args].concat();
    let mut child = user_of(world)
        .command(&all)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap();
    (child, address.trim_end_matches('/').to_owned())
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let text = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn end(child: Child, signal: &str) -> (Option<i32>, String) {
    let id = child.id().to_string();
    let kill = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(kill.success());
    let out = child.wait_with_output().unwrap();
    (out.status.code(), String::from_utf8(out.stderr).unwrap())
}

#[test]
fn it_prints_its_address_serves_and_ends_in_0_when_it_is_told_to() {
    for signal in ["-TERM", "-INT"] {
        let mut public = image(1, "Debian 13");
        public["visibility"] = json!("public");
        let world = cloud(&json!([public]));
        let (child, address) = start(&world, &[]);
        let page = get(&address, "/images");
        assert!(
            page.starts_with("HTTP/1.1 200") && page.contains("Debian 13"),
            "{page}"
        );
        assert!(get(&address, "/login").contains("name=\"password\""));
        assert_eq!(end(child, signal), (Some(0), String::new()), "{signal}");
    }
}

#[test]
fn without_log_in_it_only_reads_and_without_public_it_asks_nobody_before_a_log_in() {
    let world = cloud(&json!([]));
    let (child, address) = start(&world, &["--no-login"]);
    assert!(get(&address, "/login").starts_with("HTTP/1.1 404"));
    let page = get(&address, "/images");
    assert!(
        !page.contains("/login") && !page.contains("/upload"),
        "{page}"
    );
    end(child, "-TERM");
    let world = cloud(&json!([]));
    let (child, address) = start(&world, &["--no-public"]);
    assert!(get(&address, "/images").starts_with("HTTP/1.1 303"));
    assert!(world.requests().is_empty());
    end(child, "-TERM");
}

#[test]
fn a_wrong_start_ends_before_anything_is_served() {
    let both = Ectype::new().run(&["dashboard", "--no-login", "--no-public"]);
    assert_eq!(both.code, 2, "{}", both.stderr);
    let none = Ectype::new().run(&["dashboard"]);
    assert_eq!(
        (none.code, none.stdout.as_str()),
        (3, ""),
        "{}",
        none.stderr
    );
    let world = cloud(&json!([]));
    world.put("/v3/auth/tokens", world::Page::refusal(401, "{}"));
    let refused = user_of(&world).run(&["dashboard", "--listen", "127.0.0.1:0"]);
    assert_eq!(
        (refused.code, refused.stdout.as_str()),
        (4, ""),
        "{}",
        refused.stderr
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let taken = user_of(&cloud(&json!([]))).run(&["dashboard", "--listen", &address]);
    assert_eq!(taken.code, 3, "{}", taken.stderr);
    assert!(
        taken.stderr.contains("cannot listen on"),
        "{}",
        taken.stderr
    );
}
