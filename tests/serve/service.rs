//! Our own image service as a process of the test's own.
//!
//! `ECTYPE_TEST_SERVE` is the command that starts it, with `{folder}` and `{port}` in it: an empty folder for all it keeps
//! and the port on loopback. Its first user is `admin` of the project `admin`, with the password `lab-admin`; it serves the
//! identity service below `/identity`, and lets `web-download` fetch from `127.0.0.1`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::http::Request;

/// A running service.
pub(crate) struct Service {
    pub(crate) folder: PathBuf,
    /// Without a path.
    pub(crate) glance: String,
    /// With `/v3`.
    pub(crate) keystone: String,
    process: Child,
}

impl Service {
    /// Whether there is one to start.
    pub(crate) fn there() -> bool {
        std::env::var_os("ECTYPE_TEST_SERVE").is_some()
    }

    /// A service for the whole run of the test program. A shell that waits for the end of its input ends it, and removes
    /// its folder, because nothing else outlives a test program that ends.
    pub(crate) fn start_for_all() -> Self {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let script =
            "\"$@\" & pid=$!; echo $pid; cat >/dev/null; kill $pid; wait $pid; rm -rf \"$0\"";
        let port = free_port();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).arg(&folder);
        shell.args(command(&folder, port));
        let service = Self::run(shell, &folder, port);
        service.wait();
        service
    }

    /// A service on a folder that may be used already.
    pub(crate) fn start(folder: &Path) -> Self {
        let port = free_port();
        let words = command(folder, port);
        let mut program = Command::new(&words[0]);
        program.args(&words[1..]);
        let service = Self::run(program, folder, port);
        service.wait();
        service
    }

    fn run(mut command: Command, folder: &Path, port: u16) -> Self {
        let log = std::fs::File::create(folder.join("test.log")).expect("a log");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the service");
        // Read on, or a full pipe would stop it.
        let out = process.stdout.take().expect("its output");
        std::thread::spawn(move || BufReader::new(out).lines().for_each(drop));
        let glance = format!("http://127.0.0.1:{port}");
        Self {
            folder: folder.to_owned(),
            keystone: format!("{glance}/identity/v3"),
            glance,
            process,
        }
    }

    /// Until it answers.
    fn wait(&self) {
        for _ in 0..600 {
            let health = Request::new("GET", "/healthcheck").try_send(&self.glance);
            if health.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.join("test.log"));
        panic!("the service does not answer: {log:?}");
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        self.process.wait().expect("its end");
    }
}

/// Says that a test has tested nothing, where no test program swallows it.
pub(crate) fn skipped(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}: {why}");
}

/// The words of the command.
fn command(folder: &Path, port: u16) -> Vec<String> {
    let template = std::env::var("ECTYPE_TEST_SERVE").expect("a command");
    let folder = folder.to_str().expect("a plain path");
    let fill = |word: &str| {
        word.replace("{folder}", folder)
            .replace("{port}", &port.to_string())
    };
    template.split_whitespace().map(fill).collect()
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
