//! A PostgreSQL server for the tests: Debian's programs, a folder and a port of its own.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::guarded::Guarded;
use crate::server::lock;

/// A server. It ends when dropped, and with the test process.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    server: Mutex<Option<Guarded>>,
}

impl Postgres {
    /// A new server; none where PostgreSQL is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder =
            std::env::temp_dir().join(format!("ectype-pg-{}-{}", std::process::id(), free_port()));
        std::fs::create_dir(&folder).expect("a folder");
        // PostgreSQL does not run as root, and has to reach its folder as whom it runs.
        let everyone = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(&folder, everyone).expect("the folder's mode");
        let made = unprivileged(&programs.join("initdb"))
            .args(["--no-sync", "--auth=trust", "--username=ectype"])
            .args(["--encoding=UTF8", "--pgdata"])
            .arg(folder.join("data"))
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb").success(), "initdb has failed");
        let server = Self {
            programs,
            folder,
            port: free_port(),
            databases: AtomicU32::new(0),
            server: Mutex::new(None),
        };
        server.resume();
        Some(server)
    }

    /// The address of a new and empty database.
    #[must_use]
    pub fn fresh(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        format!("postgres://ectype@127.0.0.1:{}/{name}", self.port)
    }

    /// What a statement gives, a line for each row; `database` is a name or an address.
    ///
    /// # Panics
    /// It fails.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let name = database.rsplit('/').next().unwrap_or(database);
        let out = self
            .client("psql")
            .args(["-U", "ectype", "-X", "-A", "-t", "-q", "-v"])
            .args(["ON_ERROR_STOP=1", "-d", name, "-c", statement])
            .output()
            .expect("psql");
        assert!(out.status.success(), "{statement}: {out:?}");
        String::from_utf8_lossy(&out.stdout).trim_end().to_owned()
    }

    /// Ends the server as a crash does: nobody is told, nothing is waited for. Its data stays.
    pub fn crash(&self) {
        let server = lock(&self.server).take();
        if let Some(server) = server {
            server.end();
        }
    }

    /// Starts the server again on its data, and waits until it answers.
    pub fn resume(&self) {
        let mut program = unprivileged(&self.programs.join("postgres"));
        program
            .args(["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-p"])
            .arg(self.port.to_string())
            .arg("-k")
            .arg(&self.folder)
            .arg("-D")
            .arg(self.folder.join("data"));
        *lock(&self.server) = Some(Guarded::start(&program, "QUIT", &self.folder));
        for _ in 0..600 {
            let ready = self.client("pg_isready").arg("-q").status();
            if ready.expect("pg_isready").success() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL does not start");
    }

    /// Stops all its processes where they are: it is there, and says nothing, as if the network swallowed everything.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let file = self.folder.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).expect("the server's id");
        let first = text.lines().next().expect("the server's id").to_owned();
        let mut ids = vec![first.clone()];
        let processes = std::fs::read_dir("/proc").expect("/proc");
        for process in processes.filter_map(Result::ok) {
            // Those that ended meanwhile have none.
            let status = std::fs::read_to_string(process.path().join("status"));
            let child = status.is_ok_and(|status| status.contains(&format!("\nPPid:\t{first}\n")));
            if child {
                ids.push(process.file_name().to_string_lossy().into_owned());
            }
        }
        let sent = Command::new("kill").arg(signal).args(&ids).status();
        assert!(sent.expect("kill").success(), "{ids:?}");
    }

    fn client(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(lock(&self.server).take());
        // One that has crashed has left it.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The server programs of the newest version.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop()
}

/// The program as somebody who is not root.
fn unprivileged(program: &Path) -> Command {
    let who = Command::new("id").arg("-u").output().expect("id");
    if who.stdout != b"0\n" {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    command.arg(program);
    command
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> u16 {
    let free = TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback");
    free.local_addr().expect("the address just bound").port()
}
