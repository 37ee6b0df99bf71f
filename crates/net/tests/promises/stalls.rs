//! A transfer ends by lack of progress, never by its length.

use std::time::Duration;

use net::{Client, Error, Options};
use world::{Page, World};

use crate::{bytes, drain, get, options};

fn impatient(stall: Duration, retries: u32) -> Client {
    Client::new(&Options {
        stall_timeout: stall,
        retries,
        ..options()
    })
    .unwrap()
}

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let world = World::start();
    world.put("/f", Page::bytes(*b"x").stall_before_answer());
    let client = impatient(SHORT, 4);
    let error = client.exchange(get(&world, "/f")).await.unwrap_err();
    assert!(matches!(error, Error::Stalled { at: 0, .. }), "{error}");
    let error = client.download(get(&world, "/f")).await.unwrap_err();
    assert!(matches!(error, Error::Stalled { at: 0, .. }), "{error}");
}

#[tokio::test]
async fn a_body_that_stops_is_given_up_wherever_it_stops() {
    for at in [0, 1, 50_000, 99_999] {
        let world = World::start();
        world.put(
            "/f",
            Page::bytes(bytes(100_000))
                .without_validators()
                .stall_after(at),
        );
        let client = impatient(SHORT, 0);
        let (got, end) = drain(client.download(get(&world, "/f")).await.unwrap()).await;
        let error = end.unwrap_err();
        assert!(matches!(error, Error::Stalled { .. }), "{error}");
        assert!(got == bytes(at));
        let error = client.exchange(get(&world, "/f")).await.unwrap_err();
        assert!(matches!(error, Error::Stalled { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_stalled_download_goes_on_over_a_new_connection() {
    let file = bytes(100_000);
    let world = World::start();
    world.put_each(
        "/f",
        [
            Page::bytes(file.clone()).stall_after(5),
            Page::bytes(file.clone()),
        ],
    );
    let client = impatient(SHORT, 1);
    let (got, end) = drain(client.download(get(&world, "/f")).await.unwrap()).await;
    end.unwrap();
    assert!(got == file);
}

#[tokio::test]
async fn a_slow_download_that_moves_may_take_longer_than_the_stall_timeout() {
    let file = bytes(3000);
    let world = World::start();
    // 30 pieces with 60 ms after each: 1.8 s in all.
    world.put(
        "/f",
        Page::bytes(file.clone()).slowly(100, Duration::from_millis(60)),
    );
    let client = impatient(Duration::from_millis(1200), 0);
    let (got, end) = drain(client.download(get(&world, "/f")).await.unwrap()).await;
    end.unwrap();
    assert!(got == file);
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn a_host_that_takes_no_connection_is_tried_once_more_and_no_more() {
    // The kernel completes the connection; nobody ever answers its TLS hello.
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    silent.set_nonblocking(true).unwrap();
    let url = format!("https://{}/", silent.local_addr().unwrap());
    let client = Client::new(&Options {
        connect_timeout: SHORT,
        ..options()
    })
    .unwrap();
    let request = net::Request::get(url.parse().unwrap());
    let error = client.exchange(request).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "the connection did not come up in time");
    assert_eq!(std::iter::from_fn(|| silent.accept().ok()).count(), 2);
}
