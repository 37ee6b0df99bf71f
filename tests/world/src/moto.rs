//! An object store for the tests: moto's S3, on a port of its own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::guarded::Guarded;
use crate::postgres::free_port;

/// A server. It ends when dropped, and with the test process.
pub struct Moto {
    address: SocketAddr,
    buckets: AtomicU32,
    _server: Guarded,
}

impl Moto {
    /// A new server; none without `ECTYPE_TEST_MOTO`, the path of `moto_server`.
    #[must_use]
    pub fn start() -> Option<Self> {
        let mut program = Command::new(std::env::var_os("ECTYPE_TEST_MOTO")?);
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        program.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
        // It has no folder.
        let nothing = std::env::temp_dir().join(format!("ectype-moto-{}", address.port()));
        let server = Guarded::start(&program, "TERM", &nothing);
        for _ in 0..1200 {
            if TcpStream::connect(address).is_ok() {
                return Some(Self {
                    address,
                    buckets: AtomicU32::new(0),
                    _server: server,
                });
            }
            sleep(Duration::from_millis(50));
        }
        panic!("moto does not start");
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The name of a new and empty bucket.
    #[must_use]
    pub fn fresh(&self) -> String {
        let name = format!("bucket-{}", self.buckets.fetch_add(1, Ordering::Relaxed));
        let answer = self.ask("PUT", &format!("/{name}"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        name
    }

    /// Removes a bucket, which must be empty.
    pub fn remove(&self, bucket: &str) {
        let answer = self.ask("DELETE", &format!("/{bucket}"));
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    /// The keys of the objects in a bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        values(&self.ask("GET", &format!("/{bucket}?list-type=2")), "Key")
    }

    /// The ids of the uploads that were begun in a bucket and neither completed nor taken back.
    #[must_use]
    pub fn begun(&self, bucket: &str) -> Vec<String> {
        values(&self.ask("GET", &format!("/{bucket}?uploads")), "UploadId")
    }

    fn ask(&self, method: &str, target: &str) -> String {
        let mut stream = TcpStream::connect(self.address).expect("moto");
        let ask = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential=id/20260101/us-east-1/s3/aws4_request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(ask.as_bytes()).expect("moto");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("moto's answer");
        answer
    }
}

/// The texts of all elements of a name.
fn values(answer: &str, name: &str) -> Vec<String> {
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let texts = answer.split(&open).skip(1);
    texts
        .filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned()))
        .collect()
}
