//! A renewed certificate is taken without a restart, by `ectype serve` and `ectype dashboard`; one that is none is not.

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
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};

use binary::{ectype, free_port};
use world::Authority;

/// The certificate and the key of a server, in files that are renewed.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path("new"), text).unwrap();
        std::fs::rename(self.path("new"), self.path(name)).unwrap();
    }

    /// A certificate of this authority with its key.
    fn renew(&self, authority: &Authority) {
        let (certificate, key) = authority.server("localhost");
        self.put("certificate", &certificate);
        self.put("key", &key);
    }
}

/// A program that serves.
struct Served {
    process: Child,
    errors: BufReader<ChildStderr>,
    _out: BufReader<ChildStdout>,
    port: u16,
    /// A page that is there for everybody.
    page: &'static str,
}

impl Served {
    /// Starts it, and waits until it has said where it serves.
    fn start(mut command: Command, port: u16, page: &'static str, last: &str) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let errors = BufReader::new(process.stderr.take().unwrap());
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains(last) {
            assert_ne!(out.read_line(&mut said).unwrap(), 0, "{said}");
        }
        Self {
            process,
            errors,
            _out: out,
            port,
            page,
        }
    }

    fn service(data: &Path, files: Option<&Files>) -> Self {
        let port = free_port();
        let mut command = ectype();
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]);
        command.arg(data);
        certified(&mut command, files);
        Self::start(command, port, "/dashboard/health", "dashboard at ")
    }

    /// A dashboard that asks no cloud before somebody logs in.
    fn dashboard(files: Option<&Files>) -> Self {
        let port = free_port();
        let mut command = ectype();
        command.args(["dashboard", "--no-public", "--listen"]);
        command.arg(format!("127.0.0.1:{port}"));
        command.args(["--os-auth-url", "http://127.0.0.1:9/v3"]);
        command.args(["--os-username", "u", "--os-password", "p"]);
        certified(&mut command, files);
        Self::start(command, port, "/health", "://127.0.0.1:")
    }

    fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Has the files read anew, and waits for the word of what came of it.
    fn renew(&mut self) -> String {
        self.signal("-HUP");
        loop {
            let mut line = String::new();
            assert_ne!(self.errors.read_line(&mut line).unwrap(), 0);
            if line.contains("certificate") {
                return line;
            }
        }
    }

    /// Whether a new connection is served with a certificate of this authority.
    fn presents(&self, authority: &Authority) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca");
        std::fs::write(&ca, authority.pem()).unwrap();
        let client = net::Client::new(&net::Options {
            ca_file: Some(ca),
            ..net::Options::default()
        });
        let url = format!("https://localhost:{}{}", self.port, self.page);
        let request = net::Request::get(url.parse().unwrap());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let reply = runtime.block_on(client.unwrap().exchange(request));
        reply.is_ok_and(|reply| reply.status == net::StatusCode::OK)
    }

    fn end(mut self) {
        self.signal("-TERM");
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).unwrap();
        assert_eq!(self.process.wait().unwrap().code(), Some(0), "{rest}");
    }
}

fn certified(command: &mut Command, files: Option<&Files>) {
    if let Some(files) = files {
        command.arg("--tls-cert").arg(files.path("certificate"));
        command.arg("--tls-key").arg(files.path("key"));
    }
}

/// Both programs, with files of their own by the first authority.
fn both(first: &Authority, test: impl Fn(&mut Served, &Files)) {
    let folder = tempfile::tempdir().unwrap();
    for dashboard in [true, false] {
        let files = Files::new();
        files.renew(first);
        let mut served = match dashboard {
            true => Served::dashboard(Some(&files)),
            false => Served::service(folder.path(), Some(&files)),
        };
        test(&mut served, &files);
        served.end();
    }
}

/// A connection of OpenSSL's, which stays open.
struct Open {
    client: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    page: &'static str,
}

