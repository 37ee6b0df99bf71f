//! A browser without a screen before a dashboard, and images for it to look at.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use crate::binary::ectype;

/// A visitor with what their browser has remembered.
pub(crate) struct Visitor {
    port: u16,
    base: &'static str,
    cookies: String,
    /// What the visitor's forms carry.
    pub(crate) token: String,
}

impl Visitor {
    /// Somebody who has opened the dashboard below `base`.
    pub(crate) fn new(port: u16, base: &'static str) -> Self {
        let mut visitor = Self {
            port,
            base,
            cookies: String::new(),
            token: String::new(),
        };
        let page = visitor.get("/login");
        visitor.cookies = format!("ectype_form={}", between(&page, "ectype_form=", ';'));
        visitor.token = between(&page, "name=\"token\" value=\"", '"');
        visitor
    }

    /// The administrator, by the log-in that `ectype serve` has written, logged in.
    pub(crate) fn admin(port: u16, base: &'static str, clouds: &Path) -> Self {
        let mut visitor = Self::new(port, base);
        let text = std::fs::read_to_string(clouds).unwrap();
        let password = between(&text, "password: ", '\n');
        let password = password.trim_matches(['"', '\'']);
        let form = format!("&user=admin&password={password}&project=admin&domain=Default");
        let inside = visitor.post("/login", &form);
        let session = between(&inside, "ectype_session=", ';');
        visitor.cookies = format!("ectype_session={session}");
        let page = visitor.get("/images");
        visitor.token = between(&page, "name=\"token\" value=\"", '"');
        visitor
    }

    /// A whole answer.
    pub(crate) fn get(&self, path: &str) -> String {
        self.send("GET", path, "")
    }

    /// The answer to a form of the visitor's.
    pub(crate) fn post(&self, path: &str, form: &str) -> String {
        let form = format!("token={}{form}", self.token);
        let len = form.len();
        let kind = "Content-Type: application/x-www-form-urlencoded";
        self.send(
            "POST",
            path,
            &format!("{kind}\r\nContent-Length: {len}\r\n\r\n{form}"),
        )
    }

    /// A whole answer to a request that ends in `rest`, its further headers and its body.
    pub(crate) fn send(&self, method: &str, path: &str, rest: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let head = format!(
            "{method} {}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {}\r\n",
            self.base, self.cookies
        );
        let end = if rest.is_empty() { "\r\n" } else { rest };
        stream.write_all(format!("{head}{end}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// What is behind the first `before`, up to the `end`.
fn between(text: &str, before: &str, end: char) -> String {
    let (_, after) = text.split_once(before).expect(text);
    after.split(end).next().unwrap().to_owned()
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// An image of 70000 bytes of seven; its id.
pub(crate) fn image(clouds: &Path, cloud: &str, name: &str, options: &[&str]) -> String {
    let file = clouds.with_file_name("disk.raw");
    std::fs::write(&file, [7; 70_000]).unwrap();
    let mut command = ectype();
    command.arg("--clouds").arg(clouds);
    command.args(["--os-cloud", cloud, "image", "create", name]);
    command.args(["-f", "value", "-c", "id", "--file"]);
    let made = command.arg(file).args(options).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}
