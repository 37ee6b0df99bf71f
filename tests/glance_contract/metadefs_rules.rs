//! The rules of metadata definitions: what is taken, what is refused, in which words, and who sees it.

use serde_json::{Value, json};

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, OtherReader, Reader};

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

/// A kind of resource that no other case knows.
fn kind(t: &Talk, number: u32) -> String {
    format!("OS::{}::{number}", t.mark())
}

fn property() -> Value {
    json!({ "title": "A", "type": "string" })
}

/// A namespace with something of everything.
fn whole(t: &Talk) -> Value {
    json!({
        "namespace": t.mark(), "visibility": "public", "display_name": "All", "description": "of it", "protected": false,
        "resource_type_associations": [
            { "name": kind(t, 1) },
            { "name": kind(t, 2), "prefix": "hw:", "properties_target": "image" },
        ],
        "properties": {
            "bus": { "title": "Bus", "type": "string", "enum": ["scsi", "virtio"], "default": "virtio" },
            "cores": { "title": "Cores", "type": "integer", "minimum": 1, "maximum": 64, "default": 2, "name": "n" },
        },
        "objects": [
            { "name": "quota", "description": "of it", "required": ["a"], "properties": { "a": property() } },
            { "name": "empty" },
        ],
        "tags": [{ "name": "two" }, { "name": "one" }],
    })
}

pub(crate) fn made_in_one_piece(t: &Talk) {
    let path = format!("{ROOT}/{}", t.mark());
    t.post(Admin, ROOT, &whole(t));
    t.get(Member, &path);
    for part in ["resource_types", "properties", "objects", "tags", "objects/quota", "properties/cores"] {
        t.get(Reader, &format!("{path}/{part}"));
    }
    t.get(Member, &format!("{ROOT}?resource_types={}", kind(t, 1)));
    gone(t, &path);
    for part in ["resource_types", "properties", "objects", "tags"] {
        t.get(Member, &format!("{path}/{part}"));
    }
}

pub(crate) fn all_or_nothing(t: &Talk) {
    let path = format!("{ROOT}/{}", t.mark());
    for (key, twice) in [
        ("objects", json!([{ "name": "a" }, { "name": "a" }])),
        ("tags", json!([{ "name": "a" }, { "name": "b" }, { "name": "a" }])),
        ("resource_type_associations", json!([{ "name": kind(t, 1) }, { "name": kind(t, 1) }])),
    ] {
        t.post(Admin, ROOT, &json!({ "namespace": t.mark(), key: twice }));
        t.get(Admin, &path);
    }
}

pub(crate) fn refused_in_one_piece(t: &Talk) {
    for (key, value) in [
        ("objects", json!([{}])),
        ("objects", json!({})),
        ("objects", json!([{ "name": "a", "unknown": 1 }])),
        ("tags", json!([{}])),
        ("tags", json!([{ "name": 1 }])),
        ("resource_type_associations", json!([{}])),
        ("resource_type_associations", json!(["OS::Glance::Image"])),
        ("properties", json!({ "a": { "title": "A" } })),
        ("properties", json!({ "a": { "title": "A", "type": "string", "unknown": 1 } })),
        ("properties", json!([])),
        ("protected", json!("yes")),
        ("owner", json!("x".repeat(256))),
        ("display_name", json!("x".repeat(81))),
        ("visibility", json!(null)),
    ] {
        let answer = t.post(Admin, ROOT, &json!({ "namespace": t.mark(), key: value }));
        assert!(answer.status >= 400, "{answer}");
    }
}

pub(crate) fn renamed(t: &Talk) {
    let path = namespace(t);
    let (other, new) = (format!("{}-other", t.mark()), format!("{}-new", t.mark()));
    t.quiet(Admin, Request::new("POST", ROOT).json(&json!({ "namespace": other }))).expect(201);
    t.post(Admin, &format!("{path}/tags"), &json!({ "tags": [{ "name": "a" }] }));
    t.put(Admin, &path, &json!({ "namespace": other }));
    t.put(Admin, &path, &json!({ "namespace": new, "owner": "somebody", "visibility": "public", "tags": [{ "name": "b" }] }));
    t.get(Member, &path);
    t.put(Admin, &path, &json!({ "namespace": new }));
    t.get(Member, &format!("{ROOT}/{new}"));
    t.put(Admin, &format!("{ROOT}/{new}"), &json!({ "namespace": new, "description": "no owner" }));
    t.put(Admin, &format!("{ROOT}/{new}"), &json!({}));
    for name in [other, new] {
        gone(t, &format!("{ROOT}/{name}"));
    }
}

