//! One case's talk with a server: every exchange is written down, and held against what the real Glance said.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Answer, Body, Request};
use crate::plain;
use crate::target::{Kind, Target, Who};

/// The media type of a change to an image.
pub(crate) const PATCH: &str = "application/openstack-images-v2.1-json-patch";

/// A case's view of a server.
pub(crate) struct Talk {
    name: String,
    pub(crate) target: &'static Target,
    mark: String,
    written: RefCell<String>,
    made: RefCell<Vec<String>>,
    hidden: RefCell<Vec<(String, String)>>,
    finished: Cell<bool>,
    skipped: Cell<bool>,
}

impl Talk {
    pub(crate) fn new(name: &str, target: &'static Target) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mark = format!("mark{:07}n{number:03}", std::process::id());
        Self {
            name: name.replace("::", "/"),
            target,
            hidden: RefCell::new(vec![(mark.clone(), "MARK".to_owned())]),
            mark,
            written: RefCell::default(),
            made: RefCell::default(),
            finished: Cell::new(false),
            skipped: Cell::new(false),
        }
    }

    /// A word that no other run of any case uses: for names and tags. In the record it reads `MARK`.
    pub(crate) fn mark(&self) -> &str {
        &self.mark
    }

    /// Puts a word in the place of what differs from run to run.
    pub(crate) fn hide(&self, secret: &str, word: &str) {
        self.hidden
            .borrow_mut()
            .push((secret.to_owned(), word.to_owned()));
    }

    /// Ends the case without a verdict, and says why.
    pub(crate) fn skip(&self, why: &str) {
        crate::service::skipped(&self.name, why);
        self.skipped.set(true);
    }

    /// Whether it was ended so.
    pub(crate) fn skipped(&self) -> bool {
        self.skipped.get()
    }

    pub(crate) fn project(&self, who: Who) -> &str {
        self.target.project(who)
    }

    /// Sends without writing down: for what a case needs before it begins.
    #[track_caller]
    pub(crate) fn quiet(&self, who: Who, request: Request) -> Answer {
        let asked = format!("{} {}", request.method, request.path);
        let answer = self.attempt(who, request);
        assert!(answer.status < 500, "{asked}: {answer}");
        answer
    }

    /// Sends; the real Glance may break over it (status 0: it hung up), ours may not.
    fn attempt(&self, who: Who, request: Request) -> Answer {
        let request = match self.target.token(who) {
            Some(token) => request.header("X-Auth-Token", token),
            None => request,
        };
        let answer = match request.try_send(&self.target.glance) {
            Ok(answer) => answer,
            Err(_) if self.target.kind == Kind::Real => Answer::none(),
            Err(e) => panic!("{} {}: {e}", request.method, request.path),
        };
        let created = request.method == "POST" && answer.status == 201;
        if created && request.path.trim_end_matches('/') == "/v2/images" {
            self.made.borrow_mut().push(answer.str("id"));
        }
        if self.target.kind == Kind::Own {
            let (method, path) = (&request.method, &request.path);
            assert!(answer.status < 500, "{method} {path}: {answer}");
            let named = answer.header("x-openstack-request-id").is_some();
            assert!(named, "{method} {path}: no request id: {answer}");
        }
        answer
    }

    /// Sends and writes down.
    pub(crate) fn send(&self, who: Who, request: Request) -> Answer {
        let mut asked = format!("{} {} as {}\n", request.method, request.path, who.name());
        for (name, value) in &request.headers {
            let _ = writeln!(asked, "> {name}: {value}");
        }
        match &request.body {
            Body::None => {}
            Body::Whole(bytes) => asked += &plain::body(bytes, "> "),
            Body::Chunked(bytes) => asked += &format!("> in chunks\n{}", plain::body(bytes, "> ")),
        }
        let path = request.path.clone();
        let answer = self.attempt(who, request);
        self.write(&asked, &plain::answer(&answer, &path));
        answer
    }

    /// Writes an exchange down.
    fn write(&self, asked: &str, answered: &str) {
        let text = format!("> {}\n{answered}\n", asked.trim_end());
        self.written.borrow_mut().push_str(&text);
    }

    /// Sends, and writes down the status under a title of the case's own choice, with what the image then is.
    pub(crate) fn try_out(&self, title: &str, who: Who, image: &str, request: Request) {
        let answer = self.attempt(who, request);
        if plain::broke(&answer) {
            self.write(title, plain::BROKE);
            return;
        }
        let now = self
            .quiet(
                Who::Admin,
                Request::new("GET", &format!("/v2/images/{image}")),
            )
            .json();
        let (status, virtual_size) = (&now["status"], &now["virtual_size"]);
        self.write(
            title,
            &format!(
                "< {}, then {status}, virtual size {virtual_size}\n",
                answer.status
            ),
        );
    }

    /// Sends what is too long to be written down: in its place stands a title.
    pub(crate) fn titled(&self, title: &str, who: Who, request: Request) {
        let path = request.path.clone();
        let answer = self.attempt(who, request);
        self.write(title, &plain::answer(&answer, &path));
    }

    /// A remark between the exchanges.
    pub(crate) fn note(&self, text: &str) {
        self.written.borrow_mut().push_str(&format!("# {text}\n\n"));
    }

    pub(crate) fn get(&self, who: Who, path: &str) -> Answer {
        self.send(who, Request::new("GET", path))
    }

    pub(crate) fn delete(&self, who: Who, path: &str) -> Answer {
        self.send(who, Request::new("DELETE", path))
    }

    pub(crate) fn post(&self, who: Who, path: &str, body: &Value) -> Answer {
        self.send(who, Request::new("POST", path).json(body))
    }

