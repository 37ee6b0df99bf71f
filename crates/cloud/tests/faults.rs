//! Promises about clouds that lie, hang or are none, kept against a world made for it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloud::{Cloud, Config, Error, Hidden, Query, Sources};
use net::Options;
use serde_json::{Value, json};
use world::{Authority, Page, Seen, Tls, World};

const TOKENS: &str = "/v3/auth/tokens";

/// A token's description as Keystone 30 gives it, ending at `expires`, with one image service.
fn token(image: &str, expires: &str) -> Value {
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
const FAR: &str = "2990-01-01T00:00:00.000000Z";

fn granted(image: &str, secret: &str) -> Page {
    Page::refusal(201, token(image, FAR).to_string()).header("X-Subject-Token", secret)
}

/// A Keystone that grants `t1`, `t2` … and counts.
fn keystone(world: &World, image: &str) {
    let (count, image) = (AtomicUsize::new(0), image.to_owned());
    let reply = move |_: &Seen| {
        granted(
            &image,
            &format!("t{}", count.fetch_add(1, Ordering::SeqCst) + 1),
        )
    };
    world.put(TOKENS, Page::made_by(reply));
}

fn resolve(pairs: &[(&str, &str)]) -> Config {
    let env: BTreeMap<String, String> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::resolve(&Sources::new(env, std::env::temp_dir()))
        .unwrap()
        .0
}

fn config(auth_url: &str, more: &[(&str, &str)]) -> Config {
    let own = [
        ("OS_AUTH_URL", auth_url),
        ("OS_USERNAME", "demo"),
        ("OS_PASSWORD", "pa55word"),
        ("OS_PROJECT_NAME", "demo"),
    ];
    resolve(&[&own, more].concat())
}

fn quick() -> Options {
    Options {
        backoff: Duration::from_millis(1),
        stall_timeout: Duration::from_millis(300),
        retries: 2,
        ..Options::default()
    }
}

async fn connect(config: &Config) -> Result<Cloud, Error> {
    Cloud::connect_with(config, quick(), None).await
}

async fn refused(config: &Config) -> String {
    match connect(config).await {
        Ok(_) => panic!("this should be refused"),
        Err(error) => error.to_string(),
    }
}

fn image(id: &str) -> Value {
    json!({"id": id, "name": id, "status": "active", "visibility": "public", "tags": [], "created_at": "2026-01-01T00:00:00Z"})
}

fn page(ids: &[&str], next: Option<&str>) -> Page {
    let images: Vec<Value> = ids.iter().map(|id| image(id)).collect();
    Page::refusal(200, json!({"images": images, "next": next, "first": "/v2/images", "schema": "/v2/schemas/images"}).to_string())
}

fn versions(href: &str) -> Page {
    let version = |id: &str| json!({"id": id, "status": "SUPPORTED", "links": [{"rel": "self", "href": href}]});
    Page::refusal(
        300,
        json!({"versions": [version("v2.9"), version("v2.17"), version("v2.10")]}).to_string(),
    )
}

#[tokio::test]
async fn wrong_hosts_in_version_documents_lead_nowhere() {
    let world = World::start();
    keystone(&world, &world.url("/image"));
    let inner = json!({"versions": {"values": [{"id": "v3.14", "status": "stable",
        "links": [{"rel": "self", "href": "http://192.0.2.1:5000/v3/"}]}]}});
    world.put("/identity", Page::refusal(300, inner.to_string()));
    world.put(
        "/identity/v3/auth/tokens",
        granted(&world.url("/image"), "t"),
    );
    world.put("/image", versions("http://192.0.2.1:9292/v2/"));
    // `next` lacks the prefix that the proxy adds, as Glance's does.
    let second = |seen: &Seen| {
        if seen.target.contains("marker=a") {
            page(&["b"], None)
        } else {
            page(&["a"], Some("/v2/images?marker=a"))
        }
    };
    world.put("/image/v2/images", Page::made_by(second));
    let cloud = connect(&config(&world.url("/identity"), &[]))
        .await
        .unwrap();
    assert_eq!(cloud.glance().address(), world.url("/image/v2/"));
    let images = cloud.glance().list(&Query::default()).await.unwrap();
    assert_eq!(
        images
            .iter()
            .map(|image| image.id.as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
}

#[tokio::test]
async fn an_image_service_is_found_at_its_root_or_at_its_version() {
    for (endpoint, base) in [
        ("", "/v2/"),
        ("/", "/v2/"),
        ("/v2", "/v2/"),
        ("/v2/", "/v2/"),
        ("/i/v2.9", "/i/v2/"),
        ("/silent", "/silent/v2/"),
    ] {
        let world = World::start();
        keystone(&world, &world.url(endpoint));
        world.put("/", versions(&world.url("/v2/")));
        let cloud = connect(&config(&world.url("/v3"), &[])).await.unwrap();
        assert_eq!(cloud.glance().address(), world.url(base), "{endpoint}");
    }
    let world = World::start();
    keystone(&world, &world.url(""));
    let old = json!({"versions": [{"id": "v1.1", "status": "CURRENT", "links": []}]});
    world.put("/", Page::refusal(300, old.to_string()));
    assert!(
        refused(&config(&world.url("/v3"), &[]))
            .await
            .ends_with("speaks no image v2, only v1.1")
    );
}

#[tokio::test]
async fn pages_without_end_come_to_one() {
    let world = World::start();
    keystone(&world, &world.url("/v2"));
    world.put("/v2/images", page(&["a", "b"], Some("/v2/images?marker=b")));
    let cloud = connect(&config(&world.url("/v3"), &[])).await.unwrap();
    let error = cloud.glance().list(&Query::default()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("announces further pages, but sends the same images again"),
        "{error}"
    );
    assert_eq!(world.requests_to("/v2/images").len(), 2);
    world.put("/v2/images", page(&["a"], Some("http://192.0.2.1/steal")));
    assert!(
        cloud
            .glance()
            .list(&Query {
                limit: Some(1),
                ..Query::default()
            })
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_401_renews_the_token_once_and_a_second_one_is_told() {
    let world = World::start();
    keystone(&world, &world.url("/v2"));
    let fine = |seen: &Seen| match seen.header("x-auth-token") {
        Some("t1") => Page::refusal(
            401,
            "<html><head><title>401</title></head><body><h1>401 Unauthorized</h1>stale</body></html>",
        ),
        _ => page(&["a"], None),
    };
    world.put("/v2/images", Page::made_by(fine));
    let config = config(&world.url("/v3"), &[]);
    let cloud = connect(&config).await.unwrap();
    let both = Query {
        hidden: Hidden::Both,
        ..Query::default()
    };
    assert_eq!(cloud.glance().list(&both).await.unwrap().len(), 2);
    assert_eq!(
        world.requests_to(TOKENS).len(),
        2,
        "two requests refused at once renew the token once"
    );
    world.put(
        "/v2/images",
        Page::refusal(401, "never").header("x-openstack-request-id", "req-7"),
    );
    let error = connect(&config)
        .await
        .unwrap()
        .glance()
        .list(&Query::default())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)), "{error}");
    assert_eq!(
        error.to_string(),
        "listing images was refused (401, req-7): never"
    );
}

#[tokio::test]
async fn a_renewal_that_is_refused_is_told_as_what_it_is() {
    let world = World::start();
    let revoked = Page::refusal(
        401,
        json!({"error": {"message": "The password is expired.", "code": 401}}).to_string(),
    );
    world.put_each(TOKENS, [granted(&world.url("/v2"), "t1"), revoked]);
    world.put("/v2/images", Page::refusal(401, ""));
    let cloud = connect(&config(&world.url("/v3"), &[])).await.unwrap();
    let error = cloud.glance().list(&Query::default()).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)), "{error:?}");
    assert!(
        error.to_string().starts_with("the log-in of user `demo`"),
        "{error}"
    );
    assert!(
        error.to_string().ends_with("The password is expired."),
        "{error}"
    );
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_before_it_is_used() {
    let world = World::start();
    let soon = token(&world.url("/v2"), "2026-11-22T20:01:35.000000Z").to_string();
    let short = Page::refusal(201, soon).header("X-Subject-Token", "t1");
    world.put_each(TOKENS, [short, granted(&world.url("/v2"), "t2")]);
    world.put("/v2/images", page(&[], None));
    let cloud = connect(&config(&world.url("/v3"), &[])).await.unwrap();
    cloud.glance().list(&Query::default()).await.unwrap();
    cloud.glance().list(&Query::default()).await.unwrap();
    let used: Vec<_> = world
        .requests_to("/v2/images")
        .iter()
        .map(|seen| seen.header("x-auth-token").unwrap().to_owned())
        .collect();
    assert_eq!(used, ["t2", "t2"]);
}

