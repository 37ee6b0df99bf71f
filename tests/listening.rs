//! How `ectype serve` and `ectype dashboard` take connections: no head without an end, none that takes for ever, HTTPS where
//! there is a certificate, answers also when nobody reads the log, and an end that waits for nobody who is only connected.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve/binary.rs"]
mod binary;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use binary::{Running, ectype};
use world::Authority;

/// A dashboard that asks no cloud before somebody logs in.
struct Dashboard {
    process: Child,
    /// As it was printed, without the last `/`.
    address: String,
}

impl Dashboard {
    fn start(arguments: &[&str]) -> Self {
        let mut command = ectype();
        command.args(["dashboard", "--no-public", "--listen", "127.0.0.1:0"]);
        command.args(["--os-auth-url", "http://127.0.0.1:9/v3"]);
        command.args(["--os-username", "u", "--os-password", "p"]);
        command.args(arguments).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        let out = process.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        Self {
            process,
            address: line.trim().trim_end_matches('/').to_owned(),
        }
    }

    fn port(&self) -> u16 {
        let (_, port) = self.address.rsplit_once(':').expect(&self.address);
        port.parse().unwrap()
    }

    /// Asks it to end, and says how it did.
    fn end(mut self) -> Option<i32> {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success());
        self.process.wait().unwrap().code()
    }
}

/// A connection that does not wait for ever: a server that never closes fails the test.
fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let patience = Some(Duration::from_secs(180));
    stream.set_read_timeout(patience).unwrap();
    stream
}

/// All that comes before the server closes.
fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{error}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn healthy(port: u16, path: &str) -> bool {
    let mut stream = connect(port);
    let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).unwrap();
    rest(stream).starts_with("HTTP/1.1 200")
}

/// Both programs, each with its port and a page that is there for everybody.
fn both(test: impl Fn(u16, &str)) {
    let dashboard = Dashboard::start(&[]);
    test(dashboard.port(), "/health");
    assert_eq!(dashboard.end(), Some(0));
    let folder = tempfile::tempdir().unwrap();
    let service = Running::start(folder.path(), &[], &[]);
    test(service.port(), "/dashboard/health");
    let (log, ended) = service.end();
    assert_eq!(ended, Some(0), "{log}");
}

#[test]
fn a_head_that_is_too_long_is_refused_and_others_are_served() {
    both(|port, page| {
        let mut stream = connect(port);
        let long = format!("GET {page} HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
        stream.write_all(long.as_bytes()).unwrap();
        // The server may have closed before all is sent.
        let _ = stream.write_all("x".repeat(1 << 20).as_bytes());
        let answer = rest(stream);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
            "{answer}"
        );
        assert!(healthy(port, page));
    });
}

#[test]
fn a_log_that_nobody_reads_costs_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Running::start(folder.path(), &[], &[]);
    drop(service.log());
    for _ in 0..10 {
        assert!(healthy(service.port(), "/healthcheck"));
    }
    assert_eq!(service.end().1, Some(0));
}

#[test]
fn who_sends_half_a_head_is_let_go() {
    let waits = |port: u16, page: &str| {
        let mut stream = connect(port);
        let half = format!("GET {page} HTTP/1.1\r\nHost: local");
        stream.write_all(half.as_bytes()).unwrap();
        let answer = rest(stream);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
        assert!(healthy(port, page));
    };
    // Side by side, because both take their time.
    let dashboard = Dashboard::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let service = Running::start(folder.path(), &[], &[]);
    let (one, other) = (dashboard.port(), service.port());
    std::thread::scope(|scope| {
        scope.spawn(|| waits(one, "/health"));
        scope.spawn(|| waits(other, "/dashboard/health"));
    });
    assert_eq!(dashboard.end(), Some(0));
    service.end();
}

#[test]
fn who_sends_half_a_form_is_let_go() {
    let waits = |port: u16, page: &str| {
        let mut stream = connect(port);
        let half = format!(
            "POST {page} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken=half"
        );
        stream.write_all(half.as_bytes()).unwrap();
        let answer = rest(stream);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    };
    let dashboard = Dashboard::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let service = Running::start(folder.path(), &[], &[]);
    let (one, other) = (dashboard.port(), service.port());
    std::thread::scope(|scope| {
        scope.spawn(|| waits(one, "/login"));
        scope.spawn(|| waits(other, "/dashboard/login"));
    });
    assert_eq!(dashboard.end(), Some(0));
    service.end();
}

#[test]
fn who_is_only_connected_keeps_nobody_from_ending() {
    let dashboard = Dashboard::start(&[]);
    let mut idle = connect(dashboard.port());
    let ask = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    idle.write_all(ask).unwrap();
    let mut first = [0; 12];
    idle.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    assert_eq!(dashboard.end(), Some(0));
    assert!(rest(idle).contains("\"status\":\"ok\""));
}

#[test]
fn with_a_certificate_the_dashboard_speaks_https_and_its_cookies_stay_there() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours");
    let (certificate, key) = authority.server("localhost");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (certificate, key) = (file("cert.pem", &certificate), file("key.pem", &key));
    let (certificate, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let dashboard = Dashboard::start(&["--tls-cert", certificate, "--tls-key", key]);
    assert!(
        dashboard.address.starts_with("https://127.0.0.1:"),
        "{}",
        dashboard.address
    );
    let client = net::Client::new(&net::Options {
        ca_file: Some(file("ca.pem", authority.pem())),
        ..net::Options::default()
    });
    let url = format!("https://localhost:{}/login", dashboard.port());
    let request = net::Request::get(url.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let reply = runtime.block_on(client.unwrap().exchange(request)).unwrap();
    assert_eq!(reply.status, net::StatusCode::OK);
    let cookie = reply.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.contains("; Secure"), "{cookie}");
    // In plain HTTP nothing is said.
    assert!(!healthy(dashboard.port(), "/health"));
    assert_eq!(dashboard.end(), Some(0));

    let alone = ectype()
        .args(["dashboard", "--tls-cert", certificate])
        .output()
        .unwrap();
    assert_eq!(alone.status.code(), Some(2), "{alone:?}");
}
