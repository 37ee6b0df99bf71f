//! Two processes of `ectype serve` over one PostgreSQL and one object store are one service, also when one of them dies.

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

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;

use cloud::{Begun, Cloud, Place};
use http::Request;
use replica::put;
use serde_json::json;
use world::Held;
use world::noise;

#[test]
fn two_that_start_together_for_the_first_time_are_one_service() {
    let Some(cloud) = Cloud::new("two replicas") else {
        return;
    };
    let (mut one, mut other) = (cloud.begin("one"), cloud.begin("other"));
    one.wait();
    other.wait();
    // Either knows the tokens of the other.
    let (token, second) = (one.log_in(), other.log_in());
    let (here, there) = (one.caller(&second), other.caller(&token));
    let bytes = noise(1, 3 << 20);
    let id = here.active(&bytes);
    assert_eq!(there.status(&id), "active");
    assert!(there.down(&id).expect(200).body == bytes);
    assert_eq!(cloud.keys().len(), 1);
    assert!(one.end().success());
    // What went through the other one is not missed.
    assert!(there.down(&id).expect(200).body == bytes);
    there.delete(&id).expect(204);
    there.down(&id).expect(404);
    assert!(cloud.keys().is_empty());
}

#[test]
fn what_is_staged_at_one_is_imported_at_the_other() {
    let Some(cloud) = Cloud::new("a staged image") else {
        return;
    };
    let (one, other) = (cloud.start("one"), cloud.start("other"));
    let token = one.log_in();
    let (here, there) = (one.caller(&token), other.caller(&token));
    let (id, bytes) = (here.queued(), noise(2, 1 << 20));
    let stage = Request::new("PUT", &format!("/v2/images/{id}/stage"))
        .header("Content-Type", "application/octet-stream")
        .bytes(&bytes);
    here.ask(stage).expect(204);
    let direct = json!({ "method": { "name": "glance-direct" } });
    let import = Request::new("POST", &format!("/v2/images/{id}/import")).json(&direct);
    there.ask(import).expect(202);
    while here.status(&id) == "importing" {
        std::thread::yield_now();
    }
    assert!(here.down(&id).expect(200).body == bytes);
}

/// A server that answers one request, when it is told to.
fn slow(bytes: Vec<u8>) -> (String, mpsc::Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/disk", listener.local_addr().unwrap());
    let (go, gone) = mpsc::channel();
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        gone.recv().unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&bytes).unwrap();
    });
    (url, go)
}

#[test]
fn an_import_that_is_begun_at_one_is_seen_at_the_other() {
    let Some(cloud) = Cloud::new("an import") else {
        return;
    };
    let (one, other) = (cloud.start("one"), cloud.start("other"));
    let token = one.log_in();
    let (here, there) = (one.caller(&token), other.caller(&token));
    let (id, bytes) = (here.queued(), noise(3, 1 << 20));
    let (url, go) = slow(bytes.clone());
    let method = json!({ "name": "web-download", "uri": url });
    let import =
        Request::new("POST", &format!("/v2/images/{id}/import")).json(&json!({ "method": method }));
    here.ask(import).expect(202);
    assert_eq!(there.status(&id), "importing");
    there.upload(&id, b"meanwhile").expect(409);
    let tasks = || Request::new("GET", &format!("/v2/images/{id}/tasks"));
    let task = there.ask(tasks()).expect(200).json()["tasks"][0].clone();
    let status = task["status"].as_str().unwrap();
    assert!(["pending", "processing"].contains(&status), "{task}");
    go.send(()).unwrap();
    while there.status(&id) == "importing" {
        std::thread::yield_now();
    }
    assert!(there.down(&id).expect(200).body == bytes);
    let ended = || there.ask(tasks()).json()["tasks"][0]["status"].clone();
    while ended() == "processing" {
        std::thread::yield_now();
    }
    assert_eq!(ended(), "success");
}

