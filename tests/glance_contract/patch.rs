//! Changing an image.

use serde_json::{Value, json};

use crate::http::Request;
use crate::talk::{Talk, patch};
use crate::target::Who::{Admin, Member};

fn op(op: &str, path: &str, value: &Value) -> Value {
    json!([{ "op": op, "path": path, "value": value }])
}

/// The older of the two media types.
fn old(image: &str, body: &Value) -> Request {
    Request::new("PATCH", &format!("/v2/images/{image}"))
        .header("Content-Type", "application/openstack-images-v2.0-json-patch")
        .json(body)
}

pub(crate) fn fields(t: &Talk) {
    let id = t.image(Member, &json!({ "name": t.mark() }));
    for (path, value) in [
        ("/name", json!("another")),
        ("/name", json!(null)),
        ("/min_disk", json!(7)),
        ("/min_ram", json!(7)),
        ("/protected", json!(true)),
        ("/protected", json!(false)),
        ("/os_hidden", json!(true)),
        ("/disk_format", json!("qcow2")),
        ("/container_format", json!("bare")),
        ("/visibility", json!("private")),
        ("/visibility", json!("community")),
        ("/visibility", json!("shared")),
        ("/tags", json!(["a", "b", "a"])),
        ("/tags", json!([])),
    ] {
        t.patch(Member, &id, &op("replace", path, &value));
    }
    t.patch(Member, &id, &op("add", "/name", &json!("by add")));
    t.patch(Member, &id, &op("add", "/tags", &json!(["c"])));
    t.patch(Member, &id, &json!([]));
    t.get(Member, &format!("/v2/images/{id}"));
}

pub(crate) fn properties_of_one_s_own(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "properties", "kept": "k" }));
    let say = |body: Value| t.patch(Member, &id, &body);
    say(op("add", "/a", &json!("1")));
    say(op("add", "/a", &json!("2")));
    say(op("replace", "/a", &json!("3")));
    say(op("replace", "/absent", &json!("1")));
    say(json!([{ "op": "remove", "path": "/a" }]));
    say(json!([{ "op": "remove", "path": "/a" }]));
    say(op("add", "/n", &json!(1)));
    say(op("add", "/n", &json!(null)));
    say(op("add", "/n", &json!("")));
    say(op("add", "/hw_firmware_type", &json!("steam")));
    say(op("add", "/hw_firmware_type", &json!("uefi")));
    t.note("several at once, and one of them in vain: then none");
    say(json!([
        { "op": "add", "path": "/x", "value": "1" },
        { "op": "replace", "path": "/x", "value": "2" },
        { "op": "add", "path": "/y", "value": "1" },
        { "op": "remove", "path": "/y" },
        { "op": "replace", "path": "/name", "value": "together" },
    ]));
    say(json!([
        { "op": "replace", "path": "/name", "value": "never seen" },
        { "op": "remove", "path": "/absent" },
    ]));
    t.get(Member, &format!("/v2/images/{id}"));
}

pub(crate) fn pointers(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "pointers" }));
    for pointer in [
        "/a~1b", "/a~0b", "/~0~1", "/ padded ", "/a b", "/\u{e4}", "", "/", "//", "///", "/a/", "/a/b", "/a//b", "a", "/a~", "/a~2",
        "/tags/-", "/tags/0", "/locations", "/locations/0", "/locations/-", "/name/first",
    ] {
        t.patch(Member, &id, &op("add", pointer, &json!("v")));
    }
    t.get(Member, &format!("/v2/images/{id}"));
    t.patch(Member, &id, &json!([{ "op": "remove", "path": "/a~1b" }]));
    t.patch(Member, &id, &op("add", &format!("/{}", "x".repeat(256)), &json!("v")));
}

pub(crate) fn in_the_older_form(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "older" }));
    for body in [
        json!([{ "add": "/a", "value": "1" }]),
        json!([{ "replace": "/name", "value": "old" }]),
        json!([{ "remove": "/a" }]),
        json!([{ "remove": "/a" }]),
        json!([{ "replace": "/absent", "value": "1" }]),
        json!([{ "add": "/a", "replace": "/a", "value": "1" }]),
        json!([{ "op": "add", "path": "/a", "value": "1" }]),
        json!([{ "add": "/a" }]),
        json!([{ "value": "a" }]),
        json!([{ "replace": "/status", "value": "active" }]),
        json!({}),
    ] {
        t.send(Member, old(&id, &body));
    }
}

