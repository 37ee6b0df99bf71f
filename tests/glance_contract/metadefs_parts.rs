//! What is in a namespace of metadata definitions: properties, objects, tags and kinds of resources, one by one.

use serde_json::{Value, json};

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member};

const ROOT: &str = "/v2/metadefs/namespaces";

/// A public namespace of the case's own, which it deletes at its end.
fn namespace(t: &Talk) -> String {
    let body = json!({ "namespace": t.mark(), "visibility": "public" });
    t.quiet(Admin, Request::new("POST", ROOT).json(&body)).expect(201);
    format!("{ROOT}/{}", t.mark())
}

fn gone(t: &Talk, path: &str) {
    t.quiet(Admin, Request::new("DELETE", path)).expect(204);
}

fn property() -> Value {
    json!({ "title": "A", "type": "string" })
}

/// A property with more than it must have.
fn with(key: &str, value: &Value) -> Value {
    let mut body = property();
    body["name"] = json!("a");
    body[key] = value.clone();
    body
}

pub(crate) fn values_of_properties(t: &Talk) {
    let path = format!("{}/properties", namespace(t));
    for (key, value) in [
        ("default", json!("x")),
        ("default", json!(3)),
        ("default", json!(3.5)),
        ("default", json!(true)),
        ("default", json!(null)),
        ("default", json!(["a"])),
        ("default", json!({ "a": 1 })),
        ("enum", json!([])),
        ("enum", json!(["a", null])),
        ("minimum", json!(1.5)),
        ("maximum", json!(-3)),
        ("minLength", json!(1.0)),
        ("maxLength", json!(255)),
        ("readonly", json!(true)),
        ("items", json!({ "type": "string", "enum": ["a"] })),
        ("minItems", json!(0)),
        ("uniqueItems", json!(true)),
        ("additionalItems", json!(false)),
        ("operators", json!(["<in>", "<or>"])),
        ("pattern", json!("(")),
        ("description", json!("")),
        ("type", json!("array")),
    ] {
        t.post(Admin, &path, &with(key, &value));
        t.get(Member, &path);
        t.quiet(Admin, Request::new("DELETE", &path)).expect(204);
    }
    gone(t, path.trim_end_matches("/properties"));
}

pub(crate) fn refused_properties(t: &Talk) {
    let path = format!("{}/properties", namespace(t));
    for (key, value) in [
        ("enum", json!([1])),
        ("minimum", json!("1")),
        ("minimum", json!(true)),
        ("minLength", json!(-1)),
        ("maxLength", json!(1.5)),
        ("readonly", json!("yes")),
        ("required", json!([])),
        ("required", json!(["a"])),
        ("confidential", json!(true)),
        ("items", json!({})),
        ("items", json!({ "type": "string", "unknown": 1 })),
        ("items", json!({ "type": null })),
        ("type", json!(null)),
        ("title", json!(null)),
        ("operators", json!([1])),
        ("name", json!("x".repeat(81))),
        ("created_at", json!("2026-01-01T00:00:00Z")),
    ] {
        let answer = t.post(Admin, &path, &with(key, &value));
        assert!(answer.status >= 400, "{answer}");
    }
    t.quiet(Admin, Request::new("POST", &path).json(&with("name", &json!("a")))).expect(201);
    t.quiet(Admin, Request::new("POST", &path).json(&with("name", &json!("b")))).expect(201);
    t.put(Admin, &format!("{path}/a"), &with("name", &json!("b")));
    t.put(Admin, &format!("{path}/a"), &property());
    t.put(Admin, &format!("{path}/absent"), &with("name", &json!("b")));
    t.put(Admin, &format!("{path}/a"), &with("name", &json!("c")));
    t.get(Member, &format!("{path}/a"));
    t.get(Member, &path);
    gone(t, path.trim_end_matches("/properties"));
}

pub(crate) fn objects_changed(t: &Talk) {
    let path = format!("{}/objects", namespace(t));
    t.post(Admin, &path, &json!({ "name": "a", "required": [] }));
    t.get(Member, &format!("{path}/a"));
    t.post(Admin, &path, &json!({ "name": "b", "properties": {} }));
    t.get(Member, &path);
    t.put(Admin, &format!("{path}/a"), &json!({ "name": "b" }));
    t.put(Admin, &format!("{path}/absent"), &json!({ "name": "b" }));
    let properties = json!({ "x": { "title": "X", "type": "boolean", "default": true } });
    t.put(Admin, &format!("{path}/a"), &json!({ "name": "c", "required": ["x", "y"], "properties": properties }));
    t.get(Member, &format!("{path}/c"));
    t.get(Member, &format!("{path}/a"));
    t.delete(Admin, &path);
    t.delete(Admin, &path);
    gone(t, path.trim_end_matches("/objects"));
}

