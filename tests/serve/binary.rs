//! `ectype serve` as a process, with an environment of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

/// The program, which sees nothing of the caller's environment.
pub(crate) fn ectype() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command.env("HOME", "/nonexistent");
    command
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The clouds.yaml of the lab, with its text, and the lines of a configuration by which its Keystone says who calls; nothing,
/// and a word, where there is no lab.
pub(crate) fn keystone() -> Option<(PathBuf, String, String)> {
    let Some(lab) = std::env::var_os("ECTYPE_TEST_LAB") else {
        let why = b"skipped: a Keystone, for want of ECTYPE_TEST_LAB\n";
        let _ = std::io::stderr().write_all(why);
        return None;
    };
    let clouds = PathBuf::from(lab).join("clouds.yaml");
    let text = std::fs::read_to_string(&clouds).unwrap();
    let mut lines = text.lines();
    let url = lines.find_map(|line| line.trim().strip_prefix("auth_url:"));
    let url = url.unwrap().trim().trim_matches('"');
    let config = format!(
        "keystone:\n  url: {url}\n  username: glance\n  password: lab-glance\n  project: service\n"
    );
    Some((clouds, text, config))
}

/// A running service.
pub(crate) struct Running {
    process: Child,
    said: String,
    port: u16,
    _out: BufReader<ChildStdout>,
}

impl Running {
    /// On a free port of loopback.
    pub(crate) fn start(data: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::start_at(data, free_port(), arguments, variables)
    }

    /// On this port.
    pub(crate) fn start_at(
        data: &Path,
        port: u16,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = ectype();
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]);
        command.arg(data).args(arguments);
        command.envs(variables.iter().copied());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut said = String::new();
        let last = match arguments.contains(&"off") {
            true => "serving images at ",
            false => "dashboard at ",
        };
        while !said.contains(last) {
            if out.read_line(&mut said).unwrap() == 0 {
                let mut log = String::new();
                let mut errors = process.stderr.take().unwrap();
                errors.read_to_string(&mut log).unwrap();
                panic!("the service has ended: {said}{log}");
            }
        }
        Self {
            process,
            said,
            port,
            _out: out,
        }
    }

    /// Its log, once; nobody reads it any more when that is dropped.
    pub(crate) fn log(&mut self) -> Option<ChildStderr> {
        self.process.stderr.take()
    }

    /// What it has said on standard output.
    pub(crate) fn said(&self) -> &str {
        &self.said
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A whole answer, without a client between.
    pub(crate) fn get(&self, path: &str) -> String {
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ))
    }

    /// What is answered to these bytes until the connection ends.
    pub(crate) fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end. Its log, and how it ended.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success());
        let mut log = String::new();
        if let Some(mut errors) = self.log() {
            errors.read_to_string(&mut log).unwrap();
        }
        (log, self.process.wait().unwrap().code())
    }
}
