//! An upload is whole or it is nothing, and what the server has to say about it is heard.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use net::{
    Auth, AuthFuture, BoxError, Bytes, Client, Ended, Error, Feed, HeaderName, HeaderValue, Method,
    Options, Reply, Request, Url, body,
};
use world::{Page, World};

use crate::{bytes, client, options};

const MANY: usize = 3 << 20;
/// More than all buffers between here and a server that does not read.
const TOO_MANY: u64 = 64 << 20;

fn put(world: &World) -> Request {
    let url = Url::parse(&world.url("/file")).unwrap();
    Request {
        method: Method::PUT,
        body: None,
        ..Request::post(url, Bytes::new())
    }
}

/// Sends what `make` puts in, from a thread of its own; the answer, and how `make` ended.
async fn send<T: Send + 'static>(
    client: &Client,
    request: Request,
    len: Option<u64>,
    make: impl FnOnce(Feed) -> T + Send + 'static,
) -> (Result<Reply, Error>, T) {
    let (feed, body) = body(len);
    let maker = tokio::task::spawn_blocking(move || make(feed));
    let answer = client.upload(request, body).await;
    (answer, maker.await.unwrap())
}

fn everything(feed: Feed) -> Result<(), Ended> {
    for piece in bytes(MANY).chunks(100_000) {
        feed.data(Bytes::copy_from_slice(piece))?;
    }
    feed.zeros(1 << 20)?;
    feed.complete()
}

fn endless(feed: Feed) -> Result<(), Ended> {
    feed.zeros(TOO_MANY)?;
    feed.complete()
}

#[tokio::test]
async fn what_was_put_in_arrives_with_a_length_or_in_chunks() {
    let mut expected = bytes(MANY);
    expected.resize(MANY + (1 << 20), 0);
    for len in [Some(expected.len() as u64), None] {
        let world = World::start();
        world.put("/file", Page::refusal(201, "taken"));
        let (answer, made) = send(&client(), put(&world), len, everything).await;
        assert_eq!((answer.unwrap().reason().as_str(), made), ("taken", Ok(())));
        let seen = world.requests().pop().unwrap();
        assert!(seen.body == expected);
        let said = seen.header("content-length").map(|n| n.parse().unwrap());
        assert_eq!(said, len);
        let chunked = seen.header("transfer-encoding") == Some("chunked");
        assert_eq!(chunked, len.is_none());
    }
}

#[tokio::test]
async fn nothing_is_whole_before_its_maker_has_said_so() {
    let all = bytes(MANY).len() as u64;
    for len in [Some(all), None] {
        let world = World::start();
        world.put("/file", Page::status(204));
        let (answer, _) = send(&client(), put(&world), len, |feed| {
            // Every byte, and then no final word: the original turned out to be damaged.
            feed.data(Bytes::from(bytes(MANY)))
        })
        .await;
        assert!(matches!(answer, Err(Error::GivenUp { .. })), "{answer:?}");
        wait_for(|| !world.requests().is_empty()).await;
        assert!(!world.requests().pop().unwrap().whole, "{len:?}");
    }
}

#[tokio::test]
async fn an_empty_body_needs_the_final_word_as_well() {
    let world = World::start();
    world.put("/file", Page::status(204));
    let (answer, _) = send(&client(), put(&world), Some(0), drop).await;
    assert!(matches!(answer, Err(Error::GivenUp { .. })), "{answer:?}");
    assert!(world.requests().is_empty());
    let (answer, _) = send(&client(), put(&world), Some(0), Feed::complete).await;
    assert_eq!(answer.unwrap().status, 204);
}

#[tokio::test]
async fn a_body_of_another_length_than_was_said_is_never_whole() {
    for wrong in [-1_i64, 1, 300_000] {
        let world = World::start();
        world.put("/file", Page::status(204));
        let len = u64::try_from((MANY + (1 << 20)) as i64 + wrong).unwrap();
        let (answer, _) = send(&client(), put(&world), Some(len), everything).await;
        assert!(matches!(answer, Err(Error::GivenUp { .. })), "{answer:?}");
        wait_for(|| !world.requests().is_empty()).await;
        assert!(!world.requests().pop().unwrap().whole, "{wrong}");
    }
}

