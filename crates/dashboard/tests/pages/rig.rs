//! A dashboard before a cloud that serves what a test wants, and a browser that shows every byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use cloud::{Config, Sources};
use dashboard::{Options, Place, Proving, Public};
use jiff::Timestamp;
use origin::Families;
use origin::life::Dates;
use serde_json::{Value, json};
use world::{Page, World};

/// The token that the operator is given, and that a visitor is.
pub(crate) const OPERATOR: &str = "token-of-the-operator";
pub(crate) const VISITOR: &str = "token-of-the-visitor";
pub(crate) const PASSWORD: &str = "pass & word";

/// The day on which every test begins.
const BEGINNING: &str = "2026-11-25T12:00:00Z";

/// A dashboard that is being served.
pub(crate) struct Rig {
    pub(crate) cloud: World,
    address: SocketAddr,
    now: Arc<Mutex<Timestamp>>,
}

/// How a dashboard is set up.
pub(crate) struct Setup {
    pub(crate) base: &'static str,
    pub(crate) outside: &'static str,
    pub(crate) public: bool,
    pub(crate) hosts: Vec<String>,
    /// Who may have images verified: nobody, who is logged in, anybody.
    pub(crate) proving: Option<bool>,
    /// The address of the image service for people.
    pub(crate) shown: Option<&'static str>,
    /// How long the cloud may take.
    pub(crate) patience: std::time::Duration,
    /// When the tokens of the cloud end.
    pub(crate) tokens_end: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            base: "",
            outside: "",
            public: true,
            hosts: Vec::new(),
            proving: None,
            shown: None,
            patience: dashboard::limits::ANSWER,
            tokens_end: "2099-01-01T00:00:00Z",
        }
    }
}

/// The images of the cloud.
pub(crate) fn images() -> Vec<Value> {
    let image = |id: &str, name: &str, visibility: &str| {
        json!({"id": id, "name": name, "status": "active", "visibility": visibility, "owner": "project-1",
            "disk_format": "raw", "size": 1024, "os_distro": "debian", "os_version": "13",
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-02T00:00:00Z",
            "note": "\"><img src=x onerror=alert(2)>", "direct_url": "file:///secret/place"})
    };
    vec![
        image("a1", "Debian 13", "public"),
        image("b2", "<script>alert(1)</script>", "community"),
        image("c3", "private one", "private"),
        image("d4", "shared one", "shared"),
    ]
}

impl Rig {
    pub(crate) fn start() -> Self {
        Self::with(Setup::default())
    }

    pub(crate) fn with(setup: Setup) -> Self {
        let cloud = World::start();
        serve_identity(&cloud, setup.tokens_end);
        let all = json!({ "images": images() }).to_string();
        cloud.put("/v2/images", Page::bytes(all));
        for image in images() {
            let path = format!("/v2/images/{}", image["id"].as_str().unwrap());
            cloud.put(&path, Page::bytes(image.to_string()));
        }
        let now = Arc::new(Mutex::new(BEGINNING.parse().unwrap()));
        let clock = Arc::clone(&now);
        let auth_url = cloud.url("/v3");
        let options = Options {
            base: setup.base.to_owned(),
            outside: setup.outside.to_owned(),
            cloud: "a cloud".to_owned(),
            public: setup
                .public
                .then(|| Public::Login(Box::new(operator(&auth_url)))),
            login: Some(match setup.shown {
                Some(_) => Place::new(&auth_url).with_image_endpoint(&cloud.url("/v2")),
                None => Place::new(&auth_url),
            }),
            shown: setup.shown.map(str::to_owned),
            proving: setup.proving.map(|_| Proving {
                client: origin::Client::new(&net::Options::default()).unwrap(),
                cache: None,
                jobs: 1,
            }),
            public_proving: setup.proving == Some(true),
            families: Families::load(&[]).unwrap(),
            dates: Dates::load(None).unwrap(),
            hosts: setup.hosts,
            secure: false,
            patience: setup.patience,
            max_upload: 1 << 20,
            now: Arc::new(move || *clock.lock().unwrap()),
        };
        Self {
            cloud,
            address: serve(options),
            now,
        }
    }

