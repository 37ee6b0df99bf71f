//! Small exchanges: what is repeated, what is not, and how much is read.

use http::{HeaderValue, StatusCode, header};
use net::{Error, Request, Url};
use world::{Page, World};

use crate::{client, get};

#[tokio::test]
async fn an_answer_comes_back_whole_with_whatever_status() {
    let world = World::start();
    world.put(
        "/a",
        Page::bytes(*b"hello").header("X-OpenStack-Request-Id", "req-1"),
    );
    let reply = client().exchange(get(&world, "/a?x=1")).await.unwrap();
    assert_eq!(
        (reply.status, &reply.body[..]),
        (StatusCode::OK, &b"hello"[..])
    );
    assert_eq!(reply.request_id().as_deref(), Some("req-1"));
    let missing = client().exchange(get(&world, "/none")).await.unwrap();
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.reason(), "there is no such file");
    assert_eq!(
        world.requests_to("/none").len(),
        1,
        "a 404 is not asked for again"
    );
}

#[tokio::test]
async fn a_request_says_who_asks_and_wants_no_compression() {
    let world = World::start();
    world.put("/a", Page::bytes(*b"hello"));
    client().exchange(get(&world, "/a")).await.unwrap();
    let seen = world.requests().remove(0);
    let agent = seen.header("user-agent").unwrap();
    assert_eq!(agent, concat!("ectype/", env!("CARGO_PKG_VERSION")));
    assert_eq!(seen.header("accept-encoding"), Some("identity"));
    assert_eq!(seen.header("referer"), None);
}

#[tokio::test]
async fn what_can_heal_is_repeated() {
    for status in [408, 429, 500, 502, 503, 504] {
        let world = World::start();
        world.put_each(
            "/a",
            [
                Page::status(status),
                Page::status(status),
                Page::bytes(*b"ok"),
            ],
        );
        let reply = client().exchange(get(&world, "/a")).await.unwrap();
        assert_eq!(&reply.body[..], b"ok", "{status}");
        assert_eq!(world.requests().len(), 3);
    }
}

#[tokio::test]
async fn what_does_not_heal_is_given_up_after_four_more_attempts() {
    let world = World::start();
    world.put("/a", Page::refusal(503, "later"));
    let reply = client().exchange(get(&world, "/a")).await.unwrap();
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.reason(), "later");
    assert_eq!(world.requests().len(), 5);
}

#[tokio::test]
async fn a_server_that_asks_for_more_than_a_minute_is_not_waited_for() {
    let world = World::start();
    world.put("/a", Page::status(503).header("Retry-After", "3600"));
    let reply = client().exchange(get(&world, "/a")).await.unwrap();
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn a_connection_cut_anywhere_before_the_end_is_made_again() {
    let faults = [
        Page::bytes(*b"hello").without_answer(),
        Page::bytes(*b"hello").cut_in_headers(),
        Page::bytes(*b"hello").cut_after(0),
        Page::bytes(*b"hello").cut_after(4),
        Page::bytes(*b"hello").chunked().cut_after(4),
    ];
    for fault in faults {
        let world = World::start();
        world.put_each("/a", [fault, Page::bytes(*b"hello")]);
        let reply = client().exchange(get(&world, "/a")).await.unwrap();
        assert_eq!(&reply.body[..], b"hello");
        assert_eq!(world.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_post_is_not_sent_twice_once_the_server_may_have_seen_it() {
    let world = World::start();
    world.put_each(
        "/a",
        [Page::bytes(*b"x").without_answer(), Page::bytes(*b"x")],
    );
    let post = Request::post(Url::parse(&world.url("/a")).unwrap(), "body");
    let error = client().exchange(post.clone()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert_eq!(world.requests().len(), 1);
    world.put_each(
        "/cut",
        [Page::bytes(*b"x").cut_after(0), Page::bytes(*b"x")],
    );
    let post_cut = Request::post(Url::parse(&world.url("/cut")).unwrap(), "body");
    let error = client().exchange(post_cut).await.unwrap_err();
    assert!(matches!(error, Error::Truncated { .. }), "{error}");
    assert_eq!(world.requests_to("/cut").len(), 1);
    let allowed = Request {
        retry: true,
        ..post
    };
    world.put_each(
        "/a",
        [Page::bytes(*b"x").without_answer(), Page::bytes(*b"x")],
    );
    client().exchange(allowed).await.unwrap();
    let bodies: Vec<_> = world
        .requests_to("/a")
        .into_iter()
        .map(|seen| seen.body)
        .collect();
    assert_eq!(bodies, [b"body", b"body", b"body"]);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_announced_or_not() {
    let world = World::start();
    world.put("/announced", Page::bytes(vec![0; 1001]));
    world.put("/chunked", Page::bytes(vec![0; 1001]).chunked());
    world.put("/fits", Page::bytes(vec![0; 1000]).chunked());
    for path in ["/announced", "/chunked"] {
        let request = Request {
            limit: 1000,
            ..get(&world, path)
        };
        let error = client().exchange(request).await.unwrap_err();
        assert!(
            matches!(error, Error::TooLarge { limit: 1000, .. }),
            "{error}"
        );
    }
    let request = Request {
        limit: 1000,
        ..get(&world, "/fits")
    };
    assert_eq!(client().exchange(request).await.unwrap().body.len(), 1000);
}

#[tokio::test]
async fn a_host_that_does_not_listen_is_named_with_the_reason() {
    let port = World::start().port();
    let url = format!("http://user:secret@127.0.0.1:{port}/v3?token=secret");
    let error = client()
        .exchange(Request::get(Url::parse(&url).unwrap()))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no answer from http://127.0.0.1:{port}/v3?token=…")
    );
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "connection refused");
    assert!(!format!("{error:?}").contains("secret"));
    assert!(error.is_temporary());
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_told_as_such() {
    let url = Url::parse("http://no-such-host.invalid/").unwrap();
    let error = client().exchange(Request::get(url)).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("name"), "{source}");
}

#[tokio::test]
async fn an_answer_in_an_encoding_nobody_asked_for_is_invalid() {
    let world = World::start();
    world.put(
        "/a",
        Page::bytes(*b"hello").header("Content-Encoding", "gzip"),
    );
    let error = client().exchange(get(&world, "/a")).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
    assert!(error.to_string().contains("gzip"), "{error}");
    let error = client().download(get(&world, "/a")).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
}

#[tokio::test]
async fn headers_and_body_arrive_as_given() {
    let world = World::start();
    world.put("/a", Page::status(204));
    let request = Request::post(Url::parse(&world.url("/a")).unwrap(), r#"{"auth":1}"#).header(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    let reply = client().exchange(request).await.unwrap();
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    let seen = world.requests().remove(0);
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.body, br#"{"auth":1}"#);
}
