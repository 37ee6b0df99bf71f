//! Tasks: how an import went, and the old interface for them.

use serde_json::json;
use world::{Page, World};

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, Reader};

pub(crate) fn of_an_image(t: &Talk) {
    let none = t.queued(Member);
    t.get(Member, &format!("/v2/images/{none}/tasks"));
    let world = World::start();
    t.hide(world.url("/").trim_end_matches('/'), "WEB");
    world.put("/disk.raw", Page::bytes(b"fetched".to_vec()));
    for (path, then) in [("/disk.raw", "active"), ("/absent", "queued")] {
        let id = t.queued(Member);
        let body = json!({ "method": { "name": "web-download", "uri": world.url(path) } });
        t.quiet(Member, Request::new("POST", &format!("/v2/images/{id}/import")).json(&body)).expect(202);
        t.ended(&id, 1);
        t.settled(&id, &[then]);
        let tasks = t.quiet(Member, Request::new("GET", &format!("/v2/images/{id}/tasks"))).expect(200).json();
        let task = &tasks["tasks"][0];
        let keys: Vec<&str> = task.as_object().unwrap().keys().map(String::as_str).filter(|k| *k != "message").collect();
        let mut keys = keys;
        keys.sort_unstable();
        t.note(&format!("{path}: {} of type {}, keys {keys:?}", task["status"], task["type"]));
        assert_eq!(task["image_id"], id.as_str());
        let reason = task["message"].as_str().unwrap_or_default();
        assert!(then == "active" || !reason.is_empty(), "{task}");
    }
    t.get(Reader, &format!("/v2/images/{none}/tasks"));
    t.get(Other, &format!("/v2/images/{none}/tasks"));
    t.get(Member, "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/tasks");
}

pub(crate) fn for_admins_only(t: &Talk) {
    let absent = "/v2/tasks/ba7ba7a2-0000-4000-8000-000000000000";
    for who in [Member, Reader] {
        t.get(who, "/v2/tasks");
        t.get(who, absent);
        t.post(who, "/v2/tasks", &json!({ "type": "import", "input": {} }));
        t.delete(who, absent);
    }
    t.get(Admin, absent);
    t.delete(Admin, absent);
}

pub(crate) fn listed_for_an_admin(t: &Talk) {
    let id = t.queued(Member);
    let stage = Request::new("PUT", &format!("/v2/images/{id}/stage")).header("Content-Type", "application/octet-stream");
    t.quiet(Member, stage.bytes(b"abc")).expect(204);
    let body = json!({ "method": { "name": "glance-direct" } });
    t.quiet(Member, Request::new("POST", &format!("/v2/images/{id}/import")).json(&body)).expect(202);
    t.settled(&id, &["active"]);
    let task = t.quiet(Member, Request::new("GET", &format!("/v2/images/{id}/tasks"))).json()["tasks"][0]["id"].clone();
    let task = task.as_str().unwrap();
    let list = t.quiet(Admin, Request::new("GET", "/v2/tasks?limit=100&sort_key=created_at")).expect(200).json();
    let tasks = list["tasks"].as_array().unwrap();
    assert!(tasks.iter().any(|one| one["id"] == task), "{list}");
    let one = t.quiet(Admin, Request::new("GET", &format!("/v2/tasks/{task}"))).expect(200).json();
    let known = |key: &str, value: &str| one[key] == value;
    assert!(known("status", "success") && known("type", "api_image_import") && known("image_id", &id), "{one}");
    assert_eq!(one["owner"], t.project(Member));
    for query in ["limit=a", "limit=-1", "status=nonsense", "type=nonsense", "sort_dir=up", "sort_key=nonsense", "marker=nonsense"] {
        t.get(Admin, &format!("/v2/tasks?{query}"));
    }
    t.get(Admin, "/v2/tasks?type=export");
}
