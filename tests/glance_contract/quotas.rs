//! How much one image may carry. Glance's own bounds are 128 each; a lab without bounds says nothing about them.

use serde_json::{Map, Value, json};

use crate::http::Request;
use crate::talk::{Talk, patch};
use crate::target::Kind;
use crate::target::Who::Member;

fn properties(count: usize) -> Value {
    let all = (0..count).map(|n| (format!("key{n}"), json!("v")));
    Value::Object(all.collect::<Map<_, _>>())
}

fn tags(count: usize) -> Value {
    json!((0..count).map(|n| format!("tag{n}")).collect::<Vec<_>>())
}

fn create(body: &Value) -> Request {
    Request::new("POST", "/v2/images").json(body)
}

/// Whether the real one has bounds at all.
fn unbounded(t: &Talk) -> bool {
    let none = t.target.kind == Kind::Real
        && t.quiet(Member, create(&json!({ "tags": tags(129) }))).status == 201;
    if none {
        t.skip("the lab has no quotas");
    }
    none
}

pub(crate) fn of_properties(t: &Talk) {
    if unbounded(t) {
        return;
    }
    t.titled("129 properties at once", Member, create(&properties(129)));
    let id = t.image(Member, &properties(128));
    let add = |key: &str| patch(&id, &json!([{ "op": "add", "path": key, "value": "v" }]));
    t.titled("one more", Member, add("/another"));
    t.titled("the value of one", Member, patch(&id, &json!([{ "op": "replace", "path": "/key0", "value": "w" }])));
    let swap = json!([{ "op": "remove", "path": "/key0" }, { "op": "add", "path": "/another", "value": "v" }]);
    assert_eq!(t.quiet(Member, patch(&id, &swap)).status, 200);
}

pub(crate) fn of_tags(t: &Talk) {
    if unbounded(t) {
        return;
    }
    t.titled("129 tags at once", Member, create(&json!({ "tags": tags(129) })));
    let id = t.image(Member, &json!({ "tags": tags(128) }));
    t.titled("one more", Member, Request::new("PUT", &format!("/v2/images/{id}/tags/another")));
    t.titled("129 by a change", Member, patch(&id, &json!([{ "op": "replace", "path": "/tags", "value": tags(129) }])));
    let known = Request::new("PUT", &format!("/v2/images/{id}/tags/tag0"));
    t.titled("one that is there", Member, known);
}

pub(crate) fn of_members(t: &Talk) {
    if unbounded(t) {
        return;
    }
    let id = t.queued(Member);
    let invite = |n: usize| {
        Request::new("POST", &format!("/v2/images/{id}/members")).json(&json!({ "member": format!("project{n}") }))
    };
    for n in 0..128 {
        t.quiet(Member, invite(n)).expect(200);
    }
    t.titled("member 129", Member, invite(128));
}
