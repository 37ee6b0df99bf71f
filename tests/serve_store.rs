//! An object store that fails: for a moment it is not noticed, for longer it is said, and nothing is lost or left over.

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

use std::time::Duration;

use cloud::{Cloud, Place};
use http::Answer;
use replica::{Caller, put};
use world::noise;
use world::{Fault, Held};

const FOR_EVER: usize = usize::MAX;
/// More than goes to the store in one request.
const IN_PARTS: usize = 20 << 20;

/// The caller is told that it is the store, and nothing of where that is.
#[track_caller]
fn unavailable(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 503, "{what}: {answer}");
    let text = answer.text();
    assert!(text.contains("storage"), "{what}: {text}");
    for inner in ["127.0.0.1", "bucket", "http"] {
        assert!(!text.contains(inner), "{what}: {text}");
    }
}

#[test]
fn what_fails_for_a_moment_is_tried_again() {
    let Some(cloud) = Cloud::at("a store that fails for a moment", Place::Gate) else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    let (small, large) = (noise(1, 300_000), noise(2, IN_PARTS));
    for fault in [Fault::Status(500), Fault::Status(503), Fault::Cut] {
        for bytes in [&small, &large] {
            cloud.gate().spoil("PUT", fault, 2);
            let id = caller.active(bytes);
            cloud.gate().spoil("GET", fault, 2);
            assert!(caller.down(&id).expect(200).body == *bytes, "{fault:?}");
            cloud.gate().spoil("DELETE", fault, 1);
            caller.delete(&id).expect(204);
            assert_eq!(cloud.keys(), Vec::<String>::new(), "{fault:?}");
        }
        cloud.gate().spoil("POST", fault, 1);
        let id = caller.active(&large);
        cloud.gate().forget();
        assert!(caller.down(&id).expect(200).body == large, "{fault:?}");
        caller.delete(&id).expect(204);
    }
    assert_eq!(cloud.parts(), Vec::<String>::new());
}

#[test]
fn a_download_that_the_store_breaks_off_goes_on_where_it_was() {
    let Some(cloud) = Cloud::at("a store that breaks off", Place::Gate) else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    let bytes = noise(3, 6 << 20);
    let id = caller.active(&bytes);
    // More often than one request is tried: each time something came.
    cloud.gate().spoil("GET", Fault::Half, 12);
    assert!(caller.down(&id).expect(200).body == bytes);
}

/// Everything is tried while the store fails like this.
fn fails(cloud: &Cloud, caller: Caller<'_>, fault: Fault) {
    let (small, large) = (noise(4, 300_000), noise(5, IN_PARTS));
    let there = caller.active(b"there before");
    let (one, other) = (caller.queued(), caller.queued());
    cloud.gate().spoil("", fault, FOR_EVER);
    std::thread::scope(|scope| {
        scope.spawn(|| unavailable(&caller.upload(&one, &small), "an upload"));
        scope.spawn(|| unavailable(&caller.upload(&other, &large), "an upload in parts"));
        scope.spawn(|| unavailable(&caller.down(&there), "a download"));
    });
    for id in [&one, &other] {
        assert_eq!(caller.status(id), "queued", "{fault:?}");
    }
    // What cannot be deleted now is deleted later.
    caller.delete(&there).expect(204);
    cloud.gate().forget();
    cloud.grow_old("one");
    cloud.collect("one");
    assert_eq!(cloud.keys(), Vec::<String>::new(), "{fault:?}");
    assert_eq!(cloud.parts(), Vec::<String>::new(), "{fault:?}");
    for (id, bytes) in [(&one, &small), (&other, &large)] {
        caller.upload(id, bytes).expect(204);
        assert!(caller.down(id).expect(200).body == *bytes, "{fault:?}");
        caller.delete(id).expect(204);
    }
    assert_eq!(cloud.keys(), Vec::<String>::new(), "{fault:?}");
}

#[test]
fn what_fails_for_long_is_said_and_nothing_is_left_over() {
    for fault in [Fault::Status(500), Fault::Status(403), Fault::Cut] {
        let Some(cloud) = Cloud::at("a store that fails", Place::Gate) else {
            return;
        };
        let mut service = cloud.start("one");
        let token = service.log_in();
        fails(&cloud, service.caller(&token), fault);
        assert!(service.is_alive());
    }
}

#[test]
fn parts_of_an_upload_that_fails_in_the_middle_are_taken_back() {
    let Some(cloud) = Cloud::at("an upload that fails in the middle", Place::Gate) else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    let id = caller.queued();
    // The parts are refused, what begins and ends an upload is not.
    cloud.gate().spoil("PUT", Fault::Status(403), FOR_EVER);
    unavailable(&caller.upload(&id, &noise(6, IN_PARTS)), "an upload");
    assert!(cloud.gate().calls().iter().any(|call| call.method == "PUT"));
    assert_eq!(cloud.parts(), Vec::<String>::new());
    assert_eq!(cloud.keys(), Vec::<String>::new());
    assert_eq!(caller.status(&id), "queued");
}

