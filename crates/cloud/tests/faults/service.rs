//! Services that are elsewhere, in trouble, or none.

use cloud::{Error, Query};
use serde_json::json;
use world::{Authority, Page, Seen, Tls, World};

use crate::rig::{FAR, TOKENS, config, connect, granted, keystone, page, refused, token, versions};

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
