//! A plain blocking HTTP client that hides nothing: what was sent, and the status, headers and body that came back.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// How long one read may take; no answer in this time ends the test.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request before it is sent.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
}

/// What is sent after the headers.
pub(crate) enum Body {
    None,
    Whole(Vec<u8>),
    Chunked(Vec<u8>),
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Body::None,
        }
    }

    /// A request below an address that may have a path, such as Keystone's.
    pub(crate) fn at(method: &str, address: &str, path: &str) -> Self {
        let below = &address[Self::server(address).len()..];
        Self::new(method, &format!("{below}{path}"))
    }

    /// An address without its path.
    pub(crate) fn server(address: &str) -> String {
        address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A body of JSON, with its type unless another was given.
    pub(crate) fn json(self, value: &Value) -> Self {
        let request = if self.has("content-type") {
            self
        } else {
            self.header("Content-Type", "application/json")
        };
        request.bytes(value.to_string().as_bytes())
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.body = Body::Whole(bytes.to_vec());
        self
    }

    pub(crate) fn chunked(mut self, bytes: &[u8]) -> Self {
        self.body = Body::Chunked(bytes.to_vec());
        self
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(given, _)| given.eq_ignore_ascii_case(name))
    }

    /// The bytes of the head, and of the body as they go over the wire.
    fn wire(&self, host: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if !self.has("host") {
            head += &format!("Host: {host}\r\n");
        }
        head += "Connection: close\r\n";
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut wire = Vec::new();
        match &self.body {
            Body::None => wire.extend(format!("{head}\r\n").into_bytes()),
            Body::Whole(bytes) => {
                wire.extend(format!("{head}Content-Length: {}\r\n\r\n", bytes.len()).into_bytes());
                wire.extend(bytes);
            }
            Body::Chunked(bytes) => {
                wire.extend(format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes());
                for chunk in bytes.chunks(5000) {
                    wire.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                    wire.extend(chunk);
                    wire.extend(b"\r\n");
                }
                wire.extend(b"0\r\n\r\n");
            }
        }
        wire
    }

    /// Sends it to a server (`http://HOST:PORT`) and reads the whole answer.
    pub(crate) fn try_send(&self, server: &str) -> std::io::Result<Answer> {
        let host = server.trim_start_matches("http://");
        exchange(host, &self.wire(host), self.method == "HEAD")
    }

    /// The same; no answer ends the test.
    pub(crate) fn send(&self, server: &str) -> Answer {
        self.try_send(server)
            .unwrap_or_else(|e| panic!("{} {}{}: {e}", self.method, server, self.path))
    }
}

/// Sends bytes as they are and reads what comes back until the server closes or the message is complete.
pub(crate) fn exchange(host: &str, wire: &[u8], headless: bool) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    // A server may answer and hang up before it has read everything: the answer is what counts.
    let sent = stream.write_all(wire);
    let mut got = Vec::new();
    let mut buffer = vec![0; 65536];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => got.extend_from_slice(&buffer[..n]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if e.kind() == ErrorKind::ConnectionReset && !got.is_empty() => break,
            Err(e) => return Err(e),
        }
        if complete(&got, headless) {
            break;
        }
    }
    parse(&got, headless).ok_or_else(|| {
        let shown = String::from_utf8_lossy(&got).into_owned();
        std::io::Error::other(format!("no answer ({sent:?}): {shown:?}"))
    })
}

fn head_of(got: &[u8]) -> Option<(Answer, usize)> {
    let end = got.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&got[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    Some((answer, end + 4))
}

fn complete(got: &[u8], headless: bool) -> bool {
    let Some((answer, start)) = head_of(got) else {
        return false;
    };
    if headless || answer.status == 204 {
        return true;
    }
    match answer.header("content-length") {
        Some(length) => got.len() - start >= length.parse::<usize>().unwrap_or(usize::MAX),
        None => {
            answer.header("transfer-encoding").is_some()
                && unchunk(&got[start..]).is_some_and(|(_, whole)| whole)
        }
    }
}

fn parse(got: &[u8], headless: bool) -> Option<Answer> {
    let (mut answer, start) = head_of(got)?;
    if headless {
        return Some(answer);
    }
    let body = &got[start..];
    answer.body = if answer.header("transfer-encoding").is_some() {
        unchunk(body)?.0
    } else {
        body.to_vec()
    };
    Some(answer)
}

/// The bytes of the chunks, and whether the last one has come.
fn unchunk(mut rest: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else {
            return Some((body, false));
        };
        let size =
            usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?.trim(), 16).ok()?;
        if size == 0 {
            return Some((body, true));
        }
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else {
            return Some((body, false));
        };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 2 + size + 2..).unwrap_or_default();
    }
}

impl Answer {
    /// The server hung up without a word.
    pub(crate) fn none() -> Self {
        Self {
            status: 0,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The first header of the name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))?;
        Some(&found.1)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self}"))
    }

    /// Fails the test with all there is to see unless the status is the one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// A string of the JSON body.
    #[track_caller]
    pub(crate) fn str(&self, key: &str) -> String {
        self.json()[key]
            .as_str()
            .unwrap_or_else(|| panic!("no {key}: {self}"))
            .to_owned()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f)?;
        let shown = &self.body[..self.body.len().min(4000)];
        writeln!(f, "{}", String::from_utf8_lossy(shown))
    }
}