pub(crate) fn protected_with_all_that_is_in_it(t: &Talk) {
    let path = format!("{ROOT}/{}", t.mark());
    let mut body = whole(t);
    body["protected"] = json!(true);
    t.quiet(Admin, Request::new("POST", ROOT).json(&body)).expect(201);
    let kind = format!("resource_types/{}", kind(t, 1));
    for part in ["tags/one", "tags", "objects/quota", "objects", "properties/bus", "properties", &kind] {
        t.delete(Admin, &format!("{path}/{part}"));
    }
    t.delete(Admin, &format!("{path}/tags/absent"));
    t.delete(Member, &format!("{path}/tags/one"));
    t.delete(Admin, &path);
    t.post(Admin, &format!("{path}/properties"), &json!({ "name": "a", "title": "A", "type": "string" }));
    t.put(Admin, &path, &json!({ "namespace": t.mark(), "visibility": "public" }));
    for part in ["tags/one", "tags", "objects/quota", "objects", "properties/bus", "properties", &kind] {
        t.delete(Admin, &format!("{path}/{part}"));
    }
    t.get(Member, &path);
    gone(t, &path);
}

pub(crate) fn in_pages(t: &Talk) {
    let named = |at: u32| format!("{}-{at}", t.mark());
    for (at, (visibility, shown)) in (0..).zip([("public", "C"), ("private", "B"), ("public", "A"), ("public", "D")]) {
        let body = json!({
            "namespace": named(at), "visibility": visibility, "display_name": shown,
            "resource_type_associations": [{ "name": kind(t, at) }],
        });
        t.quiet(Admin, Request::new("POST", ROOT).json(&body)).expect(201);
    }
    let kinds: Vec<String> = (0..4).map(|at| kind(t, at)).collect();
    let all = kinds.join(",");
    for query in [
        String::new(),
        "&limit=2".to_owned(),
        format!("&limit=2&marker={}", named(2)),
        "&limit=1&sort_key=display_name&sort_dir=asc".to_owned(),
        format!("&sort_key=display_name&sort_dir=asc&marker={}", named(0)),
        "&sort_key=namespace".to_owned(),
        "&visibility=private".to_owned(),
        "&visibility=public&limit=0".to_owned(),
        "&limit=5000&unknown=a+b".to_owned(),
    ] {
        for who in [Admin, Member] {
            t.get(who, &format!("{ROOT}?resource_types={all}{query}"));
        }
    }
    t.get(Reader, &format!("{ROOT}?resource_types={},{}&limit=3", kinds[0], kinds[2]));
    t.get(Member, &format!("{ROOT}?resource_types={}&marker={}", kinds[0], named(1)));
    t.get(Member, &format!("{ROOT}?resource_types=OS::No::Such"));
    for at in 0..4 {
        gone(t, &format!("{ROOT}/{}", named(at)));
    }
}

pub(crate) fn under_the_prefix_of_a_resource_type(t: &Talk) {
    let path = format!("{ROOT}/{}", t.mark());
    t.quiet(Admin, Request::new("POST", ROOT).json(&whole(t))).expect(201);
    for number in [1, 2, 3] {
        t.get(Member, &format!("{path}?resource_type={}", kind(t, number)));
    }
    for (name, number) in [("hw:bus", 2), ("bus", 2), ("hw:absent", 2), ("bus", 1), ("bus", 3)] {
        t.get(Member, &format!("{path}/properties/{name}?resource_type={}", kind(t, number)));
    }
    t.get(Member, &format!("{path}/properties/bus?resource_type="));
    t.delete(Admin, &format!("{path}/resource_types/{}", kind(t, 2)));
    t.get(Member, &format!("{path}/properties/hw:bus?resource_type={}", kind(t, 2)));
    gone(t, &path);
}

pub(crate) fn what_only_the_service_writes(t: &Talk) {
    let path = namespace(t);
    for key in ["self", "schema", "created_at", "updated_at"] {
        t.post(Admin, ROOT, &json!({ "namespace": t.mark(), key: "a" }));
        t.put(Admin, &path, &json!({ "namespace": t.mark(), key: "a" }));
        t.post(Admin, &format!("{path}/objects"), &json!({ "name": "a", key: "a" }));
        t.post(Admin, &format!("{path}/properties"), &json!({ "name": "a", "title": "A", "type": "string", key: "a" }));
        t.put(Admin, &format!("{path}/tags/a"), &json!({ "name": "a", key: "a" }));
    }
    gone(t, &path);
}

