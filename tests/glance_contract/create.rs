//! Creating an image: what may be given, and what comes of it.

use serde_json::json;

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, Reader};

pub(crate) fn nothing_given(t: &Talk) {
    let made = t.post(Member, "/v2/images", &json!({}));
    t.get(Member, &format!("/v2/images/{}", made.str("id")));
}

pub(crate) fn everything_given(t: &Talk) {
    let made = t.post(
        Member,
        "/v2/images",
        &json!({
            "id": uuid::Uuid::new_v4().to_string(), "name": "Debian 13 – trixie", "disk_format": "qcow2",
            "container_format": "bare", "min_disk": 10, "min_ram": 512, "protected": true, "visibility": "private",
            "os_hidden": true, "tags": ["b", "a"], "os_distro": "debian", "os_version": "13", "hw_disk_bus": "scsi",
            "Umlaut ä/~": "wert ö", "empty": "", "replace_frequency": "monthly",
        }),
    );
    t.get(Member, &format!("/v2/images/{}", made.str("id")));
}

pub(crate) fn every_visibility_by_every_role(t: &Talk) {
    for who in [Admin, Member, Reader] {
        for visibility in ["private", "shared", "community", "public"] {
            let body = json!({ "name": t.mark(), "visibility": visibility });
            t.post(who, "/v2/images", &body);
        }
    }
}

pub(crate) fn every_format(t: &Talk) {
    let formats = [
        "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop", "gpt", "luks",
    ];
    for format in formats {
        t.post(Member, "/v2/images", &json!({ "disk_format": format, "container_format": "bare" }));
    }
    for format in ["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"] {
        t.post(Member, "/v2/images", &json!({ "disk_format": "raw", "container_format": format }));
    }
    for format in ["ami", "ari", "aki"] {
        t.post(Member, "/v2/images", &json!({ "disk_format": format, "container_format": format }));
    }
    t.post(Member, "/v2/images", &json!({ "disk_format": "ami", "container_format": "ari" }));
    t.post(Member, "/v2/images", &json!({ "disk_format": null, "container_format": null }));
}

pub(crate) fn an_id_of_one_s_own(t: &Talk) {
    let id = uuid::Uuid::new_v4().to_string();
    t.post(Member, "/v2/images", &json!({ "id": id, "name": "first" }));
    t.post(Member, "/v2/images", &json!({ "id": id, "name": "second" }));
    t.note("not even to those who may not see the first");
    t.post(Other, "/v2/images", &json!({ "id": id, "name": "third" }));
    t.delete(Member, &format!("/v2/images/{id}"));
    t.note("an id is never given twice");
    t.post(Member, "/v2/images", &json!({ "id": id, "name": "fourth" }));
    for id in ["", "a", "ABCDEF00-0000-4000-8000-000000000000 "] {
        t.post(Member, "/v2/images", &json!({ "id": id }));
    }
    t.post(Member, "/v2/images", &json!({ "id": null }));
}

pub(crate) fn an_owner(t: &Talk) {
    let other = t.project(Other).to_owned();
    t.post(Member, "/v2/images", &json!({ "owner": other }));
    t.post(Member, "/v2/images", &json!({ "owner": t.project(Member) }));
    t.post(Member, "/v2/images", &json!({ "owner": null }));
    let made = t.post(Admin, "/v2/images", &json!({ "owner": other, "name": "for another" }));
    t.get(Other, &format!("/v2/images/{}", made.str("id")));
    t.get(Member, &format!("/v2/images/{}", made.str("id")));
    t.post(Admin, "/v2/images", &json!({ "owner": null, "name": "for nobody" }));
}

pub(crate) fn tags(t: &Talk) {
    for tags in [
        json!([]),
        json!(["a", "a", "b"]),
        json!(["with space", "ä", "a/b", "A,b"]),
        json!(["x".repeat(255)]),
        json!(["x".repeat(256)]),
        json!([""]),
        json!([1]),
        json!("a"),
        json!(null),
    ] {
        t.post(Member, "/v2/images", &json!({ "tags": tags }));
    }
}

pub(crate) fn properties_of_one_s_own(t: &Talk) {
    for (key, value) in [
        ("a", json!("b")),
        ("a", json!(1)),
        ("a", json!(true)),
        ("a", json!(null)),
        ("a", json!(["b"])),
        ("a", json!({ "b": "c" })),
        ("", json!("b")),
        (" a ", json!(" b ")),
        ("A", json!("b")),
        ("os_anything", json!("b")),
        ("hw_firmware_type", json!("uefi")),
        ("hw_firmware_type", json!("steam")),
        ("architecture", json!("any at all")),
        ("instance_uuid", json!("not a uuid")),
        ("kernel_id", json!("not a uuid")),
        ("ramdisk_id", json!("ba7ba7a2-0000-4000-8000-000000000000")),
        ("kernel_id", json!(null)),
        ("os_require_quiesce", json!("maybe")),
        ("hw_qemu_guest_agent", json!("yes")),
        ("img_signature", json!("abc")),
    ] {
        t.post(Member, "/v2/images", &json!({ key: value }));
    }
}

pub(crate) fn by_a_media_type_of_any_kind(t: &Talk) {
    let ask = |kind: Option<&str>, body: &[u8]| {
        let request = Request::new("POST", "/v2/images");
        let request = match kind {
            Some(kind) => request.header("Content-Type", kind),
            None => request,
        };
        t.send(Member, request.bytes(body));
    };
    ask(Some("application/json; charset=utf-8"), b"{}");
    ask(Some("text/plain"), b"{}");
    ask(None, b"{}");
    ask(Some("application/json"), b"");
    ask(Some("application/json"), b"{");
    ask(Some("application/json"), b"[]");
    ask(Some("application/json"), b"null");
    ask(Some("application/json"), b"\"a\"");
    ask(Some("application/json"), b"{\"name\": \"a\", \"name\": \"b\"}");
    ask(Some("application/json"), "{\"name\": \"\u{1f600}\"}".as_bytes());
    ask(Some("application/json"), b"{\"name\": \"\xff\xfe\"}");
    t.send(Member, Request::new("POST", "/v2/images").header("Content-Type", "application/json").chunked(b"{\"name\": \"in chunks\"}"));
    t.send(Member, Request::new("POST", "/v2/images"));
    t.send(Member, Request::new("POST", "/v2/images/").json(&json!({})));
}
