//! Metadata definitions: what a dashboard offers as properties.

use serde_json::{Value, json};

use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, Reader};

const ROOT: &str = "/v2/metadefs/namespaces";

/// A namespace of the case's own, which it deletes at its end.
fn namespace(t: &Talk, visibility: &str) -> String {
    let body = json!({
        "namespace": t.mark(), "display_name": "A namespace", "description": "of a test", "visibility": visibility,
    });
    t.post(Admin, ROOT, &body).expect(201);
    format!("{ROOT}/{}", t.mark())
}

pub(crate) fn namespaces(t: &Talk) {
    let path = namespace(t, "public");
    t.post(Admin, ROOT, &json!({ "namespace": t.mark() }));
    for who in [Member, Reader, Other] {
        t.get(who, &path);
    }
    t.put(Admin, &path, &json!({ "namespace": t.mark(), "display_name": "Renamed", "visibility": "private", "protected": true }));
    t.get(Member, &path);
    t.delete(Admin, &path);
    t.put(Admin, &path, &json!({ "namespace": t.mark(), "visibility": "public", "protected": false }));
    t.delete(Admin, &path);
    t.delete(Admin, &path);
    t.get(Admin, &path);
}

pub(crate) fn written_by_admins_only(t: &Talk) {
    let path = namespace(t, "public");
    let body = json!({ "namespace": format!("{}-2", t.mark()) });
    for who in [Member, Reader] {
        t.post(who, ROOT, &body);
        t.put(who, &path, &json!({ "namespace": t.mark() }));
        t.post(who, &format!("{path}/properties"), &json!({ "name": "a", "title": "A", "type": "string" }));
        t.post(who, &format!("{path}/objects"), &json!({ "name": "a" }));
        t.post(who, &format!("{path}/tags/a"), &json!({}));
        t.post(who, &format!("{path}/resource_types"), &json!({ "name": "OS::Glance::Image" }));
        t.delete(who, &path);
    }
    t.delete(Admin, &path);
}

pub(crate) fn refused_namespaces(t: &Talk) {
    for body in [
        json!({}),
        json!([]),
        json!({ "namespace": "x".repeat(81) }),
        json!({ "namespace": 7 }),
        json!({ "namespace": t.mark(), "visibility": "secret" }),
        json!({ "namespace": t.mark(), "unknown": "a" }),
        json!({ "namespace": t.mark(), "description": "x".repeat(501) }),
    ] {
        let answer = t.post(Admin, ROOT, &body);
        assert!(answer.status >= 400, "{answer}");
    }
    t.get(Admin, &format!("{ROOT}/no-such-namespace"));
    t.delete(Admin, &format!("{ROOT}/no-such-namespace"));
    t.get(Member, &format!("{ROOT}/no-such-namespace/properties"));
    t.get(Member, &format!("{ROOT}/no-such-namespace/objects"));
    t.get(Member, &format!("{ROOT}/no-such-namespace/tags"));
    t.get(Member, &format!("{ROOT}/no-such-namespace/resource_types"));
}

pub(crate) fn listed(t: &Talk) {
    let path = namespace(t, "public");
    t.post(Admin, &format!("{path}/resource_types"), &json!({ "name": "OS::Glance::Image", "prefix": "hw_" }));
    for query in ["?limit=1000", "?limit=1000&visibility=public", "?limit=1", "?limit=1000&sort_key=namespace&sort_dir=asc", "?limit=1000&resource_types=OS::Glance::Image"] {
        let list = t.quiet(Member, crate::http::Request::new("GET", &format!("{ROOT}{query}"))).expect(200).json();
        assert_eq!(list["schema"], "/v2/schemas/metadefs/namespaces");
        let all = list["namespaces"].as_array().unwrap();
        let found = all.iter().find(|n| n["namespace"] == t.mark());
        assert!(query == "?limit=1" || found.is_some(), "{query}: {list}");
        if query == "?limit=1000" {
            t.note(&format!("as listed: {}", crate::plain::pretty(&without_times(found.unwrap()))));
        }
    }
    for query in ["?limit=a", "?limit=-1", "?sort_dir=up", "?sort_key=nonsense", "?visibility=nonsense", "?marker=nonsense"] {
        t.get(Member, &format!("{ROOT}{query}"));
    }
    t.delete(Admin, &path);
}