    pub(crate) fn put(&self, who: Who, path: &str, body: &Value) -> Answer {
        self.send(who, Request::new("PUT", path).json(body))
    }

    pub(crate) fn patch(&self, who: Who, image: &str, body: &Value) -> Answer {
        self.send(who, patch(image, body))
    }

    pub(crate) fn upload(&self, who: Who, image: &str, bytes: &[u8]) -> Answer {
        self.send(who, upload(image, bytes))
    }

    /// Lists images; of the answer only the names and the links are written down, of a refusal all.
    pub(crate) fn list(&self, who: Who, query: &str) -> Answer {
        let path = format!("/v2/images?{query}");
        let answer = self.attempt(who, Request::new("GET", &path));
        let answered = if answer.status == 200 {
            plain::listing(&answer.json())
        } else {
            plain::answer(&answer, &path)
        };
        self.write(&format!("GET {path} as {}", who.name()), &answered);
        answer
    }

    /// An image that a case needs, by id.
    pub(crate) fn image(&self, who: Who, body: &Value) -> String {
        let request = Request::new("POST", "/v2/images").json(body);
        self.quiet(who, request).expect(201).str("id")
    }

    /// A raw image without data, marked.
    pub(crate) fn queued(&self, who: Who) -> String {
        self.image(who, &self.body())
    }

    /// A raw image with these bytes, marked.
    pub(crate) fn active(&self, who: Who, bytes: &[u8]) -> String {
        let image = self.queued(who);
        self.quiet(who, upload(&image, bytes)).expect(204);
        image
    }

    /// The usual fields of a marked image.
    pub(crate) fn body(&self) -> Value {
        json!({ "name": self.mark, "disk_format": "raw", "container_format": "bare", "tags": [self.mark] })
    }

    /// The image once its status is one of these, unwritten.
    pub(crate) fn settled(&self, image: &str, wanted: &[&str]) -> Value {
        let begun = Instant::now();
        loop {
            let path = format!("/v2/images/{image}");
            let now = self
                .quiet(Who::Admin, Request::new("GET", &path))
                .expect(200)
                .json();
            let status = now["status"].as_str().unwrap_or_default();
            let locked = now.get("os_glance_import_task").is_some();
            if wanted.contains(&status) && !locked {
                return now;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "not {wanted:?}: {now}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the image has had so many imports and all have ended; notes how they did.
    pub(crate) fn ended(&self, image: &str, imports: usize) {
        let begun = Instant::now();
        let path = format!("/v2/images/{image}/tasks");
        loop {
            let tasks = self
                .quiet(Who::Admin, Request::new("GET", &path))
                .expect(200)
                .json();
            let of = |task: &Value| task["status"].as_str().unwrap_or_default().to_owned();
            let mut all: Vec<String> = tasks["tasks"]
                .as_array()
                .expect("tasks")
                .iter()
                .map(of)
                .collect();
            all.sort_unstable();
            if all.len() == imports && all.iter().all(|s| s == "success" || s == "failure") {
                self.note(&format!("imports ended in {}", all.join(", ")));
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "not ended: {tasks}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Compares what was written with what the real Glance is known to say; or makes the record anew from it.
    pub(crate) fn finish(&self) {
        self.finished.set(true);
        if self.skipped.get() {
            return;
        }
        let said = plain::ids(&self.written.borrow(), self.target, &self.hidden.borrow());
        let record = folder("recorded").join(format!("{}.txt", self.name));
        let differs = folder("differs").join(format!("{}.txt", self.name));
        let own = self.target.kind == Kind::Own;
        let held = if own && differs.exists() {
            differs
        } else {
            record
        };
        if !own && std::env::var_os("ECTYPE_CONTRACT_RECORD").is_some() {
            write(&held, &said);
            return;
        }
        let wanted =
            std::fs::read_to_string(&held).unwrap_or_else(|e| panic!("{}: {e}", held.display()));
        let said = if own {
            plain::forgive(&wanted, &said)
        } else {
            said
        };
        let kept = self.keep(&said);
        if said != wanted {
            panic!(
                "{}\nall of it: {}",
                plain::difference(&wanted, &said),
                kept.display()
            );
        }
    }

    fn keep(&self, said: &str) -> PathBuf {
        let kind = if self.target.kind == Kind::Own {
            "own"
        } else {
            "real"
        };
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("contract")
            .join(kind)
            .join(format!("{}.txt", self.name));
        write(&kept, said);
        kept
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        if !self.finished.get() {
            let said = plain::ids(&self.written.borrow(), self.target, &self.hidden.borrow());
            self.keep(&said);
        }
        for image in self.made.borrow().iter() {
            let path = format!("/v2/images/{image}");
            let token = self.target.token(Who::Admin).unwrap_or_default();
            let ask = |request: Request| {
                request
                    .header("X-Auth-Token", token)
                    .send(&self.target.glance)
            };
            if ask(Request::new("DELETE", &path)).status == 403 {
                ask(patch(
                    image,
                    &json!([{ "op": "replace", "path": "/protected", "value": false }]),
                ));
                ask(Request::new("DELETE", &path));
            }
        }
    }
}

/// A change to an image.
pub(crate) fn patch(image: &str, body: &Value) -> Request {
    Request::new("PATCH", &format!("/v2/images/{image}"))
        .header("Content-Type", PATCH)
        .json(body)
}

/// The bytes of an image.
pub(crate) fn upload(image: &str, bytes: &[u8]) -> Request {
    Request::new("PUT", &format!("/v2/images/{image}/file"))
        .header("Content-Type", "application/octet-stream")
        .bytes(bytes)
}

/// A folder of the suite.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/glance_contract")
        .join(name)
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}
