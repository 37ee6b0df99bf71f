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

pub(crate) fn made_by_hand(t: &Talk) {
    let world = World::start();
    t.hide(world.url("/").trim_end_matches('/'), "WEB");
    world.put("/disk.raw", Page::bytes(b"fetched".to_vec()));
    let from = world.url("/disk.raw");
    let properties = json!({ "name": t.mark(), "disk_format": "raw", "container_format": "bare", "tags": [t.mark()] });
    let input = json!({ "import_from": from, "import_from_format": "raw", "image_properties": properties });
    let id = "ba7ba7a2-0000-4000-8000-000000000000";
    let mut made = Vec::new();
    for (kind, input) in [
        ("import", input.clone()),
        ("import", json!({ "import_from": from, "image_properties": properties })),
        ("import", json!({ "import_from": from, "import_from_format": "raw" })),
        ("api_image_import", json!({})),
        ("api_image_import", input.clone()),
        ("api_image_import", json!({ "image_id": id, "import_req": { "method": { "name": "web-download", "uri": from } } })),
        ("location_import", json!({})),
        ("location_import", json!({ "image_id": id })),
        ("location_import", json!({ "image_id": id, "loc_url": from })),
    ] {
        let answer = t.post(Admin, "/v2/tasks", &json!({ "type": kind, "input": input }));
        let task = answer.json();
        t.hide(task["user_id"].as_str().unwrap(), "USER-OF-admin");
        made.push(task["id"].as_str().unwrap().to_owned());
    }
    for id in made {
        let path = format!("/v2/tasks/{id}");
        let begun = std::time::Instant::now();
        let task = loop {
            let task = t.quiet(Admin, Request::new("GET", &path)).expect(200).json();
            if task["status"] == "success" || task["status"] == "failure" {
                break task;
            }
            assert!(begun.elapsed().as_secs() < 60, "not ended: {task}");
            std::thread::sleep(std::time::Duration::from_millis(50));
        };
        // What Glance breaks over has no words that say anything.
        let message = task["message"].as_str().unwrap_or_default();
        let input = message.to_lowercase().contains("input") || message.starts_with("Missing");
        t.note(&format!("{}: {} {}", task["type"], task["status"], if input { message } else { "with a message" }));
        assert!(!message.is_empty() && task["expires_at"].is_string(), "{task}");
    }
    t.list(Admin, &format!("tag={}&visibility=all", t.mark()));
    for query in ["limit=1&type=import", "limit=1&status=failure&sort_dir=asc"] {
        let answer = t.quiet(Admin, Request::new("GET", &format!("/v2/tasks?{query}"))).expect(200).json();
        let next = answer["next"].as_str().unwrap();
        let one = answer["tasks"][0]["id"].as_str().unwrap();
        assert_eq!(next.split("marker=").nth(1), Some(one), "{answer}");
        let mut keys: Vec<&String> = answer["tasks"][0].as_object().unwrap().keys().collect();
        keys.sort_unstable();
        t.note(&format!("{query}: first {}, keys {keys:?}", answer["first"]));
    }
}

pub(crate) fn made_by_hand_refused(t: &Talk) {
    let from = |uri: serde_json::Value| json!({ "type": "import", "input": { "import_from": uri } });
    for uri in [
        json!("file:///etc/passwd"), json!("filesystem:///etc/passwd"), json!("ftp://127.0.0.1/x"), json!("nonsense"),
        json!("http://169.254.169.254/"), json!("http://[::1]/x"), json!("http:///x"), json!("http://example.org:22/x"),
        json!(""), json!(null), json!(7), json!(["http://127.0.0.1/"]),
    ] {
        t.post(Admin, "/v2/tasks", &from(uri));
    }
    for body in [
        json!({}), json!([]), json!(["type", "input"]), json!("type input"), json!({ "type": "import" }), json!({ "input": {} }),
        json!({ "type": "export", "input": {} }), json!({ "type": 1, "input": {} }), json!({ "type": "import", "input": "x" }),
        json!({ "type": "import", "input": null }), json!({ "type": "api_image_import", "input": null }),
        json!({ "type": "import", "input": {}, "status": "done" }), json!({ "type": "import", "input": {}, "other": 1 }),
        json!({ "type": "import", "input": {}, "result": 1 }),
    ] {
        t.post(Admin, "/v2/tasks", &body);
    }
    t.send(Admin, Request::new("POST", "/v2/tasks"));
    t.send(Admin, Request::new("POST", "/v2/tasks").header("Content-Type", "application/json").bytes(b"no JSON"));
    t.send(Admin, Request::new("PATCH", "/v2/tasks"));
    for body in [json!({}), json!({ "type": "export", "input": {} })] {
        t.post(Member, "/v2/tasks", &body);
    }
}
