//! One image looked at.

use serde_json::json;

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, OtherReader, Reader};

pub(crate) fn by_id_and_not_by_name(t: &Talk) {
    let id = t.active(Member, b"the bytes of the image");
    let path = format!("/v2/images/{id}");
    t.get(Member, &path);
    t.get(Reader, &path);
    t.get(Admin, &path);
    t.get(Member, &format!("{path}/"));
    t.send(Member, Request::new("HEAD", &path));
    t.get(Member, &format!("/v2/images/{}", t.mark()));
    t.get(Member, "/v2/images/Debian%2013");
    t.get(Member, "/v2/images/ba7ba7a2-0000-4000-8000-000000000000");
    t.get(Member, &format!("/v2/images/{}", id.to_uppercase()));
    t.get(Member, &format!("{path}?anything=ignored"));
}

pub(crate) fn another_project_s(t: &Talk) {
    for visibility in ["private", "shared", "community"] {
        let id = t.image(Member, &json!({ "name": visibility, "visibility": visibility }));
        t.get(Other, &format!("/v2/images/{id}"));
        t.get(OtherReader, &format!("/v2/images/{id}"));
    }
    let id = t.image(Admin, &json!({ "name": "public", "visibility": "public" }));
    t.get(Other, &format!("/v2/images/{id}"));
    t.get(Member, &format!("/v2/images/{id}"));
}

pub(crate) fn a_body_where_none_belongs(t: &Talk) {
    let id = t.queued(Member);
    let body = json!({ "a": "b" });
    for (method, path) in [
        ("GET", format!("/v2/images/{id}")),
        ("GET", format!("/v2/images?tag={}", t.mark())),
        ("POST", format!("/v2/images/{id}/actions/deactivate")),
        ("PUT", format!("/v2/images/{id}/tags/a")),
        ("DELETE", format!("/v2/images/{id}/tags/a")),
        ("DELETE", format!("/v2/images/{id}")),
    ] {
        t.send(Member, Request::new(method, &path).json(&body));
    }
}
