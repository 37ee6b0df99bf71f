//! Going where a server points, within limits.

use http::StatusCode;
use net::{Error, Redirects, Request, Url};
use world::{Authority, Page, Tls, World};

use crate::{bytes, client, drain, get, options};

#[tokio::test]
async fn a_redirect_to_another_path_port_or_host_is_followed() {
    let (here, there) = (World::start(), World::start());
    there.put("/deep/file", Page::bytes(*b"found"));
    for status in [301, 302, 303, 307, 308] {
        here.put("/a", Page::redirect(status, "b/c"));
        here.put(
            "/b/c",
            Page::redirect(status, &there.url_by_name("localhost", "/deep/file")),
        );
        let reply = client().exchange(get(&here, "/a")).await.unwrap();
        assert_eq!(&reply.body[..], b"found", "{status}");
        assert_eq!(
            reply.url.as_str(),
            there.url_by_name("localhost", "/deep/file")
        );
    }
}

#[tokio::test]
async fn a_download_resumes_where_the_redirect_led() {
    let file = bytes(100_000);
    let (here, there) = (World::start(), World::start());
    here.put("/a", Page::redirect(302, &there.url("/f?Signature=abc")));
    there.put_each(
        "/f",
        [
            Page::bytes(file.clone()).cut_after(5),
            Page::bytes(file.clone()),
        ],
    );
    let download = client().download(get(&here, "/a")).await.unwrap();
    assert_eq!(download.url().path(), "/f");
    let (got, end) = drain(download).await;
    end.unwrap();
    assert!(got == file);
    assert_eq!((here.requests().len(), there.requests().len()), (1, 2));
}

#[tokio::test]
async fn a_signed_address_that_expires_half_way_is_asked_for_anew() {
    let file = bytes(100_000);
    let (here, there) = (World::start(), World::start());
    here.put_each(
        "/a",
        [
            Page::redirect(302, &there.url("/f?sig=1")),
            Page::redirect(302, &there.url("/f?sig=2")),
        ],
    );
    let page = Page::bytes(file.clone());
    there.put_each("/f?sig=1", [page.clone().cut_after(5), Page::status(403)]);
    there.put("/f?sig=2", page);
    let (got, end) = drain(client().download(get(&here, "/a")).await.unwrap()).await;
    end.unwrap();
    assert!(got == file);
}

#[tokio::test]
async fn a_circle_ends_after_ten_redirects() {
    let world = World::start();
    world.put("/a", Page::redirect(302, "/a"));
    let error = client().exchange(get(&world, "/a")).await.unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }), "{error}");
    assert_eq!(world.requests().len(), 11);
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_refused() {
    let authority = Authority::new("test");
    let (secure, plain) = (World::secure(&Tls::by(&authority)), World::start());
    plain.put("/f", Page::bytes(*b"x"));
    secure.put("/a", Page::redirect(302, &plain.url("/f?sig=secret")));
    let client = net::Client::new(&net::Options {
        verify: false,
        ..options()
    })
    .unwrap();
    let error = client.exchange(get(&secure, "/a")).await.unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }), "{error}");
    assert!(
        error.to_string().contains("https") && !error.to_string().contains("secret"),
        "{error}"
    );
    assert!(plain.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_to_no_place_or_to_a_file_is_refused() {
    let world = World::start();
    world.put("/nowhere", Page::status(302));
    world.put("/file", Page::redirect(302, "file:///etc/passwd"));
    world.put("/broken", Page::redirect(302, "http://["));
    for path in ["/nowhere", "/file", "/broken"] {
        let error = client().exchange(get(&world, path)).await.unwrap_err();
        assert!(matches!(error, Error::Redirect { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_caller_may_have_the_redirect_itself() {
    let world = World::start();
    world.put("/a", Page::redirect(302, "/b"));
    let request = Request {
        redirects: Redirects::None,
        ..get(&world, "/a")
    };
    let reply = client().exchange(request).await.unwrap();
    assert_eq!(reply.status, StatusCode::FOUND);
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn a_body_goes_along_only_where_the_rules_say() {
    for (status, method, body) in [
        (302, "GET", ""),
        (303, "GET", ""),
        (307, "POST", "data"),
        (308, "POST", "data"),
    ] {
        let world = World::start();
        world.put("/a", Page::redirect(status, "/b"));
        world.put("/b", Page::bytes(*b"ok"));
        let post = Request::post(Url::parse(&world.url("/a")).unwrap(), "data");
        client().exchange(post).await.unwrap();
        let seen = world.requests_to("/b").remove(0);
        assert_eq!(
            (seen.method.as_str(), &seen.body[..]),
            (method, body.as_bytes()),
            "{status}"
        );
    }
}