#[test]
fn of_two_uploads_of_one_image_at_both_one_is_refused() {
    let Some(cloud) = Cloud::new("two uploads of one image") else {
        return;
    };
    let (one, other) = (cloud.start("one"), cloud.start("other"));
    let token = one.log_in();
    let (here, there) = (one.caller(&token), other.caller(&token));
    for round in 0..10 {
        let id = here.queued();
        let (first, second) = (noise(round, 40_000), noise(round + 100, 40_000));
        let (a, b) = std::thread::scope(|scope| {
            let a = scope.spawn(|| here.upload(&id, &first).status);
            let b = scope.spawn(|| there.upload(&id, &second).status);
            (a.join().unwrap(), b.join().unwrap())
        });
        let winner = if a == 204 { &first } else { &second };
        assert!(matches!((a, b), (204, 409) | (409, 204)), "{a} {b}");
        assert!(here.down(&id).expect(200).body == *winner);
        assert_eq!(here.show(&id).json()["size"], winner.len());
    }
    // Of the refused ones nothing is kept.
    assert_eq!(cloud.keys().len(), 10);
}

#[test]
fn changes_at_both_are_all_made() {
    let Some(cloud) = Cloud::new("changes at both") else {
        return;
    };
    let (one, other) = (cloud.start("one"), cloud.start("other"));
    let token = one.log_in();
    let callers = [one.caller(&token), other.caller(&token)];
    let id = callers[0].queued();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (caller, id) = (callers[n % 2], &id);
            scope.spawn(move || {
                let change = json!([{ "op": "add", "path": format!("/key_{n}"), "value": "v" }]);
                let patch = Request::new("PATCH", &format!("/v2/images/{id}"))
                    .header(
                        "Content-Type",
                        "application/openstack-images-v2.1-json-patch",
                    )
                    .json(&change);
                caller.ask(patch).expect(200);
            });
        }
    });
    let image = callers[1].show(&id).json();
    for n in 0..4 {
        assert_eq!(image[format!("key_{n}")], "v", "{image}");
    }
}

#[test]
fn of_one_that_is_killed_amid_an_upload_the_other_clears_up() {
    let Some(cloud) = Cloud::new("a killed replica") else {
        return;
    };
    let (one, other) = (cloud.start("one"), cloud.start("other"));
    let token = one.log_in();
    let there = other.caller(&token);
    let (id, bytes) = (there.queued(), noise(4, 2 << 20));
    let begun = Begun::upload(&one, &token, &id, &bytes);
    while there.status(&id) != "saving" || cloud.spooled("one").is_empty() {
        std::thread::yield_now();
    }
    one.kill();
    drop(begun);
    // The other goes on.
    let whole = there.active(&bytes);
    assert!(there.down(&whole).expect(200).body == bytes);
    there.upload(&id, b"meanwhile").expect(409);
    // It may be alive as far as anybody knows.
    assert_eq!(cloud.collect("one")["images"], 0);
    assert_eq!(there.status(&id), "saving");
    cloud.grow_old("one");
    let collected = cloud.collect("one");
    assert_eq!(collected["images"], 1, "{collected}");
    assert_eq!(collected["files"], 1, "{collected}");
    assert_eq!(there.status(&id), "queued");
    there.upload(&id, b"again").expect(204);
    assert!(there.down(&id).expect(200).body == b"again");
    assert!(there.down(&whole).expect(200).body == bytes);
    assert_eq!(cloud.keys().len(), 2);
}

#[test]
fn of_one_that_is_killed_while_the_store_takes_its_bytes_nothing_is_left() {
    let Some(cloud) = Cloud::at("a replica killed at the store", Place::Gate) else {
        return;
    };
    for (round, held) in [Held::Before, Held::Amid, Held::After]
        .into_iter()
        .enumerate()
    {
        let (one, other) = (cloud.start("one"), cloud.start("other"));
        let token = other.log_in();
        let (here, there) = (one.caller(&token), other.caller(&token));
        let (id, bytes) = (there.queued(), noise(round as u64, 300_000));
        cloud.gate().hold(0, held);
        std::thread::scope(|scope| {
            scope.spawn(|| here.try_ask(put(&id, &bytes)).map(drop));
            assert!(cloud.gate().wait(|| false));
            assert_eq!(there.status(&id), "saving");
            one.kill_by_id();
        });
        cloud.gate().forget();
        cloud.grow_old("one");
        let collected = cloud.collect("other");
        assert_eq!(collected["images"], 1, "{held:?}: {collected}");
        assert_eq!(there.status(&id), "queued");
        assert_eq!(collected["contents"], 1, "{held:?}: {collected}");
        assert_eq!(cloud.keys(), Vec::<String>::new(), "{held:?}");
        there.upload(&id, &bytes).expect(204);
        assert!(there.down(&id).expect(200).body == bytes);
        there.delete(&id).expect(204);
        assert_eq!(cloud.keys(), Vec::<String>::new(), "{held:?}");
    }
}
