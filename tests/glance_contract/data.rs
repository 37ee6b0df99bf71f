//! The bytes of an image: up and down.

use serde_json::json;

use crate::http::Request;
use crate::talk::{Talk, upload};
use crate::target::Who::{Admin, Member, Other, Reader};

fn file(id: &str) -> String {
    format!("/v2/images/{id}/file")
}

/// Bytes that look like nothing, the same every time.
fn noise(len: usize) -> Vec<u8> {
    let mut state: u64 = 42;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8 | 1
        })
        .collect()
}

pub(crate) fn up_and_down(t: &Talk) {
    let bytes = noise(300_000);
    let id = t.queued(Member);
    t.get(Member, &file(&id));
    t.upload(Member, &id, &bytes);
    t.get(Member, &format!("/v2/images/{id}"));
    let down = t.get(Member, &file(&id));
    assert!(down.body == bytes, "the bytes are not those that were sent");
    t.note("a second time, and by whom");
    t.upload(Member, &id, &bytes);
    t.get(Reader, &file(&id));
    t.get(Other, &file(&id));
    t.get(Admin, &file(&id));
    t.send(Member, Request::new("HEAD", &file(&id)));
}

pub(crate) fn in_chunks(t: &Talk) {
    let bytes = noise(70_000);
    let id = t.queued(Member);
    let request = Request::new("PUT", &file(&id)).header("Content-Type", "application/octet-stream");
    t.send(Member, request.chunked(&bytes));
    t.get(Member, &format!("/v2/images/{id}"));
    assert!(t.get(Member, &file(&id)).body == bytes);
}

pub(crate) fn nothing_at_all(t: &Talk) {
    let id = t.queued(Member);
    t.upload(Member, &id, b"");
    t.get(Member, &format!("/v2/images/{id}"));
    t.get(Member, &file(&id));
}

pub(crate) fn in_parts(t: &Talk) {
    let bytes = noise(1000);
    let id = t.active(Member, &bytes);
    for range in [
        "bytes=0-99", "bytes=100-199", "bytes=900-", "bytes=-100", "bytes=0-0", "bytes=999-999", "bytes=0-5000", "bytes=1000-", "bytes=5-4",
        "bytes=a-b", "bytes=", "bytes=0-1,5-6", "lines=1-2", "0-99",
    ] {
        let answer = t.send(Member, Request::new("GET", &file(&id)).header("Range", range));
        let part = match range {
            "bytes=0-99" => 0..100,
            "bytes=100-199" => 100..200,
            "bytes=900-" | "bytes=-100" => 900..1000,
            _ => continue,
        };
        assert!(answer.status != 206 || answer.body == bytes[part], "{range}");
    }
    for range in ["bytes 0-99/*", "bytes 0-99/1000", "bytes 0-5000/1000", "bytes 0-99/999", "bytes */*"] {
        t.send(Member, Request::new("GET", &file(&id)).header("Content-Range", range));
    }
}

pub(crate) fn to_an_image_that_takes_none(t: &Talk) {
    t.upload(Member, "ba7ba7a2-0000-4000-8000-000000000000", b"abc");
    let bare = t.image(Member, &json!({ "name": "no formats" }));
    t.upload(Member, &bare, b"abc");
    let half = t.image(Member, &json!({ "name": "half", "disk_format": "raw" }));
    t.upload(Member, &half, b"abc");
    let id = t.queued(Member);
    t.upload(Reader, &id, b"abc");
    t.upload(Other, &id, b"abc");
    t.get(Reader, &format!("/v2/images/{id}"));
    for kind in [None, Some("application/json"), Some("text/plain"), Some("application/octet-stream; x=y")] {
        let request = Request::new("PUT", &file(&id));
        let request = match kind {
            Some(kind) => request.header("Content-Type", kind),
            None => request,
        };
        t.send(Member, request.bytes(b"abc"));
    }
    t.send(Admin, upload(&t.queued(Member), b"by an admin"));
}

pub(crate) fn to_a_store(t: &Talk) {
    let id = t.queued(Member);
    t.send(Member, upload(&id, b"abc").header("X-Image-Meta-Store", "nonsense"));
    t.get(Member, &format!("/v2/images/{id}"));
    t.send(Member, upload(&id, b"abc"));
}

pub(crate) fn of_a_size_foretold(t: &Talk) {
    let id = t.queued(Member);
    t.send(Member, upload(&id, b"abc").header("X-OpenStack-Image-Size", "x"));
    t.send(Member, upload(&id, b"abc").header("X-OpenStack-Image-Size", "4"));
    t.get(Member, &format!("/v2/images/{id}"));
    t.send(Member, upload(&id, b"abc").header("X-OpenStack-Image-Size", "3"));
    t.get(Member, &format!("/v2/images/{id}"));
}
