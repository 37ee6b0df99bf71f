//! The cache, stores and locations: what a cloud's own services use.

use serde_json::json;

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, Reader};

pub(crate) fn a_cache_that_is_off(t: &Talk) {
    let id = t.active(Member, b"uncached");
    for who in [Member, Admin] {
        t.get(who, "/v2/cache");
        t.delete(who, "/v2/cache");
        t.send(who, Request::new("PUT", &format!("/v2/cache/{id}")));
        t.delete(who, &format!("/v2/cache/{id}"));
    }
}

pub(crate) fn locations(t: &Talk) {
    let id = t.queued(Member);
    let path = format!("/v2/images/{id}/locations");
    for who in [Member, Reader, Other, Admin] {
        t.get(who, &path);
    }
    for body in [
        json!({}),
        json!({ "url": "file:///etc/passwd" }),
        json!({ "url": "http://169.254.169.254/latest" }),
        json!({ "url": "nonsense" }),
    ] {
        t.post(Reader, &path, &body);
        t.post(Other, &path, &body);
    }
    t.post(Member, &path, &json!({}));
    t.post(Member, "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/locations", &json!({ "url": "http://192.0.2.1/a" }));
    t.get(Member, &format!("/v2/images/{id}"));
}

pub(crate) fn the_last_store_of_an_image_stays(t: &Talk) {
    let id = t.active(Member, b"kept");
    t.delete(Member, &format!("/v2/stores/nonsense/{id}"));
    t.delete(Reader, &format!("/v2/stores/nonsense/{id}"));
    t.delete(Other, &format!("/v2/stores/nonsense/{id}"));
    t.delete(Admin, &format!("/v2/stores/nonsense/{id}"));
    t.delete(Admin, "/v2/stores/nonsense/ba7ba7a2-0000-4000-8000-000000000000");
}
