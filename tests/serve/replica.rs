//! A process of `ectype serve` for tests of faults: its log goes to a file, it can be killed, and it ends with the test.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::json;

use crate::http::{Answer, Request};

/// The administrator's password.
const PASSWORD: &str = "lab-admin";

/// The program, which sees nothing of the caller's environment.
pub(crate) fn ectype() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ectype"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    command.env("HOME", "/nonexistent");
    command
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

/// Where services keep what they have, as options.
#[derive(Clone, Default)]
pub(crate) struct Places {
    pub(crate) database: Option<String>,
    /// Bucket and address of the object store.
    pub(crate) bucket: Option<(String, String)>,
}

impl Places {
    /// The command that is to work there.
    pub(crate) fn given_to(&self, command: &mut Command) {
        if let Some(database) = &self.database {
            command.args(["--database", database]);
        }
        if let Some((bucket, endpoint)) = &self.bucket {
            command.args(["--store", &format!("s3://{bucket}")]);
            command.args(["--s3-endpoint", endpoint]);
            command.env("AWS_ACCESS_KEY_ID", "id");
            command.env("AWS_SECRET_ACCESS_KEY", "secret");
        }
    }
}

/// A running service; killed when dropped.
pub(crate) struct Replica {
    process: Child,
    log: PathBuf,
    /// Without a path.
    pub(crate) url: String,
}

impl Replica {
    /// Starts one on its own folder, without waiting for it.
    pub(crate) fn begin(data: &Path, places: &Places, arguments: &[&str]) -> Self {
        Self::begin_as(ectype(), data, places, arguments)
    }

    /// The same by a command that ends in the program's name.
    pub(crate) fn begin_as(
        mut command: Command,
        data: &Path,
        places: &Places,
        arguments: &[&str],
    ) -> Self {
        let port = free_port();
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]);
        command.arg(data).args(arguments);
        places.given_to(&mut command);
        command.env("ECTYPE_SERVE_ADMIN_PASSWORD", PASSWORD);
        let log = data.with_extension(format!("{port}.log"));
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn();
        Self {
            process: process.unwrap(),
            log,
            url: format!("http://127.0.0.1:{port}"),
        }
    }

    /// Starts one and waits until it answers.
    pub(crate) fn start(data: &Path, places: &Places, arguments: &[&str]) -> Self {
        let mut replica = Self::begin(data, places, arguments);
        replica.wait();
        replica
    }

    /// Waits until it answers.
    pub(crate) fn wait(&mut self) {
        for _ in 0..1200 {
            let health = Request::new("GET", "/healthcheck").try_send(&self.url);
            if health.is_ok_and(|answer| answer.status == 200) {
                return;
            }
            assert!(self.is_alive(), "the service has ended: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the service does not answer: {}", self.log());
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The most memory that it has had at one time, in MiB.
    pub(crate) fn peak(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.unwrap().split_whitespace().nth(1).unwrap();
        kib.parse::<u64>().unwrap() / 1024
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// The same while others still talk to it.
    pub(crate) fn kill_by_id(&self) {
        let id = self.process.id().to_string();
        let killed = Command::new("kill").args(["-9", &id]).status();
        assert!(killed.unwrap().success());
    }

    /// Asks it to end, and says how it did.
    pub(crate) fn end(mut self) -> ExitStatus {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(asked.success());
        self.process.wait().unwrap()
    }

    /// Logs in as the administrator.
    pub(crate) fn log_in(&self) -> String {
        let answer = self.try_log_in().expect(201);
        answer.header("x-subject-token").unwrap().to_owned()
    }

    /// What is answered to a log-in.
    pub(crate) fn try_log_in(&self) -> Answer {
        let user =
            json!({ "name": "admin", "domain": { "name": "Default" }, "password": PASSWORD });
        let scope = json!({ "project": { "name": "admin", "domain": { "name": "Default" } } });
        let identity = json!({ "methods": ["password"], "password": { "user": user } });
        let body = json!({ "auth": { "identity": identity, "scope": scope } });
        let request = Request::new("POST", "/identity/v3/auth/tokens").json(&body);
        request.send(&self.url)
    }

    /// A caller with this token.
    pub(crate) fn caller<'a>(&'a self, token: &'a str) -> Caller<'a> {
        Caller {
            url: &self.url,
            token,
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Somebody who calls a service.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    url: &'a str,
    token: &'a str,
}

impl Caller<'_> {
    pub(crate) fn ask(&self, request: Request) -> Answer {
        request.header("X-Auth-Token", self.token).send(self.url)
    }

    pub(crate) fn try_ask(&self, request: Request) -> std::io::Result<Answer> {
        request
            .header("X-Auth-Token", self.token)
            .try_send(self.url)
    }

    /// A new image that waits for its bytes.
    pub(crate) fn queued(&self) -> String {
        let body = json!({ "name": "a", "disk_format": "raw", "container_format": "bare" });
        let request = Request::new("POST", "/v2/images").json(&body);
        self.ask(request).expect(201).str("id")
    }

    pub(crate) fn upload(&self, id: &str, bytes: &[u8]) -> Answer {
        self.ask(put(id, bytes))
    }

    /// A new image with these bytes.
    pub(crate) fn active(&self, bytes: &[u8]) -> String {
        let id = self.queued();
        self.upload(&id, bytes).expect(204);
        id
    }

    pub(crate) fn show(&self, id: &str) -> Answer {
        self.ask(Request::new("GET", &format!("/v2/images/{id}")))
    }

    pub(crate) fn status(&self, id: &str) -> String {
        self.show(id).expect(200).str("status")
    }

    pub(crate) fn down(&self, id: &str) -> Answer {
        self.ask(Request::new("GET", &format!("/v2/images/{id}/file")))
    }

    pub(crate) fn delete(&self, id: &str) -> Answer {
        self.ask(Request::new("DELETE", &format!("/v2/images/{id}")))
    }
}

/// An upload.
pub(crate) fn put(id: &str, bytes: &[u8]) -> Request {
    Request::new("PUT", &format!("/v2/images/{id}/file"))
        .header("Content-Type", "application/octet-stream")
        .bytes(bytes)
}

/// Says that a test has tested nothing, where no test program swallows it.
pub(crate) fn skipped(what: &str, why: &str) {
    use std::io::Write as _;
    // In one piece, so that nothing comes between.
    let line = format!("skipped: {what}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}
