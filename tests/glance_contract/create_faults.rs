//! Creating an image: what is refused, and with which words.

use serde_json::json;

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Nobody, Reader};

pub(crate) fn values_out_of_bounds(t: &Talk) {
    for (key, value) in [
        ("name", json!("x".repeat(255))),
        ("name", json!("x".repeat(256))),
        ("name", json!("")),
        ("name", json!(null)),
        ("name", json!(1)),
        ("min_disk", json!(0)),
        ("min_disk", json!(-1)),
        ("min_disk", json!(1.5)),
        ("min_disk", json!("1")),
        ("min_disk", json!(null)),
        ("min_disk", json!(2_147_483_647)),
        ("min_disk", json!(2_147_483_648_i64)),
        ("min_ram", json!(-1)),
        ("min_ram", json!(2_147_483_648_i64)),
        ("protected", json!("true")),
        ("protected", json!(1)),
        ("protected", json!(null)),
        ("os_hidden", json!("true")),
        ("os_hidden", json!(false)),
        ("visibility", json!("secret")),
        ("visibility", json!("Public")),
        ("visibility", json!(null)),
        ("disk_format", json!("qcow3")),
        ("disk_format", json!("QCOW2")),
        ("disk_format", json!("")),
        ("container_format", json!("box")),
        ("container_format", json!(7)),
    ] {
        t.post(Member, "/v2/images", &json!({ key: value }));
    }
}

pub(crate) fn names_of_properties(t: &Talk) {
    t.post(Member, "/v2/images", &json!({ "x".repeat(255): "a" }));
    t.post(Member, "/v2/images", &json!({ "x".repeat(256): "a" }));
    t.post(Member, "/v2/images", &json!({ "a": "x".repeat(65_535) }));
    t.post(Member, "/v2/images", &json!({ "a b\u{e4}\u{1f600}": "\u{1f600}" }));
}

pub(crate) fn what_only_the_service_writes(t: &Talk) {
    for who in [Member, Admin] {
        for (key, value) in [
            ("status", json!("active")),
            ("checksum", json!("d41d8cd98f00b204e9800998ecf8427e")),
            ("os_hash_algo", json!("sha512")),
            ("os_hash_value", json!("0")),
            ("size", json!(1)),
            ("virtual_size", json!(1)),
            ("created_at", json!("2026-01-01T00:00:00Z")),
            ("updated_at", json!("2026-01-01T00:00:00Z")),
            ("direct_url", json!("file:///etc/passwd")),
            ("self", json!("/v2/images/a")),
            ("file", json!("/v2/images/a/file")),
            ("schema", json!("/v2/schemas/a")),
            ("stores", json!("fast")),
            ("location", json!("file:///etc/passwd")),
            ("deleted", json!(true)),
            ("deleted_at", json!("2026-01-01T00:00:00Z")),
            ("locations", json!([])),
            ("locations", json!([{ "url": "file:///etc/passwd", "metadata": {} }])),
            ("os_glance_anything", json!("a")),
            ("os_glance_import_task", json!("a")),
        ] {
            t.post(who, "/v2/images", &json!({ key: value }));
        }
    }
}

pub(crate) fn nobody_and_readers(t: &Talk) {
    t.post(Nobody, "/v2/images", &json!({}));
    t.post(Reader, "/v2/images", &json!({ "name": "by a reader" }));
}

/// Clients differ in what they ask a refusal to look like.
pub(crate) fn a_refusal_in_html_and_in_json(t: &Talk) {
    for accept in ["*/*", "text/html", "application/json", "text/plain", "text/html, application/json", "image/png", ""] {
        let ask = |method: &str, path: &str| Request::new(method, path).header("Accept", accept);
        t.send(Member, ask("GET", "/v2/images/ba7ba7a2-0000-4000-8000-000000000000"));
        t.send(Member, ask("POST", "/v2/images").json(&json!({ "visibility": "<secret> & \"x\"" })));
        t.send(Nobody, ask("GET", "/v2/images"));
    }
}
