//! Images that the cloud imports: what it offers, what it says when it fails, and how long it is waited for.

use serde_json::{Value, json};
use world::{Page, Seen, World};

use crate::create::noise;
use crate::glance::{Glance, ID, State, at, taken};

const METHODS: &str = "/image/v2/info/import";

/// A cloud that imports: `import` is what it does when it is asked to.
fn importing(import: fn(&mut State, &Seen) -> Page) -> Glance {
    let glance = Glance::new();
    let offered =
        json!({"import-methods": {"type": "array", "value": ["glance-direct", "web-download"]}});
    glance
        .world
        .put(METHODS, Page::refusal(200, offered.to_string()));
    glance.answering(&at("/import"), import);
    glance
}

/// The tasks of the image.
fn tasks(glance: &Glance, tasks: &Value) {
    let page = Page::refusal(200, json!({ "tasks": tasks }).to_string());
    glance.world.put(&at("/tasks"), page);
}

/// Does nothing that could be seen.
fn accepted(_: &mut State, _: &Seen) -> Page {
    Page::status(202)
}

#[test]
fn staged_bytes_are_imported_and_compared() {
    let glance = importing(|state, _| {
        taken(state, &noise(2 << 20));
        Page::status(202)
    });
    glance.file("disk.raw", &noise(2 << 20));
    let ended = glance.create(&[
        "--file",
        "disk.raw",
        "--import",
        "--store",
        "a",
        "--store",
        "b",
        "--allow-failure",
    ]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let expected = [
        "POST images -",
        "PUT stage private",
        "POST import private",
        "PATCH image private",
    ];
    assert_eq!(glance.changes(), expected);
    let body = glance.world.requests_to(&at("/import")).pop().unwrap().body;
    let body: Value = serde_json::from_slice(&body).unwrap();
    let method = json!({"name": "glance-direct"});
    let expected =
        json!({"method": method, "stores": ["a", "b"], "all_stores_must_succeed": false});
    assert_eq!(body, expected);
}

#[test]
fn an_import_that_failed_says_why_and_leaves_nothing() {
    let glance = importing(accepted);
    glance.file("disk.raw", &noise(1000));
    let reason = "Input to api_image_import task failed:\n the disk is full";
    tasks(
        &glance,
        &json!([{"id": "t", "type": "api_image_import", "status": "failure", "message": reason}]),
    );
    let ended = glance.create(&["--file", "disk.raw", "--import"]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the disk is full"),
        "{}",
        ended.stderr
    );
    assert!(glance.state().record.is_none());
}

#[test]
fn an_import_that_does_not_end_is_left_alone_and_named() {
    let glance = importing(accepted);
    glance.file("disk.raw", &noise(1000));
    tasks(
        &glance,
        &json!([{"id": "t", "status": "processing", "message": ""}]),
    );
    let ended = glance.create(&[
        "--file",
        "disk.raw",
        "--import",
        "--timeout",
        "1",
        "--public",
    ]);
    assert_eq!(ended.code, 7, "{}", ended.stderr);
    let command = format!("`ectype image delete {ID}`");
    assert!(ended.stderr.contains(&command), "{}", ended.stderr);
    assert_eq!(
        glance.state().record.clone().unwrap()["visibility"],
        "private"
    );
}

#[test]
fn what_a_cloud_does_not_offer_is_said_before_anything_is_made() {
    let glance = Glance::new();
    glance.file("disk.raw", &noise(1000));
    for (methods, word) in [
        (Page::refusal(404, "no"), "no import at all"),
        (
            Page::refusal(200, r#"{"import-methods": {"value": ["copy-image"]}}"#),
            "copy-image",
        ),
    ] {
        glance.world.put(METHODS, methods);
        let ended = glance.create(&["--file", "disk.raw", "--import"]);
        assert_eq!(ended.code, 4, "{}", ended.stderr);
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
        assert_eq!(glance.changes(), Vec::<String>::new());
    }
}

/// A cloud that fetches something else, or the right thing, from the vendor.
fn fetching(import: fn(&mut State, &Seen) -> Page) -> (Glance, World, String) {
    let (glance, vendor) = (importing(import), World::start());
    tasks(
        &glance,
        &json!([{"id": "t", "status": "success", "message": ""}]),
    );
    vendor.put("/disk.raw", Page::bytes(noise(2 << 20)));
    let url = vendor.url("/disk.raw");
    (glance, vendor, url)
}

#[test]
fn what_the_cloud_fetched_is_compared_with_the_vendor_s() {
    let (glance, _vendor, url) = fetching(|state, _| {
        taken(state, &noise(2 << 20));
        Page::status(202)
    });
    let ended = glance.create(&["--uri", &url, "--public"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let record = glance.state().record.clone().unwrap();
    assert_eq!(record["visibility"], "public");
    assert_eq!(record["disk_format"], "raw");
    assert_eq!(record["image_source"], json!(url));
    let (glance, _vendor, url) = fetching(|state, _| {
        taken(state, b"what somebody in between has put there");
        Page::status(202)
    });
    let ended = glance.create(&["--uri", &url, "--public"]);
    assert_eq!(ended.code, 6, "{}", ended.stderr);
    let record = glance.state().record.clone().unwrap();
    assert_eq!(record["visibility"], "private");
    assert_eq!(record["status"], "deactivated");
}

#[test]
fn what_cannot_be_compared_stays_private() {
    let (glance, vendor, url) = fetching(|state, _| {
        taken(state, &noise(2 << 20));
        Page::status(202)
    });
    vendor.remove("/disk.raw");
    let ended = glance.create(&["--uri", &url, "--public", "--disk-format", "raw"]);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("only your project sees it"),
        "{}",
        ended.stderr
    );
    assert_eq!(
        glance.state().record.clone().unwrap()["visibility"],
        "private"
    );
    // Without a look at it its format must be said.
    let ended = glance.create(&["--uri", &url]);
    assert_eq!(ended.code, 5, "{}", ended.stderr);
    assert!(ended.stderr.contains("--disk-format"), "{}", ended.stderr);
}

#[test]
fn an_address_that_the_cloud_does_not_fetch_leaves_nothing() {
    let (glance, _vendor, url) =
        fetching(|_, _| Page::refusal(400, "URI for web-download does not pass filtering"));
    let ended = glance.create(&["--uri", &url]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("does not pass filtering"),
        "{}",
        ended.stderr
    );
    assert!(glance.state().record.is_none());
}
