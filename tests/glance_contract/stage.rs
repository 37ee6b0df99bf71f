//! Bytes kept for an import, and the import from them.

use serde_json::{Value, json};

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Kind;
use crate::target::Who::{Admin, Member, Other, Reader};

fn stage(id: &str, bytes: &[u8]) -> Request {
    Request::new("PUT", &format!("/v2/images/{id}/stage"))
        .header("Content-Type", "application/octet-stream")
        .bytes(bytes)
}

fn direct() -> Value {
    json!({ "method": { "name": "glance-direct" } })
}

pub(crate) fn and_import(t: &Talk) {
    let id = t.queued(Member);
    let import = format!("/v2/images/{id}/import");
    t.send(Member, stage(&id, b"the staged bytes"));
    t.get(Member, &format!("/v2/images/{id}"));
    t.get(Member, &format!("/v2/images/{id}/file"));
    t.note("staged already, and so neither staged nor uploaded");
    t.send(Member, stage(&id, b"again"));
    t.upload(Member, &id, b"again");
    t.post(Member, &import, &direct());
    t.settled(&id, &["active"]);
    t.get(Member, &format!("/v2/images/{id}"));
    assert_eq!(t.get(Member, &format!("/v2/images/{id}/file")).body, b"the staged bytes");
    t.note("once only");
    t.post(Member, &import, &direct());
    t.send(Member, stage(&id, b"again"));
}

pub(crate) fn refused(t: &Talk) {
    let id = t.queued(Member);
    t.send(Reader, stage(&id, b"abc"));
    t.send(Other, stage(&id, b"abc"));
    t.send(Member, stage("ba7ba7a2-0000-4000-8000-000000000000", b"abc"));
    for kind in [None, Some("application/json")] {
        let request = Request::new("PUT", &format!("/v2/images/{id}/stage"));
        let request = match kind {
            Some(kind) => request.header("Content-Type", kind),
            None => request,
        };
        t.send(Member, request.bytes(b"abc"));
    }
    t.get(Member, &format!("/v2/images/{id}"));
    t.note("formats are needed at the import");
    let bare = t.image(Member, &json!({ "name": "no formats" }));
    t.send(Member, stage(&bare, b"abc"));
    t.post(Member, &format!("/v2/images/{bare}/import"), &direct());
    t.send(Admin, stage(&t.queued(Member), b"by an admin"));
}

pub(crate) fn of_what_the_image_is_not(t: &Talk) {
    let id = t.image(Member, &json!({ "name": "no qcow2", "disk_format": "qcow2", "container_format": "bare" }));
    t.send(Member, stage(&id, &[3; 1000]));
    t.post(Member, &format!("/v2/images/{id}/import"), &direct());
    t.ended(&id, 1);
    // The real Glance leaves it `importing` for ever.
    if t.target.kind == Kind::Own {
        t.settled(&id, &["queued"]);
    }
}

pub(crate) fn deleted_before_the_import(t: &Talk) {
    let id = t.queued(Member);
    t.send(Member, stage(&id, b"never imported"));
    t.delete(Member, &format!("/v2/images/{id}"));
    t.post(Member, &format!("/v2/images/{id}/import"), &direct());
}
