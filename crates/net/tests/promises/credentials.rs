//! Credentials go to the host they are for, fresh when needed, and are never shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderName, HeaderValue, StatusCode};
use net::{Auth, AuthFuture, Error, Request, Url};
use world::{Page, World};

use crate::{bytes, client, drain, get};

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// Gives `old`, and `new` when asked for a fresh one.
#[derive(Default)]
struct Tokens {
    renewed: AtomicUsize,
}

impl Auth for Tokens {
    fn header(&self, renew: bool) -> AuthFuture<'_> {
        let times = self.renewed.fetch_add(usize::from(renew), Ordering::SeqCst);
        let value = if renew || times > 0 { "new" } else { "old" };
        Box::pin(async move { Ok((TOKEN, HeaderValue::from_static(value))) })
    }
}

/// Has nothing to give.
struct Nothing;

impl Auth for Nothing {
    fn header(&self, _renew: bool) -> AuthFuture<'_> {
        Box::pin(async { Err("no password".into()) })
    }
}

#[tokio::test]
async fn a_401_renews_the_credentials_once() {
    let world = World::start();
    world.put("/a", Page::bytes(*b"in").needs("X-Auth-Token", "new"));
    let tokens = Arc::new(Tokens::default());
    let reply = client()
        .exchange(get(&world, "/a").auth(tokens.clone()))
        .await
        .unwrap();
    assert_eq!(&reply.body[..], b"in");
    assert_eq!(tokens.renewed.load(Ordering::SeqCst), 1);
    let sent: Vec<_> = world
        .requests()
        .iter()
        .map(|r| r.header("x-auth-token").unwrap().to_owned())
        .collect();
    assert_eq!(sent, ["old", "new"]);
}

#[tokio::test]
async fn a_401_to_fresh_credentials_is_the_answer() {
    let world = World::start();
    world.put("/a", Page::bytes(*b"in").needs("X-Auth-Token", "other"));
    let reply = client()
        .exchange(get(&world, "/a").auth(Arc::new(Tokens::default())))
        .await
        .unwrap();
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test]
async fn a_token_that_expires_during_a_download_is_renewed_for_the_resume() {
    let file = bytes(100_000);
    let world = World::start();
    world.put_each(
        "/f",
        [
            Page::bytes(file.clone())
                .needs("X-Auth-Token", "old")
                .cut_after(500),
            Page::bytes(file.clone()).needs("X-Auth-Token", "new"),
        ],
    );
    let request = get(&world, "/f").auth(Arc::new(Tokens::default()));
    let (got, end) = drain(client().download(request).await.unwrap()).await;
    end.unwrap();
    assert!(got == file);
}

#[tokio::test]
async fn credentials_do_not_follow_to_another_host_or_port_but_do_stay_at_home() {
    let (home, stranger) = (World::start(), World::start());
    for url in [stranger.url("/f"), home.url_by_name("localhost", "/f")] {
        home.put("/away", Page::redirect(302, &url));
        home.put("/f", Page::bytes(*b"ok"));
        stranger.put("/f", Page::bytes(*b"ok"));
        let request = get(&home, "/away")
            .auth(Arc::new(Tokens::default()))
            .header(
                http::header::AUTHORIZATION,
                HeaderValue::from_static("Basic abc"),
            )
            .header(http::header::COOKIE, HeaderValue::from_static("a=b"));
        client().exchange(request).await.unwrap();
    }
    let arrived = [stranger.requests_to("/f"), home.requests_to("/f")].concat();
    assert_eq!(arrived.len(), 2);
    for seen in arrived {
        for name in ["x-auth-token", "authorization", "cookie"] {
            assert_eq!(seen.header(name), None);
        }
    }
    home.put("/near", Page::redirect(302, "/f"));
    client()
        .exchange(get(&home, "/near").auth(Arc::new(Tokens::default())))
        .await
        .unwrap();
    let seen = home.requests_to("/f").pop().unwrap();
    assert_eq!(seen.header("x-auth-token"), Some("old"));
}

#[tokio::test]
async fn credentials_lost_on_the_way_do_not_come_back_with_the_way_home() {
    let (home, stranger) = (World::start(), World::start());
    home.put("/away", Page::redirect(302, &stranger.url("/back")));
    stranger.put(
        "/back",
        Page::redirect(302, &home.url("/steered-by-a-stranger")),
    );
    home.put("/steered-by-a-stranger", Page::bytes(*b"ok"));
    client()
        .exchange(get(&home, "/away").auth(Arc::new(Tokens::default())))
        .await
        .unwrap();
    let seen = home.requests_to("/steered-by-a-stranger").remove(0);
    assert_eq!(seen.header("x-auth-token"), None);
}

#[tokio::test]
async fn a_strangers_401_does_not_renew_anything() {
    let (home, stranger) = (World::start(), World::start());
    home.put("/away", Page::redirect(302, &stranger.url("/f")));
    stranger.put("/f", Page::bytes(*b"x").needs("X-Auth-Token", "new"));
    let tokens = Arc::new(Tokens::default());
    let reply = client()
        .exchange(get(&home, "/away").auth(tokens.clone()))
        .await
        .unwrap();
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(tokens.renewed.load(Ordering::SeqCst), 0);
    assert_eq!(stranger.requests().len(), 1);
}

#[tokio::test]
async fn user_and_password_of_an_address_are_used_and_not_shown() {
    let world = World::start();
    // `printf me:pw | base64`
    world.put(
        "/a",
        Page::bytes(*b"in").needs("Authorization", "Basic bWU6cHc="),
    );
    world.put("/old", Page::redirect(301, &world.url("/a")));
    let url = world.url("/old").replace("http://", "http://me:pw@");
    let request = Request::get(Url::parse(&url).unwrap());
    assert!(!format!("{request:?}").contains("pw"));
    let reply = client().exchange(request).await.unwrap();
    assert_eq!(&reply.body[..], b"in");
}

#[tokio::test]
async fn credentials_that_cannot_be_had_are_the_error() {
    let world = World::start();
    world.put("/a", Page::bytes(*b"in"));
    let error = client()
        .exchange(get(&world, "/a").auth(Arc::new(Nothing)))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Auth { .. }), "{error}");
    assert_eq!(
        std::error::Error::source(&error).unwrap().to_string(),
        "no password"
    );
    assert!(world.requests().is_empty());
}

#[tokio::test]
async fn a_stranger_does_not_get_credentials_by_redirecting_to_itself() {
    let (home, stranger) = (World::start(), World::start());
    home.put("/away", Page::redirect(302, &stranger.url("/a")));
    stranger.put("/a", Page::redirect(302, "/b"));
    stranger.put("/b", Page::bytes(*b"ok"));
    let request = get(&home, "/away").auth(Arc::new(Tokens::default()));
    client().exchange(request).await.unwrap();
    let seen = stranger.requests_to("/b").remove(0);
    assert_eq!(seen.header("x-auth-token"), None);
}