impl Open {
    fn to(served: &Served, authority: &Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca");
        std::fs::write(&ca, authority.pem()).unwrap();
        let mut client = Command::new("openssl")
            .args(["s_client", "-quiet", "-verify_return_error"])
            .args(["-servername", "localhost", "-CAfile"])
            .arg(&ca)
            .args(["-connect", &format!("127.0.0.1:{}", served.port)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl");
        let mut open = Self {
            ask: client.stdin.take().unwrap(),
            answers: BufReader::new(client.stdout.take().unwrap()),
            client,
            page: served.page,
        };
        // Once it has answered, the client has read the file.
        open.is_served();
        open
    }

    /// Asks once more, and reads a whole answer.
    fn is_served(&mut self) {
        let ask = format!("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", self.page);
        self.ask.write_all(ask.as_bytes()).unwrap();
        let (mut head, mut len) = (String::new(), 0);
        while !head.ends_with("\r\n\r\n") {
            let start = head.len();
            assert_ne!(self.answers.read_line(&mut head).unwrap(), 0, "{head}");
            let line = head[start..].to_lowercase();
            if let Some(number) = line.strip_prefix("content-length:") {
                len = number.trim().parse().unwrap();
            }
        }
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let mut body = vec![0; len];
        self.answers.read_exact(&mut body).unwrap();
    }

    fn end(mut self) {
        self.client.kill().unwrap();
        self.client.wait().unwrap();
    }
}

#[test]
fn a_renewed_certificate_is_taken_on_a_hangup_and_open_connections_live_on() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    both(&old, |served, files| {
        let mut open = Open::to(served, &old);
        assert!(served.presents(&old));
        files.renew(&new);
        let said = served.renew();
        assert!(said.contains("read anew"), "{said}");
        let path = files.path("certificate");
        assert!(said.contains(path.to_str().unwrap()), "{said}");
        assert!(served.presents(&new) && !served.presents(&old));
        open.is_served();
        open.end();
    });
}

#[test]
fn files_that_are_wrong_leave_the_old_certificate_and_are_named() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    both(&old, |served, files| {
        let (certificate, key) = new.server("localhost");
        let names = ["certificate", "key"];
        let mut refused = |named: &[&str], why: &str| {
            let said = served.renew();
            assert!(said.contains("stays the one that it was"), "{said}");
            assert!(said.to_lowercase().contains("warn"), "{said}");
            assert!(said.contains(why), "{said}");
            for name in named {
                let path = files.path(name);
                assert!(said.contains(path.to_str().unwrap()), "{said}");
            }
            assert!(served.presents(&old));
        };
        // Half of a renewal: the key is still the old one.
        files.put("certificate", &certificate);
        refused(&names, "cannot be used together");
        files.put("certificate", "no certificate");
        refused(&names[..1], "holds no certificate");
        files.put("certificate", &certificate.replace("MII", "AAA"));
        refused(&names, "cannot be used together");
        std::fs::remove_file(files.path("certificate")).unwrap();
        refused(&names[..1], "No such file");
        files.put("certificate", &certificate);
        files.put("key", "");
        refused(&names[1..], "holds no private key");
        files.put("key", &key);
        assert!(served.renew().contains("read anew"));
        assert!(served.presents(&new));
    });
}

#[test]
fn a_hangup_ends_nothing_where_there_is_no_certificate() {
    let folder = tempfile::tempdir().unwrap();
    for mut served in [
        Served::dashboard(None),
        Served::service(folder.path(), None),
    ] {
        let said = served.renew();
        assert!(said.contains("no certificate to be read anew"), "{said}");
        served.end();
    }
}

/// Starts a program on a terminal of its own, reads the address that it serves at, closes the terminal, and prints how it ended.
const TERMINAL: &str = "
import os, pty, signal, sys
signal.alarm(120)
child, terminal = pty.fork()
if child == 0:
    # Whoever runs the tests may have it ignored, and children would, too.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
said = b''
while b'serving images at' not in said and b'http://127.0.0.1:' not in said:
    said += os.read(terminal, 4096)
while b'\\n' not in said[said.rindex(b'http:'):]:
    said += os.read(terminal, 4096)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

/// The same with `nohup` before the program; prints whether it serves when the terminal is gone, and how it ends when it is told to.
const NOHUP: &str = "
import os, pty, signal, socket, sys, time
signal.alarm(120)
child, terminal = pty.fork()
if child == 0:
    out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.execvp('nohup', ['nohup'] + sys.argv[2:])
said = ''
while 'http://127.0.0.1:' not in said or not said.endswith(chr(10)):
    time.sleep(0.05)
    said = open(sys.argv[1]).read() if os.path.exists(sys.argv[1]) else ''
os.close(terminal)
while 'read anew' not in said:
    time.sleep(0.05)
    said = open(sys.argv[1]).read()
port = said.split('http://127.0.0.1:')[1].split('/')[0].split()[0]
socket.create_connection(('127.0.0.1', int(port))).close()
os.kill(child, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
";

/// What both scripts start, each with arguments of its own.
fn from_a_terminal(script: &str, before: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--dashboard",
        "off",
        "--data",
        data,
    ];
    let dashboard = [
        "dashboard",
        "--no-public",
        "--listen",
        "127.0.0.1:0",
        "--os-auth-url",
        "http://127.0.0.1:9/v3",
        "--os-username",
        "u",
        "--os-password",
        "p",
    ];
    for words in [&serve[..], &dashboard] {
        let out = Command::new("python3")
            .args(["-c", script])
            .args(before)
            .arg(env!("CARGO_BIN_EXE_ectype"))
            .args(words)
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", "/nonexistent")
            .output()
            .expect("python3");
        assert_eq!(String::from_utf8_lossy(&out.stdout), "0\n", "{out:?}");
        for name in before {
            std::fs::remove_file(folder.path().join(name)).unwrap();
        }
    }
}

#[test]
fn who_closes_the_terminal_ends_what_was_started_from_it() {
    from_a_terminal(TERMINAL, &[]);
}

#[test]
fn what_was_started_with_nohup_lives_on_when_the_terminal_is_closed() {
    from_a_terminal(NOHUP, &["said"]);
}