    /// Lets time go by.
    pub(crate) fn later(&self, seconds: i64) {
        let mut now = self.now.lock().unwrap();
        *now += jiff::SignedDuration::from_secs(seconds);
    }

    /// Sends these bytes and reads until the server closes.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // A server that has said no may have closed already.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::parse(&answer)
    }

    pub(crate) fn get(&self, path: &str, cookies: &str) -> Answer {
        let host = self.address;
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n"
        );
        self.raw(text.as_bytes())
    }

    pub(crate) fn post(&self, path: &str, cookies: &str, form: &[(&str, &str)]) -> Answer {
        self.post_from(path, cookies, form, "")
    }

    /// Sends a form with further headers, each ended.
    pub(crate) fn post_from(
        &self,
        path: &str,
        cookies: &str,
        form: &[(&str, &str)],
        headers: &str,
    ) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(form).finish();
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {cookies}\r\nConnection: close\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.raw(text.as_bytes())
    }

    /// A visitor's cookies and the token of their forms.
    pub(crate) fn visit(&self, base: &str) -> (String, String) {
        let page = self.get(&format!("{base}/login"), "");
        (page.cookie("ectype_form").unwrap(), page.token())
    }

    /// Logs in, and gives the session's cookie.
    pub(crate) fn log_in(&self) -> String {
        let (cookies, token) = self.visit("");
        let answer = self.post("/login", &cookies, &login(&token, PASSWORD));
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.cookie("ectype_session").unwrap()
    }
}

pub(crate) fn login<'a>(token: &'a str, password: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("token", token),
        ("user", "visitor"),
        ("password", password),
        ("project", "p"),
        ("domain", "Default"),
    ]
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Self {
            status: status.unwrap_or(0),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers(name).first().copied().unwrap_or_default()
    }

    /// `name=value` of a cookie that is set.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers("set-cookie");
        let own = all
            .iter()
            .find(|one| one.starts_with(&format!("{name}=")))?;
        Some(own.split(';').next()?.to_owned())
    }

    /// What the forms of the page carry.
    pub(crate) fn token(&self) -> String {
        let (_, after) = self.body.split_once("name=\"token\" value=\"").unwrap();
        after.split('"').next().unwrap().to_owned()
    }
}

fn operator(auth_url: &str) -> Config {
    let mut sources = Sources::new([], "/".into());
    for (name, value) in [
        ("auth_url", auth_url),
        ("username", "operator"),
        ("password", "o"),
        ("project_name", "p"),
    ] {
        sources.flag(name, value);
    }
    Config::resolve(&sources).unwrap().0
}

/// An identity service that knows the operator and one visitor.
fn serve_identity(cloud: &World, tokens_end: &'static str) {
    let images = cloud.url("/v2");
    let answer = move |seen: &world::Seen| {
        let said: Value = serde_json::from_slice(&seen.body).unwrap_or_default();
        let user = &said["auth"]["identity"]["password"]["user"];
        let token = match (user["name"].as_str(), user["password"].as_str()) {
            (Some("operator"), Some("o")) => OPERATOR,
            (Some("visitor"), Some(PASSWORD)) => VISITOR,
            _ => return Page::refusal(401, "{}"),
        };
        let described = json!({"token": {
            "expires_at": tokens_end,
            "user": {"id": "u", "name": user["name"]},
            "project": {"id": "project-1", "name": "p"},
            "roles": [{"name": "member"}],
            "catalog": [{"type": "image", "endpoints": [{"interface": "public", "url": images}]}],
        }});
        Page::bytes(described.to_string()).header("X-Subject-Token", token)
    };
    cloud.put("/v3/auth/tokens", Page::made_by(answer));
}

/// Serves on a thread of its own, for as long as the test lasts.
fn serve(options: Options) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let router = axum::Router::new().merge(dashboard::router(options));
            axum::serve(listener, router).await.unwrap();
        });
    });
    address
}
