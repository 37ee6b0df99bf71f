//! A database that goes away: requests are refused in words, the service lives on, and what it has promised stays true.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "serve/cloud.rs"]
mod cloud;
#[path = "glance_contract/http.rs"]
mod http;
#[path = "serve/replica.rs"]
mod replica;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cloud::{Begun, Cloud};
use http::Request;
use replica::{Caller, put};
use serde_json::{Value, json};
use world::{Postgres, noise};

#[test]
fn without_its_database_the_service_says_so_and_goes_on_when_it_is_back() {
    let Some(cloud) = Cloud::alone("a database that is gone") else {
        return;
    };
    let mut service = cloud.start("one");
    let token = service.log_in();
    let bytes = noise(1, 400_000);
    let id = service.caller(&token).active(&bytes);
    let image = format!("/v2/images/{id}");
    cloud.postgres.crash();
    let new = json!({ "name": "b", "disk_format": "raw", "container_format": "bare" });
    let requests = [
        Request::new("GET", "/healthcheck"),
        Request::new("GET", "/metrics"),
        Request::new("GET", "/v2/images"),
        Request::new("POST", "/v2/images").json(&new),
        Request::new("GET", &image),
        Request::new("GET", &format!("{image}/file")),
        put(&id, b"other bytes"),
        Request::new("DELETE", &image),
        Request::new("GET", "/v2/info/stores"),
        Request::new("GET", "/identity/v3/users"),
    ];
    std::thread::scope(|scope| {
        let caller = service.caller(&token);
        for request in requests {
            scope.spawn(move || {
                let what = format!("{} {}", request.method, request.path);
                let answer = caller.ask(request);
                assert_eq!(answer.status, 503, "{what}: {answer}");
                let text = answer.text();
                let words = ["database", "identity service", "records"];
                assert!(
                    words.iter().any(|word| text.contains(word)),
                    "{what}: {text}"
                );
                assert!(!text.contains("127.0.0.1"), "{what}: {text}");
            });
        }
        let service = &service;
        scope.spawn(|| assert_eq!(service.try_log_in().status, 503));
    });
    assert!(service.is_alive());
    for words in [&["collect"][..], &["scrub"]] {
        let out = cloud.run("one", words);
        assert_eq!(out.status.code(), Some(7), "{out:?}");
    }
    cloud.postgres.resume();
    // The same process, the same token.
    service.wait();
    let caller = service.caller(&token);
    assert!(caller.down(&id).expect(200).body == bytes);
    caller.active(&noise(2, 1000));
    service.log_in();
    assert!(service.end().success());
}

#[test]
fn a_database_that_says_nothing_keeps_nobody_waiting_for_ever() {
    let Some(cloud) = Cloud::alone("a database that says nothing") else {
        return;
    };
    let mut service = cloud.start("one");
    let token = service.log_in();
    let id = service.caller(&token).active(b"there before");
    cloud.postgres.freeze();
    std::thread::scope(|scope| {
        let (service, token, id) = (&service, &token, &id);
        for path in ["/healthcheck", "/v2/images", "/metrics"] {
            scope.spawn(move || {
                let answer = service.caller(token).ask(Request::new("GET", path));
                assert_eq!(answer.status, 503, "{path}: {answer}");
            });
        }
        scope.spawn(move || {
            let answer = service.caller(token).upload(id, b"other bytes");
            assert_eq!(answer.status, 503, "{answer}");
        });
    });
    cloud.postgres.thaw();
    service.wait();
    assert!(service.caller(&token).down(&id).expect(200).body == b"there before");
    service.caller(&token).active(b"after it");
}

