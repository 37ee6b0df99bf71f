//! Deactivating an image and making it active again.

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, Reader};

fn act(t: &Talk, who: crate::target::Who, id: &str, action: &str) {
    t.send(who, Request::new("POST", &format!("/v2/images/{id}/actions/{action}")));
}

pub(crate) fn off_and_on(t: &Talk) {
    let id = t.active(Member, b"not for now");
    let path = format!("/v2/images/{id}");
    for who in [Reader, Other, Member, Member] {
        act(t, who, &id, "deactivate");
    }
    t.get(Member, &path);
    t.get(Member, &format!("{path}/file"));
    t.get(Admin, &format!("{path}/file"));
    t.patch(Member, &id, &serde_json::json!([{ "op": "replace", "path": "/name", "value": "off" }]));
    t.list(Member, &format!("tag={}&status=deactivated", t.mark()));
    for who in [Reader, Other, Member, Member] {
        act(t, who, &id, "reactivate");
    }
    t.get(Member, &format!("{path}/file"));
    act(t, Admin, &id, "deactivate");
    act(t, Admin, &id, "reactivate");
    t.note("deactivated images can be deleted");
    act(t, Member, &id, "deactivate");
    t.delete(Member, &path);
}

pub(crate) fn of_images_without_data(t: &Talk) {
    let id = t.queued(Member);
    act(t, Member, &id, "deactivate");
    act(t, Member, &id, "reactivate");
    act(t, Member, &id, "explode");
    act(t, Member, "ba7ba7a2-0000-4000-8000-000000000000", "deactivate");
    act(t, Member, "ba7ba7a2-0000-4000-8000-000000000000", "reactivate");
}
