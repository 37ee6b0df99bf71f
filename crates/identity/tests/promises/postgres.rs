//! A PostgreSQL server for the tests: Debian's, on a free port, ended with the test process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// An empty database of its own; nothing, and a line that says so, where PostgreSQL is not installed.
pub(crate) async fn fresh(test: &str) -> Option<String> {
    static SERVER: OnceLock<Option<u16>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(port) = *SERVER.get_or_init(start) else {
        eprintln!("skipped: {test} on PostgreSQL, which is not installed");
        return None;
    };
    let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let pool = database::connect(&format!("postgres://ectype@127.0.0.1:{port}/postgres"))
        .await
        .unwrap();
    let text = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(&pool)
        .await
        .unwrap();
    Some(format!("postgres://ectype@127.0.0.1:{port}/{name}"))
}

/// Debian's server programs of the newest version.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop()
}

/// PostgreSQL does not run as root.
fn as_postgres(program: &Path) -> Command {
    if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn start() -> Option<u16> {
    let bin = programs()?;
    let folder = tempfile::Builder::new()
        .prefix("ectype-pg")
        .tempdir()
        .unwrap()
        .keep();
    let everyone = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(&folder, everyone).unwrap();
    let made = as_postgres(&bin.join("initdb"))
        .args(["--no-sync", "--auth=trust", "--username=ectype"])
        .args(["--encoding=UTF8", "--pgdata"])
        .arg(folder.join("data"))
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    serve(&bin, &folder, port);
    for _ in 0..400 {
        let ready = Command::new(bin.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()])
            .status()
            .unwrap();
        if ready.success() {
            return Some(port);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("PostgreSQL does not start");
}

/// Starts the server under a shell, which ends it and removes its folder when this process is gone and its end of the
/// pipe closes.
#[allow(clippy::zombie_processes)] // it outlives us
fn serve(bin: &Path, folder: &Path, port: u16) {
    let script = format!(
        r#""$@" & pid=$!; read -r _; kill -INT $pid; wait $pid; rm -rf "{}""#,
        folder.display()
    );
    let server = as_postgres(&bin.join("postgres"));
    let mut guarded = Command::new("sh");
    guarded
        .args(["-c", &script, "sh"])
        .arg(server.get_program())
        .args(server.get_args())
        .args(["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"])
        .args(["-p", &port.to_string(), "-k"])
        .arg(folder)
        .arg("-D")
        .arg(folder.join("data"));
    let mut child = guarded
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Closed by nothing but the end of this process.
    std::mem::forget(child.stdin.take());
}
