//! Messages that end where they do not say, parts that are none, and connections that are held for nothing.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::process::Command;
use std::time::Duration;

use crate::fort::{Fort, settled};
use crate::http::Request;
use crate::replica::ectype;

/// Bodies in chunks that are none, and what is wrong with them.
fn bodies() -> Vec<(&'static str, String)> {
    let long = "x".repeat(1 << 20);
    let digits = "f".repeat(1 << 20);
    vec![
        (
            "an endless extension",
            format!("5;{long}\r\nhello\r\n0\r\n\r\n"),
        ),
        ("an endless size", digits),
        (
            "endless trailers",
            format!("5\r\nhello\r\n0\r\n{}\r\n", "a: b\r\n".repeat(100_000)),
        ),
        (
            "a size below nothing",
            "-5\r\nhello\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "a size with a prefix",
            "0x5\r\nhello\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "a size that is none",
            "five\r\nhello\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "a chunk that is too long",
            "5\r\nhello, world\r\n0\r\n\r\n".to_owned(),
        ),
        ("no line between", "5\r\nhello0\r\n\r\n".to_owned()),
        ("the largest size", "ffffffffffffffff\r\nhello".to_owned()),
    ]
}

#[test]
fn tricks_with_chunks_make_no_image() {
    let mut fort = Fort::new();
    let token = fort.token.clone();
    for (what, body) in &bodies() {
        let id = fort.caller().queued();
        for place in ["file", "stage"] {
            let wire = format!(
                "PUT /v2/images/{id}/{place} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\
                 Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n{body}"
            );
            let mut stream = TcpStream::connect(fort.host()).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(60)))
                .unwrap();
            // It may hang up in the middle.
            let _ = stream.write_all(wire.as_bytes());
            let _ = stream.shutdown(Shutdown::Write);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            let answer = String::from_utf8_lossy(&answer).into_owned();
            let fine = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
            assert!(fine, "{what}: {answer}");
            settled(fort.caller(), &id, what);
        }
    }
    fort.stands();
}

#[test]
fn who_sends_on_after_a_refusal_reads_its_answer() {
    let mut fort = Fort::new();
    let image = vec![0; 16 << 20];
    let chunk = format!("{:x}\r\n", image.len());
    let framings = [
        (format!("Content-Length: {}", image.len()), "", ""),
        (
            "Transfer-Encoding: chunked".to_owned(),
            &chunk[..],
            "\r\n0\r\n\r\n",
        ),
    ];
    for (framing, before, after) in &framings {
        for token in ["nobody", &fort.token] {
            let head = format!(
                "PUT /v2/images/00000000-0000-0000-0000-000000000000/file HTTP/1.1\r\nHost: a\r\n\
                 X-Auth-Token: {token}\r\nContent-Type: application/octet-stream\r\n{framing}\r\n\r\n"
            );
            let mut stream = TcpStream::connect(fort.host()).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(60)))
                .unwrap();
            // As a client does that reads when it has sent everything.
            let pieces = [head.as_bytes(), before.as_bytes()];
            for piece in pieces.into_iter().chain(image.chunks(64 << 10)) {
                stream.write_all(piece).unwrap();
            }
            stream.write_all(after.as_bytes()).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            let answer = String::from_utf8_lossy(&answer);
            let status = if token == "nobody" { "401" } else { "404" };
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{answer}"
            );
        }
    }
    fort.stands();
}

#[test]
fn a_message_with_two_ends_is_not_two() {
    let mut fort = Fort::new();
    let token = fort.token.clone();
    // Two servers in a row could see two messages.
    let id = fort.caller().queued();
    for second in [
        "Content-Length: 4",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
    ] {
        let wire = format!(
            "PUT /v2/images/{id}/file HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\
             Content-Type: application/octet-stream\r\n{second}\r\nTransfer-Encoding: chunked\r\n\r\n\
             0\r\n\r\nDELETE /v2/images/{id} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {token}\r\n\r\n"
        );
        let answer = fort.raw(wire.as_bytes());
        assert!(answer.is_ok_and(|answer| answer.status < 500), "{second}");
        fort.caller().show(&id).expect(200);
    }
    fort.stands();
}

#[test]
fn ranges_that_make_no_sense_are_refused() {
    let mut fort = Fort::new();
    let id = fort.caller().active(b"0123456789");
    let path = format!("/v2/images/{id}/file");
    let many = (0..5000).map(|n| format!("{}-{}", n % 10, n % 10));
    let many = format!("bytes={}", many.collect::<Vec<_>>().join(","));
    for range in [
        &many[..],
        "bytes=0-,0-,0-,0-",
        "bytes=5-2",
        "bytes=10-",
        "bytes=-0",
        "bytes=-",
        "bytes=--1",
        "bytes=18446744073709551615-",
        "bytes=99999999999999999999-",
        "bytes=0-99999999999999999999",
        "bytes=-99999999999999999999",
        "bytes",
        "lines=1-2",
        "bytes=a-b",
        "bytes=\u{e9}-",
        "",
    ] {
        for name in ["Range", "Content-Range"] {
            let request = Request::new("GET", &path).header(name, range);
            let answer = fort.caller().ask(request);
            assert!(
                (400..500).contains(&answer.status),
                "{name}: {range}: {answer}"
            );
        }
    }
    // These are odd, and have an answer.
    for (range, bytes) in [
        ("bytes=0-18446744073709551614", "0123456789"),
        ("bytes=9-9", "9"),
        ("bytes=-18446744073709551615", "0123456789"),
    ] {
        let request = Request::new("GET", &path).header("Range", range);
        let answer = fort.caller().ask(request).expect(206);
        assert_eq!(answer.text(), bytes, "{range}");
    }
    fort.stands();
}

#[test]
fn connections_that_do_nothing_keep_no_upload_from_its_file() {
    let mut limited = Command::new("prlimit");
    limited
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/nonexistent");
    limited.arg("--nofile=160:160").arg(ectype().get_program());
    let mut fort = Fort::by(limited, "");
    let id = fort.caller().queued();
    let mut first = TcpStream::connect(fort.host()).unwrap();
    let token = &fort.token;
    let head = format!(
        "PUT /v2/images/{id}/file HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: {token}\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: 5\r\n"
    );
    first.write_all(head.as_bytes()).unwrap();
    // Together with its own more than it may have open.
    let idle: Vec<TcpStream> = (0..130)
        .map(|_| TcpStream::connect(fort.host()).unwrap())
        .collect();
    for mut stream in &idle {
        let _ = stream.write_all(b"GET /v2/im");
    }
    first.write_all(b"\r\nbytes").unwrap();
    let mut answer = String::new();
    first.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    drop(idle);
    assert!(fort.caller().down(&id).expect(200).body == b"bytes");
    fort.stands();
}
