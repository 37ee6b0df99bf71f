//! Deleting an image, and what is left of it.

use serde_json::json;

use crate::talk::{Talk, upload};
use crate::target::Who::{Admin, Member, Other, Reader};

pub(crate) fn once_and_again(t: &Talk) {
    let id = t.active(Member, b"soon gone");
    let path = format!("/v2/images/{id}");
    t.delete(Member, &path);
    t.delete(Member, &path);
    t.get(Member, &path);
    t.get(Admin, &path);
    t.get(Member, &format!("{path}/file"));
    t.get(Member, &format!("{path}/members"));
    t.patch(Member, &id, &json!([]));
    t.send(Member, upload(&id, b"again"));
    t.list(Member, &format!("tag={}", t.mark()));
    t.list(Admin, &format!("tag={}&visibility=all", t.mark()));
}

pub(crate) fn not_what_is_protected(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "protected", "protected": true }));
    let path = format!("/v2/images/{id}");
    t.delete(Member, &path);
    t.delete(Admin, &path);
    t.delete(Other, &path);
    t.patch(Member, &id, &json!([{ "op": "replace", "path": "/protected", "value": false }])).expect(200);
    t.delete(Reader, &path);
    t.delete(Member, &path);
}

pub(crate) fn not_what_is_another_s(t: &Talk) {
    for visibility in ["private", "shared", "community"] {
        let id = t.image(Member, &json!({ "name": visibility, "visibility": visibility }));
        t.delete(Other, &format!("/v2/images/{id}"));
        t.delete(Reader, &format!("/v2/images/{id}"));
    }
    t.delete(Member, "/v2/images/ba7ba7a2-0000-4000-8000-000000000000");
    t.delete(Member, "/v2/images/no-uuid-at-all");
}
