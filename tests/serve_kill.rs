//! kill -9 in the middle of uploads, imports and deletes: what was promised is kept, and no image has wrong bytes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve/service.rs"]
mod service;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Answer, Request};
use serde_json::{Value, json};
use service::{Service, skipped};

/// How often the service is killed, and how many images are begun between two kills at most.
const ROUNDS: usize = 25;
const BEGUN: usize = 8;

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// What the service has promised of an image, by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Promise {
    Nothing,
    Active,
    Gone,
}

type Promises = Mutex<BTreeMap<String, Promise>>;

/// The bytes of the image of this name, which says how many they are; every third image shares its bytes with others.
fn bytes_of(name: &str) -> Vec<u8> {
    let mut parts = name
        .split('-')
        .skip(1)
        .map(|part| part.parse::<u64>().unwrap());
    let (seed, length) = (parts.next().unwrap(), parts.next().unwrap());
    let mut dice = Dice(seed);
    (0..length)
        .map(|_| u8::try_from(dice.next(256)).unwrap() | 1)
        .collect()
}

struct Caller<'a> {
    service: &'a Service,
    token: String,
}

impl<'a> Caller<'a> {
    fn log_in(service: &'a Service) -> Self {
        let user =
            json!({ "name": "admin", "domain": { "name": "Default" }, "password": "lab-admin" });
        let scope = json!({ "project": { "name": "admin", "domain": { "name": "Default" } } });
        let body = json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": user } }, "scope": scope } });
        let answer = Request::at("POST", &service.keystone, "/auth/tokens")
            .json(&body)
            .send(&service.glance)
            .expect(201);
        let token = answer.header("x-subject-token").unwrap().to_owned();
        Self { service, token }
    }

    /// No answer is the rule here.
    fn ask(&self, request: Request) -> Option<Answer> {
        let answer = request
            .header("X-Auth-Token", &self.token)
            .try_send(&self.service.glance)
            .ok()?;
        assert!(answer.status < 500, "{answer}");
        Some(answer)
    }

    /// The same where the service must answer.
    fn must(&self, request: Request) -> Answer {
        request
            .header("X-Auth-Token", &self.token)
            .send(&self.service.glance)
    }

    /// Makes, fills and sometimes deletes an image, until the service goes away.
    fn live(&self, name: &str, dice: &mut Dice, promises: &Promises) -> Option<()> {
        let promise = |what| promises.lock().unwrap().insert(name.to_owned(), what);
        promise(Promise::Nothing);
        let body = json!({ "name": name, "disk_format": "raw", "container_format": "bare" });
        let id = self
            .ask(Request::new("POST", "/v2/images").json(&body))?
            .expect(201)
            .str("id");
        let path = format!("/v2/images/{id}");
        let data = |to: &str| {
            Request::new("PUT", &format!("{path}{to}"))
                .header("Content-Type", "application/octet-stream")
        };
        if dice.next(3) == 0 && self.stages() {
            self.ask(data("/stage").bytes(&bytes_of(name)))?.expect(204);
            let direct = json!({ "method": { "name": "glance-direct" } });
            self.ask(Request::new("POST", &format!("{path}/import")).json(&direct))?
                .expect(202);
            while self.ask(Request::new("GET", &path))?.str("status") != "active" {
                std::thread::sleep(Duration::from_millis(5));
            }
        } else {
            self.ask(data("/file").bytes(&bytes_of(name)))?.expect(204);
        }
        promise(Promise::Active);
        if dice.next(3) == 0 {
            promise(Promise::Nothing);
            self.ask(Request::new("DELETE", &path))?.expect(204);
            promise(Promise::Gone);
        }
        Some(())
    }

    /// Whether the service imports at all.
    fn stages(&self) -> bool {
        self.ask(Request::new("GET", "/v2/info/import"))
            .is_some_and(|answer| answer.text().contains("glance-direct"))
    }

    fn images(&self) -> Vec<Value> {
        let list = self
            .must(Request::new("GET", "/v2/images?limit=1000"))
            .expect(200)
            .json();
        list["images"].as_array().unwrap().clone()
    }

    /// Every active image has its bytes, and every promise is kept.
    fn check(&self, promises: &Promises) {
        let images = self.images();
        for image in images.iter().filter(|image| image["status"] == "active") {
            let (id, name) = (
                image["id"].as_str().unwrap(),
                image["name"].as_str().unwrap(),
            );
            let down = self.must(Request::new("GET", &format!("/v2/images/{id}/file")));
            assert!(
                down.expect(200).body == bytes_of(name),
                "{name} has other bytes: {image}"
            );
            assert_eq!(image["size"], bytes_of(name).len(), "{image}");
        }
        for (name, promise) in promises.lock().unwrap().iter() {
            let found: Vec<&Value> = images
                .iter()
                .filter(|image| image["name"] == name.as_str())
                .collect();
            match promise {
                Promise::Nothing => {}
                Promise::Active => assert!(
                    found.len() == 1 && found[0]["status"] == "active",
                    "{name}: {found:?}"
                ),
                Promise::Gone => assert!(found.is_empty(), "{name}: {found:?}"),
            }
        }
    }
}

/// All files below a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// No image is there, and so no bytes are.
fn nothing_is_left(folder: &std::path::Path) {
    for kept in ["store", "spool"] {
        let left = files(&folder.join(kept));
        assert!(left.is_empty(), "nobody's bytes are left: {left:?}");
    }
}

#[test]
fn what_a_killed_service_has_promised_is_there_and_no_image_has_wrong_bytes() {
    if !Service::there() {
        skipped(
            "a killed service",
            "no service of our own (ECTYPE_TEST_SERVE)",
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let promises = Promises::default();
    let number = AtomicUsize::new(0);
    let mut dice = Dice(20_261_125);
    for _ in 0..ROUNDS {
        let service = Service::start(folder.path());
        let caller = Caller::log_in(&service);
        caller.check(&promises);
        let seeds = [dice.next(1 << 30), dice.next(1 << 30), dice.next(1 << 30)];
        let pause = Duration::from_millis(dice.next(400));
        let begun = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for seed in seeds {
                let (caller, promises, number, begun) = (&caller, &promises, &number, &begun);
                scope.spawn(move || {
                    let mut dice = Dice(seed);
                    while begun.fetch_add(1, Ordering::Relaxed) < BEGUN {
                        let n = number.fetch_add(1, Ordering::Relaxed);
                        let (content, length) = (
                            n as u64 / 3,
                            1 + dice.next(2_000_000) / (1 + n as u64 % 3 * 50),
                        );
                        if caller
                            .live(&format!("{n}-{content}-{length}"), &mut dice, promises)
                            .is_none()
                        {
                            return;
                        }
                    }
                });
            }
            std::thread::sleep(pause);
            let id = service.id();
            let killed = std::process::Command::new("kill")
                .args(["-9", &id.to_string()])
                .status();
            assert!(killed.unwrap().success());
        });
        service.kill();
    }
    let service = Service::start(folder.path());
    let caller = Caller::log_in(&service);
    caller.check(&promises);
    for image in caller.images() {
        let path = format!("/v2/images/{}", image["id"].as_str().unwrap());
        caller.must(Request::new("DELETE", &path)).expect(204);
    }
    assert!(caller.images().is_empty());
    nothing_is_left(folder.path());
    assert!(number.into_inner() > ROUNDS, "hardly anything was begun");
    service.kill();
}
