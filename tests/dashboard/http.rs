//! A browser without a screen: cookies, forms, uploads.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::rig::Rig;

/// Somebody who is logged in.
pub(crate) struct Visitor<'a> {
    rig: &'a Rig,
    cookies: String,
}

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        let own = pairs.find(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value).unwrap_or_default()
    }

    /// What the forms of the page carry.
    pub(crate) fn token(&self) -> &str {
        let (_, after) = self
            .body
            .split_once("name=\"token\" value=\"")
            .expect("a form");
        after.split('"').next().unwrap()
    }
}

impl<'a> Visitor<'a> {
    /// Logs in.
    pub(crate) fn new(rig: &'a Rig, user: &str, password: &str) -> Self {
        let mut visitor = Self {
            rig,
            cookies: String::new(),
        };
        let page = visitor.get("/login");
        visitor.cookies = cookie(&page);
        let form = format!(
            "token={}&user={user}&password={password}&project=demo&domain=Default",
            page.token()
        );
        let answer = visitor.post("/login", &form);
        assert_eq!(answer.status, 303, "{}", answer.body);
        visitor.cookies = cookie(&answer);
        visitor
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let head = self.head("GET", path);
        self.send(&[format!("{head}\r\n").as_bytes()])
    }

    pub(crate) fn post(&self, path: &str, form: &str) -> Answer {
        let head = self.head("POST", path);
        let kind = "Content-Type: application/x-www-form-urlencoded";
        let text = format!(
            "{head}{kind}\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        self.send(&[text.as_bytes()])
    }

    /// Sends a file.
    pub(crate) fn upload(&self, name: &str, raw: bool, file: &[u8]) -> Answer {
        let (head, before, after) = self.request(name, raw, file.len());
        self.send(&[head.as_bytes(), before.as_bytes(), file, after.as_bytes()])
    }

    /// Says that a file of twice the length comes, sends these bytes of it, and goes away.
    pub(crate) fn upload_half(&self, name: &str, file: &[u8]) {
        let (head, before, _) = self.request(name, false, file.len() * 2);
        let mut stream = self.connect();
        for piece in [head.as_bytes(), before.as_bytes(), file] {
            stream.write_all(piece).unwrap();
        }
    }

    /// The head of an upload's request, and what is before and after the file in its body.
    fn request(&self, name: &str, raw: bool, len: usize) -> (String, String, &'static str) {
        let page = self.get("/upload");
        let field = |name: &str, value: &str| {
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let before = format!(
            "{}{}{}--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"disk\"\r\n\r\n",
            field("token", page.token()),
            field("name", name),
            field("raw", if raw { "yes" } else { "no" }),
        );
        let after = "\r\n--B--\r\n";
        let whole = before.len() + len + after.len();
        let head = format!(
            "{}Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {whole}\r\n\r\n",
            self.head("POST", "/upload"),
        );
        (head, before, after)
    }

    fn head(&self, method: &str, path: &str) -> String {
        let host = self.rig.address.trim_start_matches("http://");
        let cookies = &self.cookies;
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n"
        )
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.rig.address.trim_start_matches("http://")).unwrap()
    }

    fn send(&self, pieces: &[&[u8]]) -> Answer {
        let mut stream = self.connect();
        for piece in pieces {
            stream.write_all(piece).unwrap();
        }
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        Answer {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|word| word.parse().ok())
                .unwrap_or(0),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }
}

/// `name=value` of the cookie that is set.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    set.split(';').next().unwrap().to_owned()
}
