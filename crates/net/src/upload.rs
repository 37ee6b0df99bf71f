//! One upload: a body that is made while it is sent, in one attempt, and the answer to it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderValue};
use reqwest::Response;
use tokio::sync::mpsc::{Sender, channel};

use crate::address::shown;
use crate::body::{Body, Broken, Outlet, State};
use crate::cause;
use crate::client::Client;
use crate::error::Error;
use crate::request::{Reply, Request};

/// How many times longer than elsewhere a server may be silent when it has all bytes: it puts them away then.
const THINKING: u32 = 10;

/// How long breaking a connection off may take.
const BREAKING: Duration = Duration::from_secs(1);

/// Sends `request` with `body` in place of its own.
pub(crate) async fn run(
    client: &Client,
    request: &Request,
    mut body: Body,
) -> Result<Reply, Error> {
    let state = Arc::<State>::default();
    if body.len == Some(0) {
        // With its head an empty body is whole already, so the final word is waited for before.
        let empty = body.next(0).await;
        empty.map_err(|broken| given_up(request, &state, broken))?;
        state.whole.store(true, Ordering::Release);
    }
    let (feed, pieces) = channel(1);
    let outlet = Outlet {
        pieces,
        len: body.len,
        state: Arc::clone(&state),
        breathe: false,
        ended: false,
    };
    let message = message(client, request, outlet).await?;
    let http = client.for_url(&request.url)?;
    let mut sending = std::pin::pin!(http.execute(message));
    let answer = tokio::select! {
        biased;
        answer = &mut sending => answer,
        broken = hand_over(&mut body, &feed, &state) => {
            drop(feed);
            // The transport breaks the connection now; where that is not done at once, the end of the process does it.
            drop(tokio::time::timeout(BREAKING, sending).await);
            return Err(given_up(request, &state, broken));
        }
        silent = silence(client, &state) => return Err(silent.error(request, &state)),
    };
    let answer = answer.map_err(|error| lost(error, request, &state))?;
    if answer.status().is_success() && !state.whole() {
        return Err(Error::Invalid {
            url: shown(&request.url),
            what: format!("answered {} before it had everything", answer.status()),
        });
    }
    // Nothing more is handed over from here on: what was not sent need not be, and could only break the connection
    // that the answer is read from.
    let reply = reply(client, request, answer).await;
    drop(feed);
    reply
}

/// Hands the body to the transport. Comes to an end only when the body is broken.
async fn hand_over(body: &mut Body, feed: &Sender<Option<Bytes>>, state: &State) -> Broken {
    let mut handed = 0_u64;
    while !state.whole() {
        state.starving.store(true, Ordering::Relaxed);
        let next = body.next(handed).await;
        state.starving.store(false, Ordering::Relaxed);
        let next = match next {
            Ok(next) => next,
            Err(broken) => return broken,
        };
        if let Some(bytes) = &next {
            handed = handed.saturating_add(bytes.len() as u64);
        }
        // The bytes that make a known length full come after the maker's final word.
        let whole = next.is_none() || body.len == Some(handed);
        state.whole.store(whole, Ordering::Release);
        if feed.send(next).await.is_err() {
            // The transport is gone; its own end says why.
            break;
        }
    }
    std::future::pending().await
}

async fn message(
    client: &Client,
    request: &Request,
    body: Outlet,
) -> Result<reqwest::Request, Error> {
    let mut headers: HeaderMap = request.headers.clone();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.remove(CONTENT_LENGTH);
    if let Some(auth) = &request.auth {
        let (name, mut value) = auth.header(false).await.map_err(|source| Error::Auth {
            url: shown(&request.url),
            source,
        })?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    client
        .for_url(&request.url)?
        .request(request.method.clone(), request.url.clone())
        .headers(headers)
        .body(reqwest::Body::wrap(body))
        .build()
        .map_err(|error| Error::Invalid {
            url: shown(&request.url),
            what: format!("cannot be sent anything: {}", cause::failure(error).cause),
        })
}

/// A server that neither takes bytes nor answers.
struct Silence {
    seconds: u64,
}

/// Ends when the server has done nothing for too long. While the body's maker is behind, nobody waits for the server.
async fn silence(client: &Client, state: &State) -> Silence {
    let patience = client.options().stall_timeout;
    let tick = (patience / 8)
        .min(Duration::from_secs(1))
        .max(Duration::from_millis(1));
    let (mut sent, mut since) = (0, Instant::now());
    loop {
        tokio::time::sleep(tick).await;
        let whole = state.whole();
        if state.sent() != sent || (state.starving.load(Ordering::Relaxed) && !whole) {
            (sent, since) = (state.sent(), Instant::now());
        }
        let limit = if whole {
            patience.saturating_mul(THINKING)
        } else {
            patience
        };
        if since.elapsed() >= limit {
            return Silence {
                seconds: limit.as_secs(),
            };
        }
    }
}

impl Silence {
    fn error(self, request: &Request, state: &State) -> Error {
        Error::NotTaken {
            url: shown(&request.url),
            seconds: self.seconds,
            at: state.sent(),
            whole: state.whole(),
        }
    }
}

fn given_up(request: &Request, state: &State, broken: Broken) -> Error {
    Error::GivenUp {
        url: shown(&request.url),
        what: match broken {
            Broken::GivenUp => "was given up",
            Broken::WrongLength => "was given up, because its bytes are not as many as was said",
        },
        at: state.sent(),
    }
}

/// Why there is no answer.
fn lost(error: reqwest::Error, request: &Request, state: &State) -> Error {
    let url = shown(&request.url);
    let failure = cause::failure(error);
    match failure.tls {
        Some(problem) => Error::Tls {
            url,
            problem,
            source: failure.cause,
        },
        None if state.sent() == 0 => Error::Unreachable {
            url,
            source: failure.cause,
        },
        None => Error::Cut {
            url,
            at: state.sent(),
            source: failure.cause,
        },
    }
}

/// The answer, as far as it can be read: a server that has said no may close before it has said why in full.
async fn reply(client: &Client, request: &Request, mut answer: Response) -> Result<Reply, Error> {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let patience = client.options().stall_timeout;
    let mut body = BytesMut::new();
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(patience, answer.chunk()).await {
        if body.len() + chunk.len() > request.limit {
            return Err(Error::TooLarge {
                what: shown(&request.url),
                limit: request.limit as u64,
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply {
        status,
        headers,
        body: body.freeze(),
        url: request.url.clone(),
    })
}