pub(crate) fn refused_objects(t: &Talk) {
    let path = format!("{}/objects", namespace(t));
    for body in [
        json!({ "name": "x".repeat(81) }),
        json!({ "name": "a", "description": null }),
        json!({ "name": "a", "required": ["a", "a"] }),
        json!({ "name": "a", "required": "a" }),
        json!({ "name": "a", "properties": { "x": { "title": "X" } } }),
        json!({ "name": "a", "properties": { "x": { "title": "X", "type": "string", "unknown": 1 } } }),
        json!({ "name": "a", "properties": { "x": { "title": "X", "type": "string", "enum": [1] } } }),
        json!({ "name": "a", "unknown": 1 }),
    ] {
        let answer = t.post(Admin, &path, &body);
        assert!(answer.status >= 400, "{answer}");
    }
    for query in ["limit=0", "limit=a", "limit=", "sort_dir=up", "visibility=nonsense"] {
        t.get(Member, &format!("{path}?{query}"));
    }
    t.get(Member, &format!("{path}?limit=1&sort_key=nonsense&marker=nonsense&visibility=shared"));
    gone(t, path.trim_end_matches("/objects"));
}

fn tags(names: &[&str]) -> Value {
    let all: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    json!({ "tags": all })
}

pub(crate) fn several_tags_at_once(t: &Talk) {
    let path = format!("{}/tags", namespace(t));
    t.post(Admin, &path, &tags(&["b", "a"]));
    t.get(Member, &path);
    t.post(Admin, &path, &tags(&["c", "d", "c"]));
    t.post(Admin, &path, &tags(&[]));
    t.get(Member, &path);
    for (word, names) in [("True", ["x", "y"]), ("yes", ["z", "x"]), ("no", ["e", "f"])] {
        let request = Request::new("POST", &path).header("X-Openstack-Append", word);
        t.send(Admin, request.json(&tags(&names)));
        t.get(Member, &path);
    }
    gone(t, path.trim_end_matches("/tags"));
}

pub(crate) fn tags_in_pages(t: &Talk) {
    let path = format!("{}/tags", namespace(t));
    t.quiet(Admin, Request::new("POST", &path).json(&tags(&["c", "d", "b", "a"]))).expect(201);
    for query in [
        "limit=2",
        "limit=2&marker=d",
        "limit=0",
        "limit=&marker=",
        "sort_key=name",
        "sort_key=name&sort_dir=asc&marker=b",
        "sort_dir=asc",
        "sort_key=nonsense",
        "sort_dir=up",
        "limit=a",
        "limit=-1",
        "marker=absent",
        "visibility=shared",
        "visibility=nonsense",
    ] {
        t.get(Member, &format!("{path}?{query}"));
    }
    gone(t, path.trim_end_matches("/tags"));
}

pub(crate) fn refused_tags(t: &Talk) {
    let path = format!("{}/tags", namespace(t));
    for body in [json!({}), json!([]), json!({ "name": "a" }), json!({ "tags": "a" }), json!({ "tags": [{ "name": 1 }] }), json!({ "tags": [{ "name": "a", "created_at": "a" }] })] {
        let answer = t.post(Admin, &path, &body);
        assert!(answer.status >= 400, "{answer}");
    }
    let long = "x".repeat(81);
    t.send(Admin, Request::new("POST", &format!("{path}/{long}")));
    t.send(Member, Request::new("POST", &format!("{path}/a")));
    t.quiet(Admin, Request::new("POST", &path).json(&tags(&["a", "b"]))).expect(201);
    t.put(Admin, &format!("{path}/a"), &json!({ "name": "b" }));
    t.put(Admin, &format!("{path}/a"), &json!({ "name": "A" }));
    t.put(Admin, &format!("{path}/absent"), &json!({ "name": "b" }));
    t.put(Admin, &format!("{path}/A"), &json!({ "name": long }));
    t.put(Admin, &format!("{path}/A"), &tags(&["b"]));
    t.put(Member, &format!("{path}/A"), &json!({ "name": "c" }));
    gone(t, path.trim_end_matches("/tags"));
}

pub(crate) fn refused_resource_types(t: &Talk) {
    let path = format!("{}/resource_types", namespace(t));
    for body in [
        json!({ "name": "x".repeat(81) }),
        json!({ "name": "OS::Glance::Image", "prefix": "x".repeat(81) }),
        json!({ "name": "OS::Glance::Image", "prefix": 1 }),
        json!({ "name": "OS::Glance::Image", "unknown": 1 }),
        json!({ "name": "OS::Glance::Image", "updated_at": "a" }),
    ] {
        let answer = t.post(Admin, &path, &body);
        assert!(answer.status >= 400, "{answer}");
    }
    t.delete(Admin, &format!("{path}/OS::No::Such"));
    t.delete(Member, &format!("{path}/OS::No::Such"));
    gone(t, path.trim_end_matches("/resource_types"));
}
