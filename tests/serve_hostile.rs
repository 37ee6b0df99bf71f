//! Clients that mean harm: each of their requests is refused or hung up upon, never answered with 5xx, and costs no more
//! memory than is said here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve/cloud.rs"]
mod cloud;
#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve/replica.rs"]
mod replica;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use http::{Answer, Request, exchange};
use replica::{Caller, Places, Replica, ectype, free_port, skipped};
use serde_json::{Value, json};
use world::{Page, World};

/// MiB that the service may have at most, whatever comes. A test build takes more than a release.
const MEMORY: u64 = 256;

/// A service under attack.
struct Fort {
    service: Replica,
    token: String,
    _folder: tempfile::TempDir,
}

impl Fort {
    fn new() -> Self {
        Self::by(ectype(), "")
    }

    /// Started by a command that ends in the program's name, with this configuration.
    fn by(command: Command, config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("service");
        std::fs::create_dir(&data).unwrap();
        std::fs::write(data.join("config.yaml"), config).unwrap();
        let mut service = Replica::begin_as(command, &data, &Places::default(), &[]);
        service.wait();
        Self {
            token: service.log_in(),
            service,
            _folder: folder,
        }
    }

    fn caller(&self) -> Caller<'_> {
        self.service.caller(&self.token)
    }

    fn host(&self) -> &str {
        self.service.url.trim_start_matches("http://")
    }

    fn raw(&self, wire: &[u8]) -> std::io::Result<Answer> {
        exchange(self.host(), wire, false)
    }

    /// A refusal, or no answer at all.
    #[track_caller]
    fn refused(&self, what: &str, answer: &std::io::Result<Answer>) {
        if let Ok(answer) = answer {
            let status = answer.status;
            assert!((400..500).contains(&status), "{what}: {answer}");
        }
    }

    /// It lives, it answers, and it has not grown.
    #[track_caller]
    fn stands(&mut self) {
        assert!(self.service.is_alive());
        let health = Request::new("GET", "/healthcheck").send(&self.service.url);
        assert_eq!(health.status, 200, "{health}");
        let peak = self.service.peak();
        assert!(peak <= MEMORY, "{peak} MiB");
        let log = self.service.log();
        assert!(!log.contains("panicked"), "{log}");
    }
}

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

#[test]
fn tricks_with_chunks_make_no_image() {
    let mut fort = Fort::new();
    let token = fort.token.clone();
    let long = "x".repeat(1 << 20);
    let digits = "f".repeat(1 << 20);
    let bodies = [
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
    ];
    for (what, body) in &bodies {
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
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            let answer = String::from_utf8_lossy(&answer).into_owned();
            let fine = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
            assert!(fine, "{what}: {answer}");
            settled(fort.caller(), &id, what);
        }
    }
    // A length and chunks in one message: two servers in a row could see two messages.
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

