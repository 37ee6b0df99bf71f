//! Through a proxy when there is one, past it when the environment says so.

use std::process::Command;

use net::{Client, Options, Proxy, Request};
use world::{Authority, Page, Tls, World};

use crate::{get, options};

#[tokio::test]
async fn a_named_proxy_carries_http_and_tunnels_https() {
    let proxy = world::Proxy::start();
    let through = Proxy::Through(proxy.url().parse().unwrap());
    let client = Client::new(&Options {
        proxy: through,
        verify: false,
        ..options()
    })
    .unwrap();
    let plain = World::start();
    let secure = World::secure(&Tls::by(&Authority::new("ours")));
    for world in [&plain, &secure] {
        world.put("/f", Page::bytes(*b"ok"));
        assert_eq!(
            &client.exchange(get(world, "/f")).await.unwrap().body[..],
            b"ok"
        );
    }
    let heads = proxy.heads();
    assert!(
        heads[0].starts_with(&format!("GET {} ", plain.url("/f"))),
        "{heads:?}"
    );
    assert!(
        heads[1].starts_with(&format!("CONNECT 127.0.0.1:{} ", secure.port())),
        "{heads:?}"
    );
}

/// Runs as a process of its own, because the environment belongs to the whole process: see the next test.
#[tokio::test]
async fn inner_request_by_the_environment() {
    let Ok(url) = std::env::var("ECTYPE_TEST_INNER_URL") else {
        return;
    };
    let client = Client::new(&Options {
        proxy: Proxy::Environment,
        ..options()
    })
    .unwrap();
    let reply = client
        .exchange(Request::get(url.parse().unwrap()))
        .await
        .unwrap();
    assert_eq!(&reply.body[..], b"ok");
}

#[test]
fn the_environments_proxies_and_exceptions_are_respected() {
    let world = World::start();
    world.put("/f", Page::bytes(*b"ok"));
    let run = |proxy: &world::Proxy, exceptions: &str| {
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "proxies::inner_request_by_the_environment"])
            .env_clear()
            .env("ECTYPE_TEST_INNER_URL", world.url("/f"))
            .env("http_proxy", proxy.url())
            .env("NO_PROXY", exceptions)
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
    };
    let proxy = world::Proxy::start();
    run(&proxy, "example.org");
    assert_eq!((proxy.heads().len(), world.requests().len()), (1, 1));
    run(&proxy, "example.org,127.0.0.1");
    assert_eq!((proxy.heads().len(), world.requests().len()), (1, 2));
}