#[tokio::test]
async fn a_secret_goes_nowhere_but_to_the_address_given() {
    let (world, thief) = (World::start(), World::start());
    thief.put(TOKENS, granted(&thief.url("/v2"), "t"));
    for status in [301, 302, 307, 308] {
        world.put(TOKENS, Page::redirect(status, &thief.url(TOKENS)));
        let told = refused(&config(&world.url("/v3"), &[])).await;
        assert!(
            told.contains("redirects to") && told.contains("check auth_url"),
            "{told}"
        );
    }
    keystone(&world, &world.url("/v2"));
    world.put("/v2/images", Page::redirect(302, &thief.url("/v2/images")));
    thief.put("/v2/images", page(&["a"], None));
    let cloud = connect(&config(&world.url("/v3"), &[])).await.unwrap();
    let _outcome = cloud.glance().list(&Query::default()).await;
    for seen in thief.requests() {
        assert!(
            seen.header("x-auth-token").is_none()
                && !String::from_utf8_lossy(&seen.body).contains("pa55word"),
            "{seen:?}"
        );
    }
}

#[tokio::test]
async fn what_is_no_openstack_is_told_so() {
    let world = World::start();
    world.put("/web", Page::bytes("<html>Welcome</html>"));
    let told = refused(&config(&world.url("/web"), &[])).await;
    assert!(
        told.ends_with("/web/v3/auth/tokens is no identity v3 service (check auth_url)"),
        "{told}"
    );
    world.put(
        TOKENS,
        Page::bytes("{\"token\": {}}").header("X-Subject-Token", "t"),
    );
    let told = refused(&config(&world.url("/v3"), &[])).await;
    assert!(
        told.contains("describes the token in a way not understood"),
        "{told}"
    );
    world.put(TOKENS, Page::refusal(201, token("x", FAR).to_string()));
    let told = refused(&config(&world.url("/v3"), &[])).await;
    assert!(told.ends_with("answered without a token"), "{told}");
    keystone(&world, "no address");
    let told = refused(&config(&world.url("/v3"), &[])).await;
    assert!(
        told.starts_with("the catalogue's address of the image service is no address"),
        "{told}"
    );
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_again_and_then_named() {
    let world = World::start();
    let busy = Page::refusal(503, "busy");
    world.put_each(TOKENS, [busy.clone(), granted(&world.url("/v2"), "t")]);
    assert!(connect(&config(&world.url("/v3"), &[])).await.is_ok());
    world.put(TOKENS, busy);
    match connect(&config(&world.url("/v3"), &[])).await {
        Err(Error::Net(error)) => assert!(error.is_temporary(), "{error}"),
        other => panic!("{}", other.is_ok()),
    }
    world.put(TOKENS, Page::status(200).stall_before_answer());
    match connect(&config(&world.url("/v3"), &[])).await {
        Err(Error::Net(error)) => assert!(error.is_temporary(), "{error}"),
        other => panic!("{}", other.is_ok()),
    }
}

#[tokio::test]
async fn image_data_cut_in_the_middle_go_on_with_the_token() {
    let world = World::start();
    keystone(&world, &world.url("/v2"));
    let data: Vec<u8> = (0..200_000_u32)
        .map(|number| number.to_le_bytes()[1])
        .collect();
    let honest = Page::bytes(data.clone())
        .without_validators()
        .ignoring_if_range()
        .needs("x-auth-token", "t1");
    world.put_each(
        "/v2/images/i/file",
        [honest.clone().cut_after(70_000), honest],
    );
    let cloud = connect(&config(&world.url("/v3"), &[])).await.unwrap();
    let mut download = cloud.glance().data("i").await.unwrap();
    let mut got = Vec::new();
    while let Some(chunk) = download.chunk().await.unwrap() {
        got.extend_from_slice(&chunk);
    }
    assert!(got == data);
    let ranges: Vec<_> = world
        .requests_to("/v2/images/i/file")
        .iter()
        .map(|seen| seen.header("range").map(ToOwned::to_owned))
        .collect();
    assert_eq!(ranges.len(), 2);
    assert!(
        ranges[1].as_ref().unwrap().starts_with("bytes=70000-"),
        "{ranges:?}"
    );
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_named_and_not_else() {
    let (authority, folder) = (Authority::new("test"), tempfile::tempdir().unwrap());
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let world = World::secure(&Tls::by(&authority));
    keystone(&world, &world.url("/v2"));
    world.put("/v2/images", page(&["a"], None));
    let cloud = connect(&config(
        &world.url("/v3"),
        &[("OS_CACERT", ca.to_str().unwrap())],
    ))
    .await
    .unwrap();
    assert_eq!(
        cloud.glance().list(&Query::default()).await.unwrap().len(),
        1
    );
    assert!(matches!(
        connect(&config(&world.url("/v3"), &[])).await,
        Err(Error::Net(net::Error::Tls { .. }))
    ));
    assert!(
        connect(&config(&world.url("/v3"), &[("OS_INSECURE", "true")]))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_cached_catalogue_that_lacks_the_service_is_asked_for_again() {
    let (world, folder) = (World::start(), tempfile::tempdir().unwrap());
    let cache = folder.path().join("tokens");
    let other = token(&world.url("/v2"), FAR)
        .to_string()
        .replace("\"public\"", "\"admin\"");
    let config = Arc::new(config(&world.url("/v3"), &[]));
    let lacking = Page::refusal(201, other).header("X-Subject-Token", "t1");
    world.put_each(TOKENS, [lacking, granted(&world.url("/v2"), "t2")]);
    assert!(matches!(
        Cloud::connect(&config, Some(&cache)).await,
        Err(Error::NoService { .. })
    ));
    let cloud = Cloud::connect(&config, Some(&cache)).await.unwrap();
    assert!(!cloud.from_cache());
}