/// Waits until nobody is at work on an image, which is then as it was.
#[track_caller]
fn settled(caller: Caller<'_>, id: &str, what: &str) {
    for _ in 0..1200 {
        let status = caller.status(id);
        if status == "queued" {
            return;
        }
        assert!(
            ["saving", "uploading", "importing"].contains(&&status[..]),
            "{what}: {status}"
        );
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("{what}: it comes to no end: {}", caller.show(id));
}

/// Targets that are long, deep or odd.
fn targets(id: &str) -> Vec<String> {
    let long = "x".repeat(60_000);
    let many = |part: &str| part.repeat(60_000 / part.len());
    vec![
        format!("/v2/images/{long}"),
        format!("/v2/images/{long}/file"),
        format!("/v2/images/{}", many("%f0%9f%92%a3")),
        format!("/v2/images{}", many("/a")),
        format!("/v2{}", many("/..")),
        format!("/v2{}", many("/%2e%2e")),
        format!("/{}", many("/")),
        format!("/v2/images/{id}%00"),
        format!("/v2/images/{id}%2ffile"),
        format!("/v2//images/{id}"),
        format!("/v2/images//{id}"),
        format!("/v2/images/{id}/file/"),
        format!("/v2/images/{id}/members/{long}"),
        format!("/v2/images/{id}/tags/{long}"),
        format!("/v2/images/{id}/tags/%00"),
        format!("/v2/images/{id}/members/%00"),
        format!("/v2/images/{id}/actions/{long}"),
        format!("/v2/stores/{long}/{id}"),
        format!("/v2/tasks/{long}"),
        format!("/v2/schemas/{long}"),
        format!("/v2/cache/{long}"),
        format!("/v2/metadefs/namespaces/{long}"),
        "/v2/metadefs/namespaces/%00/objects/%00".to_owned(),
        format!("/identity/v3/users/{long}"),
        "/identity/v3/users/%00".to_owned(),
        format!("/identity/v3/projects/{}", many("%2e%2e%2f")),
        format!("/dashboard/{long}"),
        format!("/dashboard/{}", many("%2e%2e/")),
        "/dashboard/%00".to_owned(),
        "/dashboard/assets/../../../etc/passwd".to_owned(),
        "/dashboard/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd".to_owned(),
        format!("/dashboard/images/{id}%00"),
    ]
}

#[test]
fn targets_that_are_long_deep_or_odd_lead_nowhere() {
    let mut fort = Fort::new();
    let id = fort.caller().active(b"inside");
    for target in targets(&id) {
        for method in [
            "GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "TRACE", "PROPFIND",
        ] {
            let request = Request::new(method, &target);
            if let Ok(answer) = fort.caller().try_ask(request) {
                let status = answer.status;
                // The start page and versions are for every path outside the API.
                let fine = (300..500).contains(&status);
                assert!(
                    fine,
                    "{method} {}: {answer}",
                    &target[..target.len().min(60)]
                );
                assert!(!answer.text().contains("root:"), "{target}");
            }
        }
    }
    for line in [
        format!("GET http://elsewhere.example/v2/images/{id} HTTP/1.1"),
        "CONNECT 169.254.169.254:80 HTTP/1.1".to_owned(),
        "OPTIONS * HTTP/1.1".to_owned(),
        "get /v2/images HTTP/1.1".to_owned(),
        "GET v2/images HTTP/1.1".to_owned(),
        "GET /v2/images\tHTTP/1.1".to_owned(),
        "GET /v2/images\u{0} HTTP/1.1".to_owned(),
        "PRI * HTTP/2.0".to_owned(),
    ] {
        let wire = format!("{line}\r\nHost: a\r\nConnection: close\r\n\r\n");
        if let Ok(answer) = fort.raw(wire.as_bytes()) {
            assert!(answer.status < 500, "{line}: {answer}");
        }
    }
    assert!(fort.caller().down(&id).expect(200).body == b"inside");
    fort.stands();
}

#[test]
fn questions_that_are_long_or_odd_are_answered_or_refused() {
    let mut fort = Fort::new();
    fort.caller().queued();
    let list = |part: &str| part.repeat(60_000 / part.len());
    let numbered = |part: &str| {
        let all = (0..60_000 / (part.len() + 6)).map(|n| part.replace('#', &n.to_string()));
        all.collect::<Vec<_>>().join("&")
    };
    let queries = [
        format!("name=in:{}", list("a,")),
        format!("id=in:{}", list("\"b\",")),
        format!("status=in:{}", list("active,")),
        format!("name=in:{}", list("\"")),
        list("tag=a&"),
        numbered("tag=t#"),
        numbered("p#=v"),
        numbered("p#=in:a,b"),
        list("name=a&"),
        list("sort=name:asc&"),
        format!("sort={}", list("name:asc,")),
        list("sort_key=name&sort_dir=asc&"),
        list("sort_key=created_at&"),
        format!("marker={}", list("x")),
        "marker=%00".to_owned(),
        "name=%00".to_owned(),
        "tag=%00".to_owned(),
        "a%00b=c".to_owned(),
        "%ff=%fe".to_owned(),
        "limit=-1".to_owned(),
        "limit=99999999999999999999".to_owned(),
        "limit=NaN".to_owned(),
        "size_min=-1".to_owned(),
        "size_max=99999999999999999999".to_owned(),
        "created_at=gt:99999-99-99T99:99:99Z".to_owned(),
        "created_at=gt:".to_owned(),
        "updated_at=in:a,b".to_owned(),
        "protected=maybe".to_owned(),
        "visibility=%27".to_owned(),
        "member_status=%00".to_owned(),
        list("&"),
        list("="),
        list("%"),
    ];
    for query in &queries {
        for path in [
            "/v2/images",
            "/v2/tasks",
            "/v2/metadefs/namespaces",
            "/v2/metadefs/resource_types",
            "/identity/v3/users",
            "/identity/v3/role_assignments",
            "/dashboard/images",
            "/dashboard/",
        ] {
            let request = Request::new("GET", &format!("{path}?{query}"));
            if let Ok(answer) = fort.caller().try_ask(request) {
                assert!(
                    answer.status < 500,
                    "{path}?{}: {answer}",
                    &query[..query.len().min(60)]
                );
            }
        }
    }
    for (name, value) in [
        ("Accept", list("a/b,")),
        ("Accept-Language", list("x;q=0.1,")),
        ("X-Auth-Token", list("t")),
        ("X-Auth-Token", "\u{e9}\u{e9}".to_owned()),
        ("X-Openstack-Request-Id", list("r")),
        ("Forwarded", list("for=1.2.3.4,")),
        ("X-Forwarded-Proto", list("https,")),
        ("Cookie", list("a=b;")),
        ("Expect", "200-maybe".to_owned()),
        ("Upgrade", "h2c".to_owned()),
        ("If-None-Match", list("\"e\",")),
    ] {
        for path in ["/v2/images", "/identity/v3/users", "/dashboard/"] {
            let request = Request::new("GET", path).header(name, &value);
            if let Ok(answer) = fort.caller().try_ask(request) {
                assert!(answer.status < 500, "{name}: {answer}");
            }
        }
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
    let hosts: PathBuf = "/etc/hosts".into();
    let mut lines = std::fs::read_to_string(hosts).unwrap();
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
            let tasks = Request::new("GET", &format!("/v2/images/{id}/tasks"));
            let tasks = fort.caller().ask(tasks).expect(200).json();
            let message = tasks["tasks"][0]["message"].to_string();
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
