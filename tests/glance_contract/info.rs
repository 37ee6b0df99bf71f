//! What a service says about itself.

use crate::http::Request;
use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Reader};

pub(crate) fn import_methods(t: &Talk) {
    t.get(Member, "/v2/info/import");
    t.get(Reader, "/v2/info/import");
}

pub(crate) fn stores(t: &Talk) {
    for who in [Member, Reader, Admin] {
        let answer = t.quiet(who, Request::new("GET", "/v2/info/stores")).expect(200).json();
        let stores = answer["stores"].as_array().unwrap();
        let defaults = stores.iter().filter(|s| s["default"] == "true").count();
        t.note(&format!("{}: {defaults} is the default", who.name()));
        assert!(stores.iter().all(|s| s["id"].is_string()), "{answer}");
    }
    t.get(Member, "/v2/info/stores/detail");
    let answer = t.quiet(Admin, Request::new("GET", "/v2/info/stores/detail")).expect(200).json();
    for store in answer["stores"].as_array().unwrap() {
        assert!(store["type"].is_string() && store["properties"].is_object(), "{answer}");
    }
}

pub(crate) fn usage(t: &Talk) {
    t.get(Member, "/v2/info/usage");
    t.get(Reader, "/v2/info/usage");
}