pub(crate) fn what_only_the_service_writes(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "read-only", "a": "b" }));
    let keys = [
        "id", "status", "checksum", "os_hash_algo", "os_hash_value", "size", "virtual_size", "created_at", "updated_at", "direct_url",
        "self", "file", "schema", "stores", "location", "deleted", "deleted_at", "os_glance_anything", "os_glance_import_task",
    ];
    for who in [Member, Admin] {
        for key in keys {
            t.patch(who, &id, &op("replace", &format!("/{key}"), &json!("a")));
        }
    }
    t.note("nor may what every image has be taken away");
    let base = ["name", "visibility", "protected", "tags", "disk_format", "min_disk", "owner", "os_hidden", "status", "id", "locations"];
    for key in base {
        t.patch(Member, &id, &json!([{ "op": "remove", "path": format!("/{key}") }]));
    }
}

pub(crate) fn refused_values(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "values" }));
    for (path, value) in [
        ("/visibility", json!("public")),
        ("/visibility", json!("secret")),
        ("/protected", json!("yes")),
        ("/min_disk", json!(-1)),
        ("/min_ram", json!("a")),
        ("/disk_format", json!("box")),
        ("/container_format", json!("box")),
        ("/name", json!("x".repeat(256))),
        ("/tags", json!("a")),
        ("/tags", json!(["x".repeat(256)])),
        ("/os_hidden", json!(1)),
        ("/a", json!({ "b": 1 })),
    ] {
        t.patch(Member, &id, &op("replace", path, &value));
    }
}

pub(crate) fn shapes_of_the_body(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "shapes" }));
    for body in [
        json!({}),
        json!("a"),
        json!(null),
        json!(["a"]),
        json!([{}]),
        json!([{ "op": "add" }]),
        json!([{ "op": "add", "path": "/a" }]),
        json!([{ "path": "/a", "value": "b" }]),
        json!([{ "op": "move", "from": "/a", "path": "/b" }]),
        json!([{ "op": "test", "path": "/name", "value": "shapes" }]),
        json!([{ "op": "ADD", "path": "/a", "value": "b" }]),
        json!([{ "op": "remove", "path": "/a", "value": "b" }]),
    ] {
        t.patch(Member, &id, &body);
    }
    for kind in ["application/json-patch+json", "application/json", "text/plain", "application/openstack-images-v2.1-json-patch; charset=utf-8"] {
        let path = format!("/v2/images/{id}");
        t.send(Member, Request::new("PATCH", &path).header("Content-Type", kind).json(&op("add", "/a", &json!("b"))));
    }
    t.send(Member, Request::new("PATCH", &format!("/v2/images/{id}")).header("Content-Type", crate::talk::PATCH).bytes(b"[{"));
    t.send(Member, Request::new("PATCH", &format!("/v2/images/{id}")).bytes(b"[]"));
    t.patch(Member, "ba7ba7a2-0000-4000-8000-000000000000", &json!([]));
}

pub(crate) fn formats_are_frozen_with_the_data(t: &Talk) {
    let id = t.active(Member, b"frozen");
    t.patch(Member, &id, &op("replace", "/disk_format", &json!("qcow2")));
    t.patch(Member, &id, &op("replace", "/container_format", &json!("ovf")));
    t.patch(Member, &id, &op("replace", "/disk_format", &json!("raw")));
    t.patch(Member, &id, &op("replace", "/min_disk", &json!(3)));
    t.patch(Member, &id, &op("replace", "/name", &json!("thawed")));
}

pub(crate) fn an_owner_by_an_admin(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "given away" }));
    let other = json!(t.project(crate::target::Who::Other));
    t.patch(Member, &id, &op("replace", "/owner", &other));
    t.patch(Admin, &id, &op("replace", "/owner", &other));
    t.get(Member, &format!("/v2/images/{id}"));
    t.get(crate::target::Who::Other, &format!("/v2/images/{id}"));
    t.note("an admin publishes, and takes back");
    t.patch(Admin, &id, &op("replace", "/visibility", &json!("public")));
    t.patch(crate::target::Who::Other, &id, &op("replace", "/visibility", &json!("private")));
    t.quiet(Admin, patch(&id, &op("replace", "/visibility", &json!("private")))).expect(200);
}
