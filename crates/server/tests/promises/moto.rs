//! An object store for the tests: moto's S3, on a free port, ended with the test process.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use server::{Access, Bucket, S3};

/// An empty bucket of its own; nothing, and a line that says so, without `ECTYPE_TEST_MOTO`, the path of `moto_server`.
pub(crate) fn fresh(test: &str) -> Option<S3> {
    static SERVER: OnceLock<Option<u16>> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let Some(port) = *SERVER.get_or_init(start) else {
        eprintln!("skipped: {test} in an object store, for want of ECTYPE_TEST_MOTO");
        return None;
    };
    let name = format!("bucket-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    make(port, &name);
    let bucket = Bucket {
        name,
        prefix: "some/where".to_owned(),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        region: Some("us-east-1".to_owned()),
        access: Some(Access {
            id: "id".to_owned(),
            secret: "secret".to_owned(),
        }),
    };
    Some(S3::new(&bucket).unwrap())
}

fn make(port: u16, name: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let ask = format!(
        "PUT /{name} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=id/20260101/us-east-1/s3/aws4_request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[allow(clippy::zombie_processes)] // a shell ends it when our end of the pipe closes
fn start() -> Option<u16> {
    let program = std::env::var_os("ECTYPE_TEST_MOTO")?;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let mut child = Command::new("sh")
        .args(["-c", r#""$@" & pid=$!; read -r _; kill $pid"#, "sh"])
        .arg(program)
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::mem::forget(child.stdin.take());
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(port);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("moto does not start");
}