#[tokio::test]
async fn an_answer_before_the_end_is_heard() {
    for (status, at) in [
        (413, 0),
        (409, 1),
        (415, 1 << 20),
        (403, 70_000),
        (503, 5 << 20),
    ] {
        for len in [Some(TOO_MANY), None] {
            let world = World::start();
            world.put("/file", Page::refusal(status, "no, because").early(at));
            let (answer, made) = send(&client(), put(&world), len, endless).await;
            let answer = answer.unwrap();
            assert_eq!(answer.status, status);
            assert_eq!(answer.reason(), "no, because");
            assert_eq!(made, Err(Ended));
        }
    }
}

#[tokio::test]
async fn a_yes_before_the_end_is_no_success() {
    let world = World::start();
    world.put("/file", Page::status(204).early(1000));
    let (answer, _) = send(&client(), put(&world), Some(TOO_MANY), endless).await;
    assert!(matches!(answer, Err(Error::Invalid { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_cut_says_how_far_it_came_and_is_not_repeated() {
    let world = World::start();
    world.put("/file", Page::status(204).cut_body(1 << 20));
    let (answer, _) = send(&client(), put(&world), None, endless).await;
    assert!(
        matches!(answer, Err(Error::Cut { at, .. }) if at >= 1 << 20),
        "{answer:?}"
    );
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_takes_nothing_any_more_is_given_up() {
    let world = World::start();
    world.put("/file", Page::status(204).stall_body(1 << 20));
    let client = Client::new(&Options {
        stall_timeout: Duration::from_millis(300),
        ..options()
    })
    .unwrap();
    let (answer, made) = send(&client, put(&world), Some(TOO_MANY), endless).await;
    assert!(
        matches!(answer, Err(Error::NotTaken { whole: false, .. })),
        "{answer:?}"
    );
    assert_eq!(made, Err(Ended));
}

#[tokio::test]
async fn a_server_that_has_everything_and_is_silent_is_given_up_later() {
    let world = World::start();
    world.put("/file", Page::status(204).stall_before_answer());
    let client = Client::new(&Options {
        stall_timeout: Duration::from_millis(50),
        ..options()
    })
    .unwrap();
    let (answer, made) = send(&client, put(&world), None, everything).await;
    assert!(
        matches!(answer, Err(Error::NotTaken { whole: true, .. })),
        "{answer:?}"
    );
    assert_eq!(made, Ok(()));
}

#[tokio::test]
async fn a_maker_may_be_slower_than_any_patience_with_the_server() {
    let world = World::start();
    world.put("/file", Page::status(204));
    let client = Client::new(&Options {
        stall_timeout: Duration::from_millis(100),
        ..options()
    })
    .unwrap();
    let (answer, _) = send(&client, put(&world), Some(30), |feed| {
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(400));
            feed.data(Bytes::from(bytes(10)))?;
        }
        std::thread::sleep(Duration::from_millis(400));
        feed.complete()
    })
    .await;
    assert_eq!(answer.unwrap().status, 204);
}

/// Counts how often it was asked.
#[derive(Default)]
struct Token(Mutex<Vec<bool>>);

impl Auth for Token {
    fn header(&self, renew: bool) -> AuthFuture<'_> {
        self.0.lock().unwrap().push(renew);
        Box::pin(async {
            let value = HeaderValue::from_static("secret");
            Ok::<_, BoxError>((HeaderName::from_static("x-auth-token"), value))
        })
    }
}

#[tokio::test]
async fn no_redirect_is_followed_and_a_401_is_an_answer() {
    for page in [
        Page::redirect(307, "/elsewhere"),
        Page::refusal(401, "who?"),
    ] {
        let world = World::start();
        world.put("/file", page.early(10));
        world.put("/elsewhere", Page::status(204));
        let token = Arc::new(Token::default());
        let request = put(&world).auth(Arc::<Token>::clone(&token));
        let (answer, _) = send(&client(), request, None, endless).await;
        assert!([307, 401].contains(&answer.unwrap().status.as_u16()));
        assert_eq!(world.requests().len(), 1);
        let seen = world.requests().pop().unwrap();
        assert_eq!(seen.header("x-auth-token"), Some("secret"));
        assert_eq!(*token.0.lock().unwrap(), [false]);
    }
}

async fn wait_for(done: impl Fn() -> bool) {
    while !done() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
