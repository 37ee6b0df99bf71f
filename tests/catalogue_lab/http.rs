//! Talking to the lab's services without the product: one request a connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let (_, value) = lines.find(|(theirs, _)| theirs.eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{e}\n{}", String::from_utf8_lossy(&self.body)))
    }

    /// Fails the test unless it is well.
    pub(crate) fn good(self) -> Self {
        let text = String::from_utf8_lossy(&self.body);
        assert!(self.status < 300, "{}\n{text}", self.status);
        self
    }
}

/// One request; `body` is JSON, or bytes of an image.
pub(crate) fn call(
    server: SocketAddr,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<(&str, &[u8])>,
) -> Reply {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n");
    if let Some(token) = token {
        head.push_str(&format!("X-Auth-Token: {token}\r\n"));
    }
    let (kind, bytes) = body.unwrap_or(("application/json", b""));
    let size = bytes.len();
    head.push_str(&format!(
        "Content-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    ));
    let mut stream = TcpStream::connect(server).expect("the lab answers");
    stream.write_all(head.as_bytes()).expect("sent");
    stream.write_all(bytes).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.expect("a head") + 4);
    let head = String::from_utf8(answer).expect("a head");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Reply {
        status: status.expect("a status"),
        body: match head
            .to_ascii_lowercase()
            .contains("transfer-encoding: chunked")
        {
            true => dechunked(&body),
            false => body,
        },
        head,
    }
}

fn dechunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..end]).expect("a size");
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        all.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 4 + size..];
        if size == 0 {
            break;
        }
    }
    all
}
