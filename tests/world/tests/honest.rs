//! Without a fault the world is a correct HTTP server (RFC 9110, RFC 9112), seen over a bare socket.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpStream;

use world::{Page, World};

/// Everything the server sends in answer to these bytes.
fn say(world: &World, text: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", world.port())).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn get(world: &World, path: &str, headers: &str) -> String {
    say(
        world,
        &format!("GET {path} HTTP/1.1\r\nHost: h\r\n{headers}\r\n"),
    )
}

fn page() -> Page {
    Page::bytes(*b"0123456789").etag("\"e\"")
}

#[test]
fn a_range_is_the_part_asked_for() {
    let world = World::start();
    world.put("/f", page());
    for (range, part, body) in [
        ("2-4", "bytes 2-4/10", "234"),
        ("7-", "bytes 7-9/10", "789"),
        ("-3", "bytes 7-9/10", "789"),
        ("8-99", "bytes 8-9/10", "89"),
    ] {
        let answer = get(&world, "/f", &format!("Range: bytes={range}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 206 "), "{answer}");
        assert!(
            answer.contains(&format!("Content-Range: {part}\r\n")),
            "{answer}"
        );
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{answer}");
    }
    let beyond = get(&world, "/f", "Range: bytes=10-\r\n");
    assert!(beyond.starts_with("HTTP/1.1 416 "), "{beyond}");
    assert!(beyond.contains("Content-Range: bytes */10\r\n"), "{beyond}");
}

#[test]
fn if_range_decides_between_part_and_whole() {
    let world = World::start();
    world.put("/f", page());
    let same = get(&world, "/f", "Range: bytes=2-4\r\nIf-Range: \"e\"\r\n");
    assert!(same.starts_with("HTTP/1.1 206 "), "{same}");
    let other = get(&world, "/f", "Range: bytes=2-4\r\nIf-Range: \"d\"\r\n");
    assert!(
        other.starts_with("HTTP/1.1 200 ") && other.ends_with("0123456789"),
        "{other}"
    );
}

#[test]
fn a_connection_carries_several_requests_and_head_has_no_body() {
    let world = World::start();
    world.put("/f", page());
    let two = "HEAD /f HTTP/1.1\r\nHost: h\r\n\r\nPOST /f HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    let answers = say(&world, two);
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert_eq!(answers.matches("0123456789").count(), 1, "{answers}");
    assert_eq!(world.connections(), 1);
    assert_eq!(world.requests().pop().unwrap().body, b"abc");
}

#[test]
fn chunks_are_framed_and_pages_follow_each_other() {
    let world = World::start();
    world.put_each("/f", [Page::status(503), page().chunked()]);
    assert!(get(&world, "/f", "").starts_with("HTTP/1.1 503 "));
    for _ in 0..2 {
        let answer = get(&world, "/f", "");
        assert!(
            answer.ends_with("\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"),
            "{answer}"
        );
    }
    world.remove("/f");
    assert!(get(&world, "/f", "").starts_with("HTTP/1.1 404 "));
}

#[test]
fn a_directory_serves_each_of_its_files_and_queries_have_pages_of_their_own() {
    let world = World::start();
    world.directory("/d/", [("a", &b"A"[..]), ("SHA512SUMS", b"S")]);
    assert!(get(&world, "/d/a", "").ends_with("\r\n\r\nA"));
    assert!(get(&world, "/d/SHA512SUMS?x", "").ends_with("\r\n\r\nS"));
    world.put(
        "/d/a?page=2",
        Page::made_by(|seen| Page::bytes(seen.method.as_str())),
    );
    assert!(get(&world, "/d/a?page=2", "").ends_with("\r\n\r\nGET"));
    assert!(get(&world, "/d/a?page=1", "").ends_with("\r\n\r\nA"));
}
