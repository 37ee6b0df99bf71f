//! Tags put on an image one by one.

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, Reader};

pub(crate) fn put_on_and_taken_off(t: &Talk) {
    let id = t.queued(Member);
    let tag = |tag: &str| format!("/v2/images/{id}/tags/{tag}");
    for name in ["new", "new", "with%20space", "a%2Cb", "a.b", "UPPER", &"x".repeat(255)] {
        t.send(Member, Request::new("PUT", &tag(name)));
    }
    t.get(Member, &format!("/v2/images/{id}"));
    for name in ["new", "new", "with%20space", "never"] {
        t.delete(Member, &tag(name));
    }
    t.get(Member, &format!("/v2/images/{id}"));
}

pub(crate) fn refused(t: &Talk) {
    let id = t.queued(Member);
    t.send(Member, Request::new("PUT", &format!("/v2/images/{id}/tags/{}", "x".repeat(256))));
    t.send(Member, Request::new("PUT", &format!("/v2/images/{id}/tags/")));
    t.send(Member, Request::new("PUT", &format!("/v2/images/{id}/tags/a/b")));
    for who in [Reader, Other, Admin] {
        t.send(who, Request::new("PUT", &format!("/v2/images/{id}/tags/by-{}", who.name())));
        t.delete(who, &format!("/v2/images/{id}/tags/{}", t.mark()));
    }
    let absent = "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/tags/a";
    t.send(Member, Request::new("PUT", absent));
    t.delete(Member, absent);
}