#[test]
fn parts_of_a_process_that_is_killed_are_taken_back_when_it_starts_again() {
    let Some(cloud) = Cloud::at("a process killed amid parts", Place::Gate) else {
        return;
    };
    // An upload is begun (0), there are three parts, and the store is told that they are all (4).
    let moments = [
        (1, Held::Before),
        (2, Held::Amid),
        (3, Held::After),
        (4, Held::Before),
        (4, Held::After),
    ];
    for (round, (write, held)) in moments.into_iter().enumerate() {
        let at = format!("{held:?} {write}");
        let service = cloud.start("one");
        let token = service.log_in();
        let caller = service.caller(&token);
        let (id, bytes) = (caller.queued(), noise(round as u64 + 20, IN_PARTS));
        cloud.gate().hold(write, held);
        std::thread::scope(|scope| {
            scope.spawn(|| caller.try_ask(put(&id, &bytes)).map(drop));
            assert!(cloud.gate().wait(|| false));
            service.kill_by_id();
        });
        cloud.gate().forget();
        let whole = (write, held) == (4, Held::After);
        assert_eq!(cloud.parts().len(), usize::from(!whole), "{at}");
        assert_eq!(cloud.keys().len(), usize::from(whole), "{at}");
        // Others may be at it, as far as a new process knows.
        let service = cloud.start("one");
        assert_eq!(cloud.parts().len(), usize::from(!whole), "{at}");
        drop(service);
        cloud.grow_old("one");
        let service = cloud.start("one");
        assert_eq!(cloud.parts(), Vec::<String>::new(), "{at}");
        assert_eq!(cloud.keys(), Vec::<String>::new(), "{at}");
        assert_eq!(cloud.sql("SELECT COUNT(*) FROM parts"), "0", "{at}");
        let token = service.log_in();
        let caller = service.caller(&token);
        caller.upload(&id, &bytes).expect(204);
        assert!(caller.down(&id).expect(200).body == bytes, "{at}");
        caller.delete(&id).expect(204);
    }
}

#[test]
fn parts_that_the_store_does_not_take_back_now_are_taken_back_later() {
    let Some(cloud) = Cloud::at("parts that stay", Place::Gate) else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    let id = caller.queued();
    // Whatever has the name of an upload is refused: the last word, and that it be taken back.
    cloud
        .gate()
        .spoil("?uploadId=", Fault::Status(403), FOR_EVER);
    unavailable(&caller.upload(&id, &noise(9, IN_PARTS)), "an upload");
    assert_eq!(caller.status(&id), "queued");
    assert_eq!(cloud.parts().len(), 1);
    cloud.gate().forget();
    let collected = cloud.collect("one");
    assert_eq!(collected["parts"], 1, "{collected}");
    assert_eq!(cloud.parts(), Vec::<String>::new());
    assert_eq!(cloud.collect("one")["parts"], 0);
}

