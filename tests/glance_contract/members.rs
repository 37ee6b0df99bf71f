//! Sharing an image: members, and what each side may do.

use serde_json::json;

use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, OtherReader, Reader};

pub(crate) fn from_the_offer_to_the_end(t: &Talk) {
    let id = t.active(Member, b"shared bytes");
    let members = format!("/v2/images/{id}/members");
    let other = format!("{members}/{}", t.project(Other));
    t.get(Member, &members);
    t.post(Member, &members, &json!({ "member": t.project(Other) }));
    t.post(Member, &members, &json!({ "member": t.project(Other) }));
    for who in [Member, Reader, Other, OtherReader, Admin] {
        t.get(who, &members);
        t.get(who, &other);
    }
    t.list(Other, &format!("tag={}", t.mark()));
    t.get(Other, &format!("/v2/images/{id}"));
    t.get(Other, &format!("/v2/images/{id}/file"));
    for status in ["accepted", "rejected", "pending", "accepted"] {
        t.put(Other, &other, &json!({ "status": status }));
        t.list(Other, &format!("tag={}", t.mark()));
    }
    t.get(OtherReader, &format!("/v2/images/{id}/file"));
    t.note("a member does not own");
    t.patch(Other, &id, &json!([{ "op": "replace", "path": "/name", "value": "mine" }]));
    t.delete(Other, &format!("/v2/images/{id}"));
    t.post(Other, &members, &json!({ "member": t.project(Admin) }));
    t.delete(Other, &other);
    t.delete(Member, &other);
    t.delete(Member, &other);
    t.get(Other, &format!("/v2/images/{id}"));
}

pub(crate) fn who_says_what(t: &Talk) {
    let id = t.queued(Member);
    let members = format!("/v2/images/{id}/members");
    let other = format!("{members}/{}", t.project(Other));
    let invite = json!({ "member": t.project(Other) });
    t.post(Reader, &members, &invite);
    t.post(Other, &members, &invite);
    t.post(Admin, &members, &invite);
    let accept = json!({ "status": "accepted" });
    t.put(Member, &other, &accept);
    t.put(Reader, &other, &accept);
    t.put(OtherReader, &other, &accept);
    t.put(Admin, &other, &accept);
    for body in [json!({ "status": "nonsense" }), json!({ "status": 1 }), json!({}), json!([]), json!({ "status": "accepted", "more": 1 })] {
        t.put(Other, &other, &body);
    }
    t.put(Other, &format!("{members}/nobody"), &accept);
    t.delete(Reader, &other);
    t.delete(Admin, &other);
}

pub(crate) fn requests_that_make_no_sense(t: &Talk) {
    let id = t.queued(Member);
    let members = format!("/v2/images/{id}/members");
    for body in [json!({}), json!({ "member": "" }), json!({ "member": null }), json!([]), json!({ "tenant": "a" })] {
        t.post(Member, &members, &body);
    }
    t.post(Member, &members, &json!({ "member": "no-such-project" }));
    t.post(Member, &members, &json!({ "member": t.project(Member) }));
    t.get(Member, &members);
    t.get(Member, &format!("{members}/nobody"));
    t.delete(Member, &format!("{members}/nobody"));
    let absent = "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/members";
    t.get(Member, absent);
    t.post(Member, absent, &json!({ "member": "a" }));
    t.get(Member, &format!("{absent}/a"));
    t.delete(Member, &format!("{absent}/a"));
}

pub(crate) fn only_of_shared_images(t: &Talk) {
    for visibility in ["private", "community"] {
        let id = t.image(Member, &json!({ "name": visibility, "visibility": visibility }));
        let members = format!("/v2/images/{id}/members");
        t.get(Member, &members);
        t.post(Member, &members, &json!({ "member": t.project(Other) }));
        t.get(Member, &format!("{members}/{}", t.project(Other)));
        t.delete(Member, &format!("{members}/{}", t.project(Other)));
    }
    let id = t.image(Admin, &json!({ "name": "public", "visibility": "public" }));
    t.get(Admin, &format!("/v2/images/{id}/members"));
    t.get(Member, &format!("/v2/images/{id}/members"));
    t.note("what was shared once, and then not: the members stay, and say nothing");
    let id = t.queued(Member);
    t.post(Member, &format!("/v2/images/{id}/members"), &json!({ "member": t.project(Other) }));
    t.put(Other, &format!("/v2/images/{id}/members/{}", t.project(Other)), &json!({ "status": "accepted" }));
    for visibility in ["private", "shared"] {
        t.patch(Member, &id, &json!([{ "op": "replace", "path": "/visibility", "value": visibility }]));
        t.get(Other, &format!("/v2/images/{id}"));
        t.list(Other, &format!("tag={}", t.mark()));
    }
}
