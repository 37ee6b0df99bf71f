//! How a client finds out what it talks to, and what is said to those who ask amiss.

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Member, Nobody, Stranger};

pub(crate) fn versions(t: &Talk) {
    for path in ["/", "/versions", "/versions/"] {
        t.get(Nobody, path);
    }
    t.get(Stranger, "/");
    t.get(Member, "/versions");
}

pub(crate) fn health(t: &Talk) {
    t.get(Nobody, "/healthcheck");
}

pub(crate) fn unknown_paths_and_methods(t: &Talk) {
    for path in ["/v2", "/v2/nothing", "/v2/images/a/b/c", "/v1/images", "/v3/images"] {
        t.get(Member, path);
    }
    for (method, path) in [
        ("PUT", "/v2/images"),
        ("DELETE", "/v2/images"),
        ("POST", "/v2/images/ba7ba7a2-0000-4000-8000-000000000000"),
        ("POST", "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/file"),
        ("GET", "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/import"),
        ("GET", "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/tags/a"),
        ("GET", "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/actions/deactivate"),
        ("PUT", "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/members"),
        ("POST", "/v2/schemas/image"),
        ("POST", "/v2/info/import"),
        ("POST", "/v2/info/stores"),
        ("PUT", "/v2/tasks"),
    ] {
        t.send(Member, Request::new(method, path));
    }
}

pub(crate) fn who_is_asked_for_a_token(t: &Talk) {
    for who in [Nobody, Stranger] {
        t.get(who, "/v2/images");
        t.get(who, "/v2/schemas/image");
        t.get(who, "/v2/info/import");
        t.get(who, "/v2/nothing");
        t.delete(who, "/v2/images/ba7ba7a2-0000-4000-8000-000000000000");
        t.post(who, "/v2/images", &t.body());
    }
}