#[test]
fn an_upload_is_alive_while_its_bytes_go_to_the_store() {
    let Some(cloud) = Cloud::at("an upload on its way to the store", Place::Gate) else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    let (id, bytes) = (caller.queued(), noise(11, IN_PARTS));
    cloud.gate().hold(1, Held::Before);
    std::thread::scope(|scope| {
        let uploading = scope.spawn(|| caller.upload(&id, &bytes));
        assert!(cloud.gate().wait(|| false));
        cloud.sql("UPDATE images SET work_seen = 0");
        while cloud.sql("SELECT COUNT(*) FROM images WHERE work_seen > 0") == "0" {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(cloud.collect("one")["images"], 0);
        // What was held is tried again.
        cloud.gate().forget();
        uploading.join().unwrap().expect(204);
    });
    assert!(caller.down(&id).expect(200).body == bytes);
}

#[test]
fn an_upload_whose_answers_are_lost_is_none() {
    // Those to the parts, and to the word that they are all.
    for which in ["PUT", "?uploadId="] {
        let Some(cloud) = Cloud::at("a store whose answers are lost", Place::Gate) else {
            return;
        };
        let service = cloud.start("one");
        let token = service.log_in();
        let caller = service.caller(&token);
        let (id, bytes) = (caller.queued(), noise(7, IN_PARTS));
        // The store does what it is asked for, and nobody hears of it.
        cloud.gate().spoil(which, Fault::Half, FOR_EVER);
        unavailable(&caller.upload(&id, &bytes), which);
        cloud.gate().forget();
        assert_eq!(caller.status(&id), "queued");
        assert_eq!(cloud.keys(), Vec::<String>::new(), "{which}");
        assert_eq!(cloud.parts(), Vec::<String>::new(), "{which}");
        caller.upload(&id, &bytes).expect(204);
        assert!(caller.down(&id).expect(200).body == bytes);
    }
}

#[test]
fn a_store_that_is_away_is_no_damage_and_nothing_is_removed() {
    let Some(cloud) = Cloud::at("care without the store", Place::Gate) else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let bytes = noise(8, 2 << 20);
    let id = service.caller(&token).active(&bytes);
    for (which, fault) in [
        ("", Fault::Cut),
        ("GET", Fault::Half),
        ("GET", Fault::Status(500)),
    ] {
        cloud.gate().spoil(which, fault, FOR_EVER);
        let scrubbed = cloud.run("one", &["scrub"]);
        assert_eq!(scrubbed.status.code(), Some(7), "{fault:?}: {scrubbed:?}");
    }
    cloud.gate().spoil("", Fault::Cut, FOR_EVER);
    let collected = cloud.run("one", &["collect", "--strays"]);
    assert_eq!(collected.status.code(), Some(7), "{collected:?}");
    cloud.gate().forget();
    assert_eq!(
        cloud.sql("SELECT COUNT(*) FROM blobs WHERE finding IS NOT NULL"),
        "0"
    );
    assert!(cloud.run("one", &["scrub"]).status.success());
    assert!(service.caller(&token).down(&id).expect(200).body == bytes);
}

/// MiB that the service may have at most while it passes on to the store what is larger in all.
const MEMORY: u64 = 256;

#[test]
fn uploads_at_one_time_cost_bounded_memory() {
    let Some(cloud) = Cloud::new("many uploads") else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    std::thread::scope(|scope| {
        for number in 0..12 {
            scope.spawn(move || {
                let bytes = noise(number, 2 * IN_PARTS);
                let id = caller.active(&bytes);
                assert!(caller.down(&id).expect(200).body == bytes);
            });
        }
    });
    let peak = service.peak();
    assert!(peak <= MEMORY, "{peak} MiB");
    assert_eq!(cloud.keys().len(), 12);
}

#[test]
fn without_the_store_a_service_starts_and_lists() {
    let Some(cloud) = Cloud::at("a start without the store", Place::Gate) else {
        return;
    };
    cloud.gate().spoil("", Fault::Cut, FOR_EVER);
    let service = cloud.start("one");
    let token = service.log_in();
    let id = service.caller(&token).queued();
    assert_eq!(service.caller(&token).status(&id), "queued");
}

#[test]
fn a_bucket_that_is_not_there_is_one_error_and_no_image_is_missing() {
    let Some(cloud) = Cloud::new("a bucket that is not there") else {
        return;
    };
    let service = cloud.start("one");
    let token = service.log_in();
    let bytes = noise(10, 300_000);
    let id = service.caller(&token).active(&bytes);
    let starts = &["--listen", "127.0.0.1:0"][..];
    for (folder, words) in [
        ("one", &["scrub"][..]),
        ("one", &["collect"]),
        ("new", starts),
    ] {
        let out = cloud.run_at(folder, words, "no-such-bucket");
        assert_eq!(out.status.code(), Some(3), "{words:?}: {out:?}");
        assert_eq!(out.stdout, b"", "{words:?}: {out:?}");
        let said = String::from_utf8_lossy(&out.stderr);
        let line = "error: there is no bucket `no-such-bucket`";
        assert!(said.lines().any(|said| said == line), "{words:?}: {said}");
    }
    assert_eq!(
        cloud.sql("SELECT COUNT(*) FROM blobs WHERE finding IS NOT NULL"),
        "0"
    );
    assert!(cloud.run("one", &["scrub"]).status.success());
    assert!(service.caller(&token).down(&id).expect(200).body == bytes);
}

#[test]
fn a_bucket_that_goes_away_takes_nothing_more() {
    let Some(cloud) = Cloud::new("a bucket that goes away") else {
        return;
    };
    let mut service = cloud.start("one");
    let token = service.log_in();
    let caller = service.caller(&token);
    cloud.remove_bucket();
    for bytes in [noise(12, 300_000), noise(13, IN_PARTS)] {
        let id = caller.queued();
        unavailable(&caller.upload(&id, &bytes), "an upload");
        assert_eq!(caller.status(&id), "queued");
    }
    assert_eq!(cloud.run("one", &["scrub"]).status.code(), Some(3));
    assert!(service.is_alive());
}
