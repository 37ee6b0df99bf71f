//! Where a client does not go: hosts that are not allowed, addresses that are not public.

use net::{Client, Error, Options, Proxy};
use world::{Page, World};

use crate::{client, get, options};

#[tokio::test]
async fn a_redirect_to_a_foreign_host_is_refused_before_it_is_asked() {
    let (here, there) = (World::start(), World::start());
    there.put("/file", Page::bytes(*b"found"));
    here.put(
        "/a",
        Page::redirect(302, &there.url_by_name("localhost", "/file")),
    );
    here.put("/b", Page::redirect(302, "/c"));
    here.put("/c", Page::bytes(*b"own"));
    let strict = client().within(["vendor.example".to_owned()]);
    let error = strict.exchange(get(&here, "/a")).await.unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }), "{error}");
    assert!(there.requests().is_empty());
    let own = strict.exchange(get(&here, "/b")).await.unwrap();
    assert_eq!(&own.body[..], b"own");
    let allowed = client().within(["LocalHost".to_owned()]);
    let reply = allowed.exchange(get(&here, "/a")).await.unwrap();
    assert_eq!(&reply.body[..], b"found");
}

#[tokio::test]
async fn a_private_address_is_refused_by_number_by_name_and_after_a_redirect() {
    let world = World::start();
    world.put("/a", Page::bytes(*b"secret"));
    let public = Client::new(&Options {
        private: false,
        ..options()
    })
    .unwrap();
    let error = public.exchange(get(&world, "/a")).await.unwrap_err();
    assert!(matches!(error, Error::Private { .. }), "{error}");
    let url = world.url_by_name("localhost", "/a").parse().unwrap();
    let error = public.exchange(net::Request::get(url)).await.unwrap_err();
    assert!(matches!(error, Error::Private { .. }), "{error:?}");
    assert!(world.requests().is_empty());
}

#[tokio::test]
async fn a_proxy_may_be_at_a_private_address() {
    let (world, proxy) = (World::start(), world::Proxy::start());
    world.put("/a", Page::bytes(*b"through"));
    let public = Client::new(&Options {
        private: false,
        proxy: Proxy::Through(proxy.url().parse().unwrap()),
        ..options()
    })
    .unwrap();
    let url = world.url_by_name("localhost", "/a").parse().unwrap();
    let reply = public.exchange(net::Request::get(url)).await.unwrap();
    assert_eq!(&reply.body[..], b"through");
}
