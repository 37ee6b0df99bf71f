//! Requests that are meant to break or to fool a server: ours refuses them, and goes on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use world::{Page, World};

use crate::http::{Answer, Request, exchange};
use crate::service::skipped;
use crate::talk::{Talk, patch, upload};
use crate::target::Target;
use crate::target::Who::{self, Admin, Member, Other};

fn talk(name: &str) -> Option<Talk> {
    let Some(target) = Target::own() else {
        skipped(
            &format!("hostile::{name}"),
            "no service of our own (ECTYPE_TEST_SERVE)",
        );
        return None;
    };
    Some(Talk::new(&format!("hostile::{name}"), target))
}

/// Refused with a 4xx, or hung up upon; and the next caller is served.
#[track_caller]
fn refused(t: &Talk, what: &str, answer: &std::io::Result<Answer>) {
    if let Ok(answer) = answer {
        assert!((400..500).contains(&answer.status), "{what}: {answer}");
    }
    let health = Request::new("GET", "/healthcheck").send(&t.target.glance);
    assert_eq!(health.status, 200, "after {what}: {health}");
}

fn raw(t: &Talk, wire: &[u8]) -> std::io::Result<Answer> {
    exchange(t.target.glance.trim_start_matches("http://"), wire, false)
}

fn ask(t: &Talk, who: Who, request: Request) -> std::io::Result<Answer> {
    let token = t.target.token(who).unwrap_or_default();
    request
        .header("X-Auth-Token", token)
        .try_send(&t.target.glance)
}

#[test]
fn oversized_heads_are_refused() {
    let Some(t) = talk("heads") else { return };
    let long = "x".repeat(1 << 20);
    for wire in [
        format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET /v2/images?name={long} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("GET /v2/images HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {long}\r\n\r\n"),
        format!(
            "GET /v2/images HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "X-A: b\r\n".repeat(20_000)
        ),
        format!("{long} / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ] {
        refused(&t, &wire[..30], &raw(&t, wire.as_bytes()));
    }
}

#[test]
fn messages_of_two_minds_are_refused() {
    let Some(t) = talk("framing") else { return };
    let token = t.target.token(Member).unwrap();
    for rest in [
        "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        "Content-Length: -1\r\n\r\n{}",
        "Content-Length: 99999999999999999999999\r\n\r\n{}",
        "Content-Length: 0x2\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip\r\n\r\n{}",
        "X-A\x00B: c\r\nContent-Length: 2\r\n\r\n{}",
        "X-A: b\x00c\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        let wire = format!(
            "POST /v2/images HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: {token}\r\nContent-Type: application/json\r\n{rest}"
        );
        refused(&t, rest, &raw(&t, wire.as_bytes()));
    }
    for wire in [
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
    ] {
        refused(&t, wire, &raw(&t, wire.as_bytes()));
    }
}

#[test]
fn bombs_of_json_are_refused() {
    let Some(t) = talk("bombs") else { return };
    let id = t.queued(Member);
    let deep = "[".repeat(200_000);
    let nested = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let wide: Vec<String> = (0..100_000).map(|n| format!("\"k{n}\":\"v\"")).collect();
    let operations: Vec<Value> = (0..100_000)
        .map(|n| json!({ "op": "add", "path": format!("/k{n}"), "value": "v" }))
        .collect();
    let long = json!({ "name": "x".repeat(8 << 20) }).to_string();
    for body in [
        deep.clone(),
        nested,
        format!("{{{}}}", wide.join(",")),
        long,
        format!("{{\"a\":{deep}"),
    ] {
        let post = Request::new("POST", "/v2/images").header("Content-Type", "application/json");
        refused(
            &t,
            &body[..20],
            &ask(&t, Member, post.bytes(body.as_bytes())),
        );
        let import = Request::new("POST", &format!("/v2/images/{id}/import"))
            .header("Content-Type", "application/json");
        refused(
            &t,
            &body[..20],
            &ask(&t, Member, import.bytes(body.as_bytes())),
        );
    }
    refused(
        &t,
        "many operations",
        &ask(&t, Member, patch(&id, &json!(operations))),
    );
    refused(
        &t,
        "a deep patch",
        &ask(&t, Member, patch(&id, &json!([])).bytes(deep.as_bytes())),
    );
    let numbers = [
        "1e999",
        "-0",
        "123456789012345678901234567890",
        "NaN",
        "1.0e5",
    ];
    for number in numbers {
        let post = Request::new("POST", "/v2/images").header("Content-Type", "application/json");
        let body = format!("{{\"min_disk\":{number},\"visibility\":\"x\"}}");
        refused(&t, number, &ask(&t, Member, post.bytes(body.as_bytes())));
    }
}

#[test]
fn a_body_announced_and_never_sent_costs_nothing() {
    let Some(t) = talk("announced") else { return };
    let token = t.target.token(Member).unwrap();
    let wire = format!(
        "POST /v2/images HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Auth-Token: {token}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{{"
    );
    let answer = raw(&t, wire.as_bytes()).expect("an answer at once");
    refused(&t, "a body of 100 GB", &Ok(answer));
}

/// Paths that climb out, hide what they mean, or speak to a database.
const NOWHERE: &[&str] = &[
    "/v2/images/../../../../etc/passwd",
    "/v2/images/..%2f..%2f..%2fetc%2fpasswd",
    "/v2/images/%2e%2e/%2e%2e/etc/passwd/file",
    "/v2/images/..%5c..%5cetc/file",
    "/v2/images/%00/file",
    "/v2/images/a%00b",
    "/v2/images/%ff%fe",
    "/v2/images/%",
    "/v2/images/%zz/file",
    "/v2/images/%c0%ae%c0%ae/file",
    "/v2//images",
    "/v2/images/./x",
    "/v2/images/*",
    "/v2/images/;id=1",
    "/v2/images/'%20OR%201=1--",
    "/v2/images/%27%29%3b%20DROP%20TABLE%20images;--/file",
    "/v2/schemas/../images/x",
];

