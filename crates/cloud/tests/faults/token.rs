//! Tokens that end, are revoked, or are wanted elsewhere.

use cloud::{Cloud, Error, Hidden, Query};
use serde_json::json;
use world::{Page, Seen, World};

use crate::rig::{FAR, TOKENS, config, connect, granted, keystone, page, refused, token};

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
async fn a_cached_catalogue_that_lacks_the_service_is_asked_for_again() {
    let (world, folder) = (World::start(), tempfile::tempdir().unwrap());
    let cache = folder.path().join("tokens");
    let other = token(&world.url("/v2"), FAR)
        .to_string()
        .replace("\"public\"", "\"admin\"");
    let config = config(&world.url("/v3"), &[]);
    let lacking = Page::refusal(201, other).header("X-Subject-Token", "t1");
    world.put_each(TOKENS, [lacking, granted(&world.url("/v2"), "t2")]);
    assert!(matches!(
        Cloud::connect(&config, Some(&cache)).await,
        Err(Error::NoService { .. })
    ));
    let cloud = Cloud::connect(&config, Some(&cache)).await.unwrap();
    assert!(!cloud.from_cache());
}
