//! `ectype serve` as a process of the test's own.

use std::io::{BufRead, BufReader};
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
    pub(crate) pid: u32,
    process: Child,
}

impl Service {
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
        Self::run(shell, &folder, port, |shell| {
            let out = shell.stdout.take().expect("its output");
            let mut line = String::new();
            BufReader::new(out).read_line(&mut line).expect("a line");
            line.trim().parse().expect("a process id")
        })
    }

    fn run(mut command: Command, folder: &Path, port: u16, pid: fn(&mut Child) -> u32) -> Self {
        let log = std::fs::File::create(folder.join("test.log")).expect("a log");
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the service");
        let glance = format!("http://127.0.0.1:{port}");
        let pid = pid(&mut process);
        let service = Self {
            folder: folder.to_owned(),
            keystone: format!("{glance}/identity/v3"),
            glance,
            pid,
            process,
        };
        service.wait();
        service
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
        panic!("the service does not answer: {}", self.log());
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("test.log")).unwrap_or_default()
    }
}

fn command(folder: &Path, port: u16) -> Vec<std::ffi::OsString> {
    vec![
        "/work/wt/contract/target/debug/examples/lab".into(),
        folder.into(),
        port.to_string().into(),
    ]
}

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}