#[test]
fn paths_that_climb_or_hide_lead_nowhere() {
    let Some(t) = talk("paths") else { return };
    let id = t.active(Member, b"inside");
    for path in NOWHERE {
        for method in ["GET", "DELETE"] {
            refused(&t, path, &ask(&t, Member, Request::new(method, path)));
        }
    }
    for query in [
        "sort=name%27;--:asc",
        "marker=%27%20OR%201=1--",
        "limit=1;DROP%20TABLE%20images",
        "sort_key=(select%201)",
    ] {
        refused(
            &t,
            query,
            &ask(
                &t,
                Member,
                Request::new("GET", &format!("/v2/images?{query}")),
            ),
        );
    }
    let harmless = [
        "name=%27%20OR%201=1--",
        "tag=%27%29;DROP%20TABLE%20images;--",
        "a%27b=c",
        "owner=%25",
        "os_distro=_%25",
    ];
    for query in harmless {
        let list = ask(
            &t,
            Other,
            Request::new("GET", &format!("/v2/images?{query}")),
        )
        .unwrap()
        .expect(200);
        assert_eq!(list.json()["images"], json!([]), "{query}");
    }
    t.quiet(
        Member,
        Request::new("GET", &format!("/v2/images/{id}/file")),
    )
    .expect(200);
}

#[test]
fn a_member_cannot_give_an_image_away_by_any_operation() {
    let Some(t) = talk("owner") else { return };
    let id = t.queued(Member);
    for op in ["add", "replace"] {
        let change = json!([{ "op": op, "path": "/owner", "value": t.project(Other) }]);
        refused(&t, op, &ask(&t, Member, patch(&id, &change)));
        let now = t
            .quiet(Admin, Request::new("GET", &format!("/v2/images/{id}")))
            .json();
        assert_eq!(now["owner"], t.project(Member), "{op}");
    }
}

#[test]
fn a_redirect_to_where_nobody_may_go_is_not_followed() {
    let Some(t) = talk("redirect") else { return };
    let world = World::start();
    let secret = World::start();
    secret.put("/secret", Page::bytes(b"secret".to_vec()));
    for (number, to) in [
        "http://169.254.169.254/latest/meta-data".to_owned(),
        format!("http://[::1]:{}/secret", secret.port()),
        format!("http://127.0.0.2:{}/secret", secret.port()),
        format!("http://0.0.0.0:{}/secret", secret.port()),
        format!("http://2130706433:{}/secret", secret.port()),
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/secret".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let path = format!("/moved-{number}");
        world.put(&path, Page::redirect(302, to));
        let id = t.queued(Member);
        let body = json!({ "method": { "name": "web-download", "uri": world.url(&path) } });
        let import = Request::new("POST", &format!("/v2/images/{id}/import")).json(&body);
        let answer = t.quiet(Member, import);
        if answer.status == 202 {
            t.ended(&id, 1);
        }
        let now = t.settled(&id, &["queued"]);
        assert_eq!(now["checksum"], Value::Null, "{to}: {now}");
    }
    assert!(secret.requests().is_empty(), "the secret was asked for");
    world.put("/round", Page::redirect(302, "/round"));
    let id = t.queued(Member);
    let body = json!({ "method": { "name": "web-download", "uri": world.url("/round") } });
    t.quiet(
        Member,
        Request::new("POST", &format!("/v2/images/{id}/import")).json(&body),
    )
    .expect(202);
    t.ended(&id, 1);
    t.settled(&id, &["queued"]);
}

#[test]
fn slow_clients_keep_nobody_waiting() {
    let Some(t) = talk("slow") else { return };
    let host = t.target.glance.trim_start_matches("http://");
    let token = t.target.token(Member).unwrap();
    let id = t.queued(Member);
    let mut held = Vec::new();
    for number in 0..200 {
        let mut stream = TcpStream::connect(host).unwrap();
        let begun = match number % 3 {
            0 => "GET /v2/images HTT".to_owned(),
            1 => format!(
                "POST /v2/images HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {token}\r\nContent-Length: 100\r\n\r\n{{"
            ),
            _ => "GET / HTTP/1.1\r\nHost: a\r\n".to_owned(),
        };
        stream.write_all(begun.as_bytes()).unwrap();
        held.push(stream);
    }
    for _ in 0..20 {
        t.quiet(Member, Request::new("GET", "/v2/images?limit=1"))
            .expect(200);
    }
    t.quiet(Member, upload(&id, b"meanwhile")).expect(204);
}

#[test]
fn an_upload_cut_off_is_no_image() {
    let Some(t) = talk("cut") else { return };
    let host = t.target.glance.trim_start_matches("http://");
    let token = t.target.token(Member).unwrap();
    for framing in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let id = t.queued(Member);
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!(
            "PUT /v2/images/{id}/file HTTP/1.1\r\nHost: a\r\nX-Auth-Token: {token}\r\nContent-Type: application/octet-stream\r\n{framing}\r\n\r\n10000\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&[7; 60_000]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || text.starts_with("HTTP/1.1 4"),
            "{framing}: {text}"
        );
        t.settled(&id, &["queued"]);
        t.quiet(Member, upload(&id, b"whole")).expect(204);
        let down = t.quiet(
            Member,
            Request::new("GET", &format!("/v2/images/{id}/file")),
        );
        assert_eq!(down.body, b"whole");
    }
}
