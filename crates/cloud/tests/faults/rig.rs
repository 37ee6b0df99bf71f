//! A small cloud of lies: a Keystone that grants, pages of images, version documents.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloud::{Cloud, Config, Error, Sources};
use net::Options;
use serde_json::{Value, json};
use world::{Page, Seen, World};

pub(crate) const TOKENS: &str = "/v3/auth/tokens";

/// A token's description as Keystone 30 gives it, ending at `expires`, with one image service.
pub(crate) fn token(image: &str, expires: &str) -> Value {
    let endpoint = |interface: &str, url: &str| json!({"id": "e", "interface": interface, "region_id": "R", "region": "R", "url": url});
    json!({"token": {
        "methods": ["password"], "user": {"id": "u", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "expires_at": expires, "issued_at": "2026-11-22T20:01:35.000000Z", "is_domain": false,
        "project": {"id": "p", "name": "demo", "domain": {"id": "default", "name": "Default"}},
        "roles": [{"id": "r", "name": "member"}],
        "catalog": [{"id": "s", "type": "image", "name": "glance",
                     "endpoints": [endpoint("internal", "http://192.0.2.1/"), endpoint("public", image)]}],
    }})
}

/// The end of a token that holds for a long time.
pub(crate) const FAR: &str = "2990-01-01T00:00:00.000000Z";

pub(crate) fn granted(image: &str, secret: &str) -> Page {
    Page::refusal(201, token(image, FAR).to_string()).header("X-Subject-Token", secret)
}

/// A Keystone that grants `t1`, `t2` … and counts.
pub(crate) fn keystone(world: &World, image: &str) {
    let (count, image) = (AtomicUsize::new(0), image.to_owned());
    let reply = move |_: &Seen| {
        granted(
            &image,
            &format!("t{}", count.fetch_add(1, Ordering::SeqCst) + 1),
        )
    };
    world.put(TOKENS, Page::made_by(reply));
}

pub(crate) fn resolve(pairs: &[(&str, &str)]) -> Config {
    let env: BTreeMap<String, String> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::resolve(&Sources::new(env, std::env::temp_dir()))
        .unwrap()
        .0
}

pub(crate) fn config(auth_url: &str, more: &[(&str, &str)]) -> Config {
    let own = [
        ("OS_AUTH_URL", auth_url),
        ("OS_USERNAME", "demo"),
        ("OS_PASSWORD", "pa55word"),
        ("OS_PROJECT_NAME", "demo"),
    ];
    resolve(&[&own, more].concat())
}

pub(crate) fn quick() -> Options {
    Options {
        backoff: Duration::from_millis(1),
        stall_timeout: Duration::from_millis(300),
        retries: 2,
        ..Options::default()
    }
}

pub(crate) async fn connect(config: &Config) -> Result<Cloud, Error> {
    Cloud::connect_with(config, quick(), None).await
}

pub(crate) async fn refused(config: &Config) -> String {
    match connect(config).await {
        Ok(_) => panic!("this should be refused"),
        Err(error) => error.to_string(),
    }
}

pub(crate) fn image(id: &str) -> Value {
    json!({"id": id, "name": id, "status": "active", "visibility": "public", "tags": [], "created_at": "2026-01-01T00:00:00Z"})
}

pub(crate) fn page(ids: &[&str], next: Option<&str>) -> Page {
    let images: Vec<Value> = ids.iter().map(|id| image(id)).collect();
    Page::refusal(200, json!({"images": images, "next": next, "first": "/v2/images", "schema": "/v2/schemas/images"}).to_string())
}

pub(crate) fn versions(href: &str) -> Page {
    let version = |id: &str| json!({"id": id, "status": "SUPPORTED", "links": [{"rel": "self", "href": href}]});
    Page::refusal(
        300,
        json!({"versions": [version("v2.9"), version("v2.17"), version("v2.10")]}).to_string(),
    )
}
