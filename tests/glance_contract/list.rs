//! Lists of images: which ones.

use serde_json::json;

use crate::http::Request;
use crate::talk::{Talk, patch};
use crate::target::Kind;
use crate::target::Who::{Admin, Member, Other, OtherReader, Reader};

/// Six images that differ in everything a list can be filtered by; each name begins with its letter.
fn stock(t: &Talk) -> Vec<String> {
    let mark = t.mark();
    let of = |letter: &str, more: serde_json::Value| {
        let mut body = json!({ "name": format!("{letter}-{mark}"), "tags": [mark] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        t.image(Member, &body)
    };
    let ids = vec![
        of("a", json!({ "disk_format": "raw", "container_format": "bare", "min_disk": 5, "os_distro": "debian", "x": "1" })),
        of("b", json!({ "disk_format": "qcow2", "container_format": "bare", "min_ram": 512, "os_distro": "debian", "tags": [mark, "red"] })),
        of("c", json!({ "disk_format": "vmdk", "container_format": "ovf", "protected": true, "os_distro": "ubuntu", "tags": [mark, "red", "blue"] })),
        of("d", json!({ "visibility": "private", "os_hidden": true })),
        of("e", json!({ "visibility": "community", "disk_format": "raw", "container_format": "bare", "x": "2" })),
        of("f", json!({ "visibility": "private", "disk_format": "raw", "container_format": "bare" })),
    ];
    t.quiet(Member, crate::talk::upload(&ids[0], b"twenty bytes of data")).expect(204);
    t.quiet(Member, crate::talk::upload(&ids[5], &[7; 1000])).expect(204);
    ids
}

pub(crate) fn by_field(t: &Talk) {
    let ids = stock(t);
    let mark = t.mark();
    let checksum = "checksum=b1dc2b75c5e2e0db1ee2b0f6eff03ab8";
    let list = |query: &str| t.list(Member, &format!("tag={mark}&sort=name:asc&{query}"));
    for query in [
        "", "status=active", "status=queued", "status=nonsense", "visibility=private", "visibility=shared",
        "visibility=community", "visibility=public", "visibility=all", "visibility=nonsense", "protected=true",
        "protected=false", "protected=True", "protected=1", "disk_format=raw", "disk_format=nonsense", "container_format=ovf",
        "min_disk=5", "min_disk=4", "min_disk=x", "min_ram=512", "size_min=20", "size_min=21", "size_max=20", "size_max=999",
        "size_min=20&size_max=20", "size_min=-1", "size_min=x", "size_max=1.5", "size=20", checksum, "os_hidden=true", "os_hidden=false",
        "os_hidden=True", "os_hidden=yes", "os_distro=debian", "os_distro=debian&x=1", "os_distro=Debian", "x=", "nothing=a",
"name=", "changes-since=2026-01-01", "owner=nobody", "id=nonsense",
        "member_status=nonsense", "os_hash_algo=sha512", "is_public=true", "deleted=true",
    ] {
        list(query);
    }
    // The links of a list are broken in the real Glance where a parameter is repeated.
    for tags in [&["red"][..], &["red", "blue"], &["green"], &[""]] {
        let query = format!("tag={mark}&sort=name:asc&tag={}", tags.join("&tag="));
        let found = t.quiet(Member, Request::new("GET", &format!("/v2/images?{query}"))).json();
        t.note(&format!("tagged {tags:?}: {}", crate::plain::names(&found)));
        if t.target.kind == Kind::Own {
            assert_eq!(found["first"].as_str().unwrap().matches("tag=").count(), tags.len() + 1, "{found}");
        }
    }
    list(&format!("name=a-{mark}"));
    list(&format!("name=A-{mark}"));
    list(&format!("id={}", ids[1]));
    list(&format!("owner={}", t.project(Member)));
    list(&format!("owner={}", t.project(Other)));
    let stored = t.quiet(Member, Request::new("GET", &format!("/v2/images/{}", ids[0]))).json();
    for key in ["checksum", "os_hash_value"] {
        let found = t.quiet(Member, Request::new("GET", &format!("/v2/images?{key}={}&tag={mark}", stored[key].as_str().unwrap())));
        assert_eq!(found.json()["images"][0]["id"], ids[0].as_str(), "{key}: {found}");
    }
}

pub(crate) fn of_several_values(t: &Talk) {
    let ids = stock(t);
    let mark = t.mark();
    let list = |query: &str| t.list(Member, &format!("tag={mark}&sort=name:asc&{query}"));
    for query in [
        "status=in:active,queued", "status=in:active", "status=in:", "status=in:%22active%22", "status=in:active,",
        "disk_format=in:raw,vmdk", "container_format=in:ovf,ova", "disk_format=in:raw,%22qcow2", "visibility=in:private,shared",
        "os_distro=in:debian,ubuntu", "name=in:%22a,b%22", "status=eq:active", "status=neq:active",
    ] {
        list(query);
    }
    list(&format!("name=in:a-{mark},%22c-{mark}%22"));
    list(&format!("id=in:{},{}", ids[0], ids[2]));
    list(&format!("id=in:{},nonsense", ids[0]));
}

pub(crate) fn by_time(t: &Talk) {
    stock(t);
    let mark = t.mark();
    let list = |query: &str| t.list(Member, &format!("tag={mark}&sort=name:asc&{query}"));
    for query in [
        "created_at=gt:2020-01-01T00:00:00Z", "created_at=gte:2020-01-01T00:00:00Z", "created_at=lt:2020-01-01T00:00:00Z",
        "created_at=lte:2099-01-01T00:00:00Z", "created_at=neq:2020-01-01T00:00:00Z", "created_at=eq:2020-01-01T00:00:00Z",
        "created_at=2020-01-01T00:00:00Z", "updated_at=gt:2020-01-01T00:00:00Z", "updated_at=lt:2020-01-01T00:00:00Z",
        "created_at=gt:2020-01-01", "created_at=gt:2020-01-01T00:00:00%2B02:00", "created_at=gt:yesterday", "created_at=gt:",
        "created_at=in:2020-01-01T00:00:00Z", "created_at=about:2020-01-01T00:00:00Z", "updated_at=nonsense",
        "created_at=gt:2020-01-01T00:00:00Z&updated_at=lt:2099-01-01T00:00:00Z", "created_at=gt:2020-01-01T00:00:00.5Z",
    ] {
        list(query);
    }
}

pub(crate) fn of_whoever_asks(t: &Talk) {
    let ids = stock(t);
    let mark = t.mark();
    let public = t.image(Admin, &json!({ "name": format!("p-{mark}"), "visibility": "public", "tags": [mark] }));
    for who in [Member, Reader, Other, OtherReader, Admin] {
        for query in ["", "visibility=public", "visibility=private", "visibility=shared", "visibility=community", "visibility=all", "os_hidden=true"] {
            t.list(who, &format!("tag={mark}&sort=name:asc&{query}"));
        }
    }
    t.list(Other, &format!("tag={mark}&sort=name:asc&owner={}", t.project(Member)));
    t.list(Admin, &format!("tag={mark}&sort=name:asc&owner={}", t.project(Member)));
    t.list(Admin, &format!("tag={mark}&sort=name:asc&owner={}&visibility=private", t.project(Member)));
    t.note("hidden public images");
    t.quiet(Admin, patch(&public, &json!([{ "op": "replace", "path": "/os_hidden", "value": true }]))).expect(200);
    for query in ["", "os_hidden=true", "os_hidden=false"] {
        t.list(Other, &format!("tag={mark}&visibility=public&{query}"));
    }
    t.get(Other, &format!("/v2/images/{public}")).expect(200);
    t.get(Member, &format!("/v2/images/{}", ids[3])).expect(200);
}

pub(crate) fn of_images_shared_with_one(t: &Talk) {
    let mark = t.mark();
    for (name, status) in [("p", "pending"), ("q", "accepted"), ("r", "rejected")] {
        let id = t.image(Member, &json!({ "name": format!("{name}-{mark}"), "tags": [mark] }));
        let body = json!({ "member": t.project(Other) });
        t.quiet(Member, Request::new("POST", &format!("/v2/images/{id}/members")).json(&body)).expect(200);
        let path = format!("/v2/images/{id}/members/{}", t.project(Other));
        t.quiet(Other, Request::new("PUT", &path).json(&json!({ "status": status }))).expect(200);
    }
    for who in [Other, OtherReader, Member, Admin] {
        for query in [
            "", "member_status=pending", "member_status=accepted", "member_status=rejected", "member_status=all",
            "visibility=shared&member_status=all", "visibility=shared&member_status=pending", "visibility=private&member_status=all",
            "visibility=all&member_status=all",
        ] {
            t.list(who, &format!("tag={mark}&sort=name:asc&{query}"));
        }
    }
}

pub(crate) fn one_whole_list(t: &Talk) {
    let id = t.active(Member, b"some bytes");
    t.quiet(Member, patch(&id, &json!([{ "op": "add", "path": "/os_distro", "value": "debian" }]))).expect(200);
    t.get(Member, &format!("/v2/images?tag={}", t.mark()));
    t.get(Member, &format!("/v2/images/?tag={}", t.mark()));
    t.get(Member, "/v2/images?tag=no-image-has-this-tag");
}