fn without_times(value: &Value) -> Value {
    let mut value = value.clone();
    for key in ["created_at", "updated_at", "resource_type_associations"] {
        value.as_object_mut().unwrap().remove(key);
    }
    value
}

pub(crate) fn properties(t: &Talk) {
    let path = namespace(t, "public");
    let properties = format!("{path}/properties");
    let one = format!("{properties}/hw_disk_bus");
    t.get(Member, &properties);
    let body = json!({ "name": "hw_disk_bus", "title": "Disk bus", "type": "string", "enum": ["scsi", "virtio"], "description": "of it" });
    t.post(Admin, &properties, &body);
    t.post(Admin, &properties, &body);
    for body in [json!({}), json!({ "name": "a" }), json!({ "name": "a", "title": "A", "type": "nonsense" }), json!({ "name": "x".repeat(81), "title": "A", "type": "string" })] {
        t.post(Admin, &properties, &body);
    }
    t.get(Member, &properties);
    t.get(Member, &one);
    t.put(Admin, &one, &json!({ "name": "hw_disk_bus", "title": "Bus", "type": "string" }));
    t.get(Member, &format!("{properties}/absent"));
    t.delete(Admin, &one);
    t.delete(Admin, &one);
    t.delete(Admin, &properties);
    t.delete(Admin, &path);
}

pub(crate) fn objects(t: &Talk) {
    let path = namespace(t, "public");
    let objects = format!("{path}/objects");
    let one = format!("{objects}/quota");
    t.get(Member, &objects);
    let body = json!({
        "name": "quota", "description": "of something", "required": ["a"],
        "properties": { "a": { "title": "A", "type": "integer", "minimum": 1, "maximum": 9, "default": 3 } },
    });
    t.post(Admin, &objects, &body);
    t.post(Admin, &objects, &body);
    t.post(Admin, &objects, &json!({}));
    t.get(Member, &objects);
    t.get(Member, &one);
    t.put(Admin, &one, &json!({ "name": "quota", "description": "another" }));
    t.get(Member, &format!("{objects}/absent"));
    t.delete(Admin, &one);
    t.delete(Admin, &one);
    t.delete(Admin, &path);
}

pub(crate) fn tags(t: &Talk) {
    let path = namespace(t, "public");
    let tags = format!("{path}/tags");
    t.get(Member, &tags);
    t.send(Admin, crate::http::Request::new("POST", &format!("{tags}/one")));
    t.send(Admin, crate::http::Request::new("POST", &format!("{tags}/one")));
    t.post(Admin, &tags, &json!({ "tags": [{ "name": "two" }, { "name": "three" }] }));
    t.get(Member, &format!("{tags}?sort_key=name&sort_dir=asc"));
    t.get(Member, &format!("{tags}/two"));
    t.get(Member, &format!("{tags}/absent"));
    t.put(Admin, &format!("{tags}/two"), &json!({ "name": "zwei" }));
    t.delete(Admin, &format!("{tags}/zwei"));
    t.delete(Admin, &format!("{tags}/zwei"));
    t.delete(Admin, &tags);
    t.get(Member, &tags);
    t.delete(Admin, &path);
}

pub(crate) fn resource_types(t: &Talk) {
    let path = namespace(t, "public");
    let types = format!("{path}/resource_types");
    t.get(Member, &types);
    t.post(Admin, &types, &json!({ "name": "OS::Glance::Image", "prefix": "hw_", "properties_target": "image" }));
    t.post(Admin, &types, &json!({ "name": "OS::Glance::Image" }));
    t.post(Admin, &types, &json!({}));
    t.get(Member, &types);
    let all = t.quiet(Member, crate::http::Request::new("GET", "/v2/metadefs/resource_types")).expect(200).json();
    assert!(all["resource_types"].as_array().unwrap().iter().any(|r| r["name"] == "OS::Glance::Image"), "{all}");
    t.delete(Admin, &format!("{types}/OS::Glance::Image"));
    t.delete(Admin, &format!("{types}/OS::Glance::Image"));
    t.delete(Admin, &path);
}

pub(crate) fn private_ones(t: &Talk) {
    let path = namespace(t, "private");
    for who in [Member, Other, Reader] {
        t.get(who, &path);
        t.get(who, &format!("{path}/properties"));
    }
    t.delete(Admin, &path);
}
