//! What is small for the one who sends it and large for the one who takes it.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Barrier;

use crate::fort::Fort;
use crate::http::Request;

/// Documents that are small on the wire and large in memory.
fn bombs(bytes: usize) -> Vec<String> {
    let times = |text: &str| text.repeat(bytes / text.len());
    let keys: Vec<String> = (0..bytes / 12).map(|n| format!("\"{n:x}\":{{}}")).collect();
    vec![
        times("["),
        times("{\"a\":"),
        format!("[{}0]", times("[],")),
        format!("[{}0]", times("{},")),
        format!("{{{}}}", keys.join(",")),
        format!("{{\"name\":\"{}\"}}", times("\\u0000")),
        format!("{{\"tags\":[{}\"\"]}}", times("\"\",")),
        times("9"),
        format!("\"{}", times("\\")),
    ]
}

#[test]
fn bombs_of_json_at_one_time_cost_bounded_memory() {
    let mut fort = Fort::new();
    let id = fort.caller().queued();
    let image = format!("/v2/images/{id}");
    let places = [
        ("POST", "/v2/images".to_owned(), "application/json"),
        (
            "PATCH",
            image.clone(),
            "application/openstack-images-v2.1-json-patch",
        ),
        (
            "PATCH",
            image.clone(),
            "application/openstack-images-v2.0-json-patch",
        ),
        ("POST", format!("{image}/import"), "application/json"),
        ("POST", format!("{image}/members"), "application/json"),
        (
            "POST",
            "/v2/metadefs/namespaces".to_owned(),
            "application/json",
        ),
        ("POST", "/v2/tasks".to_owned(), "application/json"),
        (
            "POST",
            "/identity/v3/auth/tokens".to_owned(),
            "application/json",
        ),
        ("POST", "/identity/v3/users".to_owned(), "application/json"),
        (
            "POST",
            "/dashboard/login".to_owned(),
            "application/x-www-form-urlencoded",
        ),
    ];
    let bombs = [bombs(1 << 20), bombs(110_000)].concat();
    for bomb in &bombs {
        std::thread::scope(|scope| {
            for (method, path, kind) in &places {
                for _ in 0..6 {
                    let fort = &fort;
                    scope.spawn(move || {
                        let request = Request::new(method, path).header("Content-Type", kind);
                        let answer = fort.caller().try_ask(request.bytes(bomb.as_bytes()));
                        // Many times the same tag is one tag.
                        let fine = |status| status == 201 && bomb.starts_with("{\"tags\"");
                        if !answer.as_ref().is_ok_and(|answer| fine(answer.status)) {
                            fort.refused(&format!("{path}: {}", &bomb[..12]), &answer);
                        }
                    });
                }
            }
        });
    }
    fort.stands();
}

/// Connections that each send all but the last byte of a body.
const STUCK: usize = 400;

#[test]
fn bodies_that_do_not_end_cost_bounded_memory_and_hold_up_nobody() {
    for path in ["/v2/images", "/identity/v3/auth/tokens"] {
        let mut fort = Fort::new();
        // As much as the place takes.
        let bytes = if path == "/v2/images" {
            1 << 20
        } else {
            114_688
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {bytes}\r\n\r\n",
            fort.token
        );
        let wire = [head.as_bytes(), &vec![b' '; bytes - 1]].concat();
        let sent = Barrier::new(STUCK + 1);
        let over = Barrier::new(STUCK + 1);
        std::thread::scope(|scope| {
            for _ in 0..STUCK {
                let (fort, wire, sent, over) = (&fort, &wire, &sent, &over);
                scope.spawn(move || {
                    let mut stream = TcpStream::connect(fort.host()).unwrap();
                    // It may be hung up upon.
                    let _ = stream.write_all(wire);
                    sent.wait();
                    over.wait();
                });
            }
            sent.wait();
            let caller = fort.caller();
            caller.queued();
            // Many times the same tag is one tag.
            let tags = "\"a\",".repeat(50_000);
            let large = format!("{{\"name\":\"large\",\"tags\":[{tags}\"a\"]}}");
            let new = Request::new("POST", "/v2/images")
                .header("Content-Type", "application/json")
                .bytes(large.as_bytes());
            caller.ask(new).expect(201);
            fort.service.log_in();
            over.wait();
        });
        fort.stands();
    }
}

#[test]
fn heads_without_end_cost_bounded_memory() {
    let mut fort = Fort::new();
    let long = "x".repeat(1 << 20);
    let wires = [
        format!("GET /v2/images?{long}"),
        format!("GET /v2/images HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {long}"),
        format!("GET /dashboard/ HTTP/1.1\r\nHost: a\r\nCookie: {long}\r\n\r\n"),
        format!(
            "POST /identity/v3/auth/tokens HTTP/1.1\r\nHost: a\r\n{}",
            "a: b\r\n".repeat(100_000)
        ),
    ];
    std::thread::scope(|scope| {
        for wire in wires.iter().cycle().take(64) {
            let fort = &fort;
            scope.spawn(move || fort.refused(&wire[..20], &fort.raw(wire.as_bytes())));
        }
    });
    fort.stands();
}