pub(crate) fn paths_and_methods(t: &Talk) {
    let path = namespace(t);
    for (method, end) in [
        ("PATCH", ""),
        ("PUT", "/tags"),
        ("PATCH", "/tags/a"),
        ("PUT", "/objects"),
        ("POST", "/objects/a"),
        ("POST", "/properties/a"),
        ("PUT", "/resource_types"),
        ("GET", "/resource_types/a"),
        ("GET", "/nonsense"),
        ("GET", "/tags/a/b"),
        ("GET", "/"),
        ("GET", "/tags/"),
    ] {
        t.send(Admin, Request::new(method, &format!("{path}{end}")));
    }
    for (method, path) in [
        ("PUT", ROOT),
        ("DELETE", "/v2/metadefs/resource_types"),
        ("GET", "/v2/metadefs"),
        ("GET", "/v2/metadefs/"),
        ("GET", "/v2/metadefs/nonsense"),
        ("GET", "/v2/metadefs/namespaces/"),
    ] {
        t.send(Admin, Request::new(method, path));
    }
    gone(t, &path);
}

pub(crate) fn shapes_of_the_body(t: &Talk) {
    let path = namespace(t);
    for body in ["{", "7", "null", "\"self\""] {
        let request = Request::new("POST", ROOT).header("Content-Type", "application/json");
        t.send(Admin, request.bytes(body.as_bytes()));
    }
    for (method, end) in [("POST", "/tags"), ("POST", "/objects"), ("POST", "/properties"), ("POST", "/resource_types"), ("PUT", ""), ("PUT", "/tags/a")] {
        t.send(Admin, Request::new(method, &format!("{path}{end}")));
        t.send(Member, Request::new(method, &format!("{path}{end}")));
    }
    for (method, end) in [
        ("GET", ""), ("DELETE", ""), ("GET", "/properties"), ("GET", "/resource_types"), ("GET", "/objects"), ("GET", "/tags"),
        ("GET", "/objects/a"), ("DELETE", "/objects/a"), ("GET", "/tags/a"), ("POST", "/tags/a"), ("DELETE", "/tags/a"),
        ("DELETE", "/resource_types/a"), ("GET", "/properties/a"),
    ] {
        t.send(Admin, Request::new(method, &format!("{path}{end}")).json(&json!({ "a": 1 })));
    }
    gone(t, &path);
}

pub(crate) fn whose_private_ones_are_seen(t: &Talk) {
    let path = format!("{ROOT}/{}", t.mark());
    let mut body = whole(t);
    body["visibility"] = json!("private");
    body["owner"] = json!(t.project(Member));
    t.quiet(Admin, Request::new("POST", ROOT).json(&body)).expect(201);
    for who in [Admin, Member, Reader, Other, OtherReader] {
        for part in ["", "/tags/one", "/objects/quota", "/properties/bus", "/resource_types"] {
            t.get(who, &format!("{path}{part}"));
        }
        t.get(who, &format!("{ROOT}?resource_types={}", kind(t, 1)));
    }
    gone(t, &path);
}

pub(crate) fn what_others_have_hidden_is_not_there(t: &Talk) {
    let path = format!("{ROOT}/{}", t.mark());
    let mut body = whole(t);
    body["visibility"] = json!("private");
    t.quiet(Admin, Request::new("POST", ROOT).json(&body)).expect(201);
    for who in [Member, Reader] {
        for part in ["properties", "objects", "tags", "resource_types", "tags/one", "objects/quota", "properties/bus"] {
            t.get(who, &format!("{path}/{part}"));
        }
        t.put(who, &path, &json!({ "namespace": t.mark() }));
        t.post(who, &format!("{path}/objects"), &json!({ "name": "a" }));
        t.put(who, &format!("{path}/objects/quota"), &json!({ "name": "a" }));
        t.delete(who, &format!("{path}/objects/quota"));
        t.delete(who, &format!("{path}/properties/bus"));
        t.delete(who, &format!("{path}/tags"));
        t.delete(who, &path);
    }
    gone(t, &path);
}
