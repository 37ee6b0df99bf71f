//! Imports: from an address, and what an import may ask for.

use serde_json::{Value, json};
use world::{Page, World};

use crate::talk::Talk;
use crate::target::Who::{Admin, Member, Other, Reader};

fn web(url: &str) -> Value {
    json!({ "method": { "name": "web-download", "uri": url } })
}

/// A web server on loopback, whose address is `WEB` in the record.
fn web_server(t: &Talk) -> World {
    let world = World::start();
    t.hide(world.url("/").trim_end_matches('/'), "WEB");
    world.put("/disk.raw", Page::bytes(b"what the web server has".to_vec()));
    world.put("/chunked.raw", Page::bytes(vec![9; 50_000]).chunked());
    world.put("/moved", Page::redirect(302, "/disk.raw"));
    world
}

pub(crate) fn from_the_web(t: &Talk) {
    let world = web_server(t);
    for path in ["/disk.raw", "/chunked.raw"] {
        let id = t.queued(Member);
        t.post(Member, &format!("/v2/images/{id}/import"), &web(&world.url(path)));
        t.settled(&id, &["active"]);
        t.get(Member, &format!("/v2/images/{id}"));
        t.get(Member, &format!("/v2/images/{id}/file"));
    }
    for seen in world.requests() {
        assert!(seen.header("x-auth-token").is_none(), "the token was given away");
    }
}

pub(crate) fn from_the_web_in_vain(t: &Talk) {
    let world = web_server(t);
    world.put("/cut.raw", Page::bytes(vec![9; 50_000]).cut_after(10_000));
    let elsewhere = format!("http://127.0.0.1:{}/disk.raw", 1);
    for url in [world.url("/absent"), world.url("/cut.raw"), elsewhere] {
        let id = t.queued(Member);
        let answer = t.post(Member, &format!("/v2/images/{id}/import"), &web(&url));
        if answer.status == 202 {
            t.ended(&id, 1);
            t.get(Member, &format!("/v2/images/{id}"));
        }
    }
}

pub(crate) fn from_the_web_of_another_format(t: &Talk) {
    let world = web_server(t);
    let id = t.image(Member, &json!({ "name": "no qcow2", "disk_format": "qcow2", "container_format": "bare" }));
    t.post(Member, &format!("/v2/images/{id}/import"), &web(&world.url("/disk.raw")));
    t.ended(&id, 1);
    t.get(Member, &format!("/v2/images/{id}"));
    t.note("and can be tried again");
    t.quiet(Member, crate::talk::patch(&id, &json!([{ "op": "replace", "path": "/disk_format", "value": "raw" }]))).expect(200);
    t.post(Member, &format!("/v2/images/{id}/import"), &web(&world.url("/disk.raw")));
    t.ended(&id, 2);
    t.get(Member, &format!("/v2/images/{id}"));
}

pub(crate) fn addresses_refused(t: &Talk) {
    let id = t.queued(Member);
    for url in [
        "http://169.254.169.254/latest/meta-data", "http://[::1]/disk.raw", "ftp://127.0.0.1/disk.raw", "file:///etc/passwd",
        "gopher://127.0.0.1/", "http://192.0.2.7:22/disk.raw", "http:///disk.raw", "nonsense", "", "http://", "//127.0.0.1/disk.raw",
        "http://127.0.0.2:80/disk.raw", "http://0.0.0.0/disk.raw", "http://2130706434/", "http://0x7f000002/", "http://127.2/",
        "http://user:secret@169.254.169.254/", "HTTP://169.254.169.254/", "http://[::ffff:169.254.169.254]/",
    ] {
        t.post(Member, &format!("/v2/images/{id}/import"), &web(url));
    }
    t.note("nothing has happened to the image");
    assert_eq!(t.settled(&id, &["queued"])["size"], Value::Null);
}

pub(crate) fn methods_and_members_of_the_request(t: &Talk) {
    let id = t.queued(Member);
    let import = format!("/v2/images/{id}/import");
    for body in [
        json!({}),
        json!({ "method": {} }),
        json!({ "method": { "name": "carrier-pigeon" } }),
        json!({ "method": { "name": "web-download" } }),
        json!({ "method": { "name": "web-download", "uri": null } }),
        json!({ "method": { "name": "web-download", "uri": 7 } }),
        json!({ "method": { "name": "glance-direct" } }),
        json!({ "method": { "name": "glance-direct" }, "all_stores": "yes" }),
        json!({ "method": { "name": "glance-direct" }, "all_stores_must_succeed": 1 }),
        json!({ "method": { "name": "glance-direct" }, "stores": ["nonsense"] }),
        json!({ "method": { "name": "glance-direct" }, "stores": ["fast"], "all_stores": true }),
        json!({ "method": null }),
        json!([]),
        json!(null),
    ] {
        t.post(Member, &import, &body);
    }
    let ask = web("http://127.0.0.1:9/disk.raw");
    t.post(Reader, &import, &ask);
    t.post(Other, &import, &ask);
    t.post(Member, "/v2/images/ba7ba7a2-0000-4000-8000-000000000000/import", &ask);
    let bare = t.image(Member, &json!({ "name": "no formats" }));
    t.post(Member, &format!("/v2/images/{bare}/import"), &ask);
    let active = t.active(Member, b"abc");
    t.post(Member, &format!("/v2/images/{active}/import"), &ask);
    t.post(Admin, &format!("/v2/images/{active}/import"), &json!({ "method": { "name": "glance-direct" } }));
}
