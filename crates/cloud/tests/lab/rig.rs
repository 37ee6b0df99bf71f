//! The lab: its clouds, images made for one test, and mirrors that count what passes through them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::LazyLock;

use cloud::{Cloud, Config, Error, Sources};
use net::{Client, Method, Options, Request};
use serde_json::{Value, json};
use url::Url;
use world::{Page, Seen, World};

/// The port of one of the lab's services, as its configuration says.
pub(crate) fn port(service: &str) -> u16 {
    let lab = std::env::var_os("ECTYPE_TEST_LAB")
        .map(PathBuf::from)
        .unwrap();
    let ini = lab.join("etc").join(format!("{service}-uwsgi.ini"));
    let text = std::fs::read_to_string(ini).unwrap();
    let socket = text
        .lines()
        .find(|line| line.starts_with("http-socket"))
        .unwrap();
    socket.rsplit(':').next().unwrap().trim().parse().unwrap()
}

/// Where the lab's Keystone answers.
pub(crate) fn keystone_url() -> &'static str {
    static URL: LazyLock<String> =
        LazyLock::new(|| format!("http://127.0.0.1:{}/v3", port("keystone")));
    &URL
}

/// Where the lab's Glance answers.
pub(crate) fn glance_url() -> &'static str {
    static URL: LazyLock<String> = LazyLock::new(|| format!("http://127.0.0.1:{}", port("glance")));
    &URL
}

/// The folder of the lab, or a line that says that the test is skipped.
pub(crate) fn lab(test: &str) -> Option<PathBuf> {
    let lab = std::env::var_os("ECTYPE_TEST_LAB").map(PathBuf::from);
    if lab.is_none() {
        eprintln!("skipped: {test}: no lab (ECTYPE_TEST_LAB)");
    }
    lab
}

/// A cloud of the lab's clouds.yaml, with flags.
pub(crate) fn config(lab: &std::path::Path, cloud: &str, flags: &[(&str, &str)]) -> Config {
    let mut sources = Sources::new([], lab.to_owned());
    sources.cloud = Some(cloud.to_owned());
    sources.clouds_file = Some(lab.join("clouds.yaml"));
    for (name, value) in flags {
        sources.flag(name, *value);
    }
    Config::resolve(&sources).unwrap().0
}

/// A connection from `OS_*` variables alone.
pub(crate) fn from_env(pairs: &[(&str, &str)]) -> Config {
    let env = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut sources = Sources::new(env, std::env::temp_dir());
    sources.system = PathBuf::from("/nowhere");
    Config::resolve(&sources).unwrap().0
}

pub(crate) async fn connect(lab: &std::path::Path, cloud: &str) -> Cloud {
    Cloud::connect(&config(lab, cloud, &[]), None)
        .await
        .unwrap()
}

/// Why a connection fails. (A `Cloud` has no `Debug`, as `unwrap_err` would want.)
pub(crate) async fn refused(config: &Config) -> Error {
    match Cloud::connect(config, None).await {
        Ok(_) => panic!("this should be refused"),
        Err(error) => error,
    }
}

/// The lab spoken to without the crate under test, as project demo.
pub(crate) struct Rig {
    client: Client,
    pub(crate) token: String,
    made: Vec<String>,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        Self::of("demo", "lab-demo").await
    }

    pub(crate) async fn of(user: &str, password: &str) -> Self {
        let client = Client::new(&Options::default()).unwrap();
        let domain = json!({"name": "Default"});
        let body = json!({"auth": {
            "identity": {"methods": ["password"], "password": {"user": {"name": user, "domain": domain, "password": password}}},
            "scope": {"project": {"name": user, "domain": domain}},
        }});
        let url = Url::parse(&format!("{}/auth/tokens", keystone_url())).unwrap();
        let reply = client
            .exchange(typed(
                Request::post(url, body.to_string()),
                "application/json",
            ))
            .await
            .unwrap();
        let token = reply.headers["x-subject-token"]
            .to_str()
            .unwrap()
            .to_owned();
        Self {
            client,
            token,
            made: Vec::new(),
        }
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        url: &str,
        kind: &str,
        body: Vec<u8>,
    ) -> net::Reply {
        let mut request = typed(Request::post(Url::parse(url).unwrap(), body), kind);
        request.method = Method::from_bytes(method.as_bytes()).unwrap();
        request
            .headers
            .insert("x-auth-token", self.token.parse().unwrap());
        request
            .headers
            .insert("x-subject-token", self.token.parse().unwrap());
        self.client.exchange(request).await.unwrap()
    }

    /// Makes an image, with data if there are any.
    pub(crate) async fn image(&mut self, fields: Value, data: Option<&[u8]>) -> String {
        let mut record =
            json!({"disk_format": "raw", "container_format": "bare", "visibility": "private"});
        record
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let images = format!("{}/v2/images", glance_url());
        let reply = self
            .ask(
                "POST",
                &images,
                "application/json",
                record.to_string().into_bytes(),
            )
            .await;
        assert_eq!(reply.status, 201, "{}", reply.reason());
        let id = serde_json::from_slice::<Value>(&reply.body).unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        self.made.push(id.clone());
        if let Some(data) = data {
            let reply = self
                .ask(
                    "PUT",
                    &format!("{images}/{id}/file"),
                    "application/octet-stream",
                    data.to_vec(),
                )
                .await;
            assert_eq!(reply.status, 204, "{}", reply.reason());
        }
        id
    }

    pub(crate) async fn delete(self) {
        for id in &self.made {
            self.ask(
                "DELETE",
                &format!("{}/v2/images/{id}", glance_url()),
                "text/plain",
                Vec::new(),
            )
            .await;
        }
    }
}

fn typed(mut request: Request, kind: &str) -> Request {
    request
        .headers
        .insert("content-type", kind.parse().unwrap());
    request.headers.remove("content-length");
    request
}

/// A name that no other test uses.
pub(crate) fn unique(name: &str) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    format!("{name} {}.{}", std::process::id(), now.as_nanos())
}

/// A world that passes these paths on to a real service and keeps what it has seen.
pub(crate) fn mirror(port: u16, paths: &[&str]) -> World {
    let world = World::start();
    for path in paths {
        world.put(path, Page::made_by(move |seen| pass_on(port, seen)));
    }
    world
}

fn pass_on(port: u16, seen: &Seen) -> Page {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\n", seen.method, seen.target);
    for (name, value) in &seen.headers {
        if !name.eq_ignore_ascii_case("connection") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    stream
        .write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())
        .unwrap();
    stream.write_all(&seen.body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let mut page = Page::refusal(status, &answer[end + 4..]);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        if !matches!(
            name.to_lowercase().as_str(),
            "connection" | "content-length" | "transfer-encoding"
        ) {
            page = page.header(name, value);
        }
    }
    page
}