#[test]
fn an_upload_that_loses_its_database_makes_no_image() {
    let Some(cloud) = Cloud::alone("an upload without its database") else {
        return;
    };
    let mut service = cloud.start("one");
    let token = service.log_in();
    let bytes = noise(3, 2 << 20);
    let id = service.caller(&token).queued();
    let begun = Begun::upload(&service, &token, &id, &bytes);
    while service.caller(&token).status(&id) != "saving" {
        std::thread::yield_now();
    }
    cloud.postgres.crash();
    let answer = begun.end();
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    cloud.postgres.resume();
    service.wait();
    // It is given back without a collection.
    let caller = service.caller(&token);
    while caller.status(&id) == "saving" {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(caller.status(&id), "queued");
    assert_eq!(cloud.collect("one")["images"], 0);
    assert_eq!(cloud.keys(), Vec::<String>::new());
    caller.upload(&id, &bytes).expect(204);
    assert!(caller.down(&id).expect(200).body == bytes);
    assert!(service.is_alive());
}

/// Takes the database away from an upload, and holds that it waits for that no longer than two others do one after the other.
fn waits_once(cloud: &Cloud, take_away: impl Fn(&Postgres)) {
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    let (id, bytes) = (caller.queued(), noise(4, 2 << 20));
    let begun = Begun::upload(&service, &token, &id, &bytes);
    while caller.status(&id) != "saving" {
        std::thread::yield_now();
    }
    take_away(&cloud.postgres);
    let answered = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let answer = begun.end();
            answered.store(true, Ordering::SeqCst);
            assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        });
        // Each of these waits for the database as long as anybody does.
        for _ in 0..2 {
            assert_eq!(caller.show(&id).status, 503);
        }
        assert!(answered.load(Ordering::SeqCst), "it waits longer than two");
    });
}

#[test]
fn an_upload_that_loses_its_database_waits_for_it_once() {
    let Some(cloud) = Cloud::alone("how long an upload waits") else {
        return;
    };
    waits_once(&cloud, Postgres::crash);
}

#[test]
fn an_upload_whose_database_says_nothing_waits_for_it_once() {
    let Some(cloud) = Cloud::alone("how long an upload waits for nothing") else {
        return;
    };
    waits_once(&cloud, Postgres::freeze);
    cloud.postgres.thaw();
}

/// Bytes that the name of an image stands for.
fn bytes_of(name: u64) -> Vec<u8> {
    noise(name, 20_000 + usize::try_from(name).unwrap() * 997)
}

fn images(caller: Caller<'_>) -> Vec<Value> {
    let list = caller.ask(Request::new("GET", "/v2/images?limit=1000"));
    list.expect(200).json()["images"]
        .as_array()
        .unwrap()
        .clone()
}

/// Makes images until it is over. Those that were promised.
fn make(caller: Caller<'_>, worker: u64, over: &AtomicBool) -> Vec<String> {
    let mut promised = Vec::new();
    for name in worker * 1000.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let new =
            json!({ "name": name.to_string(), "disk_format": "raw", "container_format": "bare" });
        let made = caller.ask(Request::new("POST", "/v2/images").json(&new));
        if made.status == 503 {
            continue;
        }
        let id = made.expect(201).str("id");
        let uploaded = caller.upload(&id, &bytes_of(name));
        if uploaded.status != 503 {
            uploaded.expect(204);
            promised.push(id);
        }
    }
    promised
}

#[test]
fn whatever_the_moment_at_which_the_database_crashes_no_image_has_wrong_bytes() {
    let Some(cloud) = Cloud::alone("a database that crashes") else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    let over = AtomicBool::new(false);
    let promised: Vec<String> = std::thread::scope(|scope| {
        let begin = |worker| {
            scope.spawn({
                let over = &over;
                move || make(caller, worker, over)
            })
        };
        let workers: Vec<_> = (0..3).map(begin).collect();
        for _ in 0..6 {
            let before = images(caller).len();
            while images(caller).len() < before + 4 {
                std::thread::yield_now();
            }
            cloud.postgres.crash();
            cloud.postgres.resume();
        }
        over.store(true, Ordering::SeqCst);
        let ended = workers.into_iter().map(|worker| worker.join().unwrap());
        ended.flatten().collect()
    });
    let mut active = images(caller);
    active.retain(|image| image["status"] == "active");
    for id in &promised {
        assert!(active.iter().any(|image| image["id"] == *id), "{id}");
    }
    for image in &active {
        let name: u64 = image["name"].as_str().unwrap().parse().unwrap();
        let down = caller.down(image["id"].as_str().unwrap()).expect(200);
        assert!(down.body == bytes_of(name), "{image}");
    }
    cloud.grow_old("one");
    cloud.collect("one");
    assert_eq!(cloud.keys().len(), active.len());
}
