//! One upload: a body that is made while it is sent, in one attempt, and the answer to it.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderValue};
use reqwest::Response;

use crate::address::shown;
use crate::body::{Body, State};
use crate::cause;
use crate::client::Client;
use crate::error::Error;
use crate::request::{Reply, Request};

/// How many times longer than elsewhere a server may be silent when it has all bytes: it puts them away then.
const THINKING: u32 = 10;

/// Sends `request` with `body` in place of its own.
pub(crate) async fn run(client: &Client, request: &Request, mut body: Body) -> Result<Reply, Error> {
    let (state, over) = body.watch();
    if !body.settled().await {
        return Err(given_up(request, &state));
    }
    let message = message(client, request, body).await?;
    let http = client.for_url(&request.url)?;
    let answer = tokio::select! {
        answer = http.execute(message) => answer,
        silent = silence(client, &state) => return Err(silent.error(request, &state)),
    };
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(broken(error, request, &state)),
    };
    if answer.status().is_success() && !state.whole() {
        return Err(Error::Invalid {
            url: shown(&request.url),
            what: format!("answered {} before it had everything", answer.status()),
        });
    }
    state.answered();
    let reply = reply(client, request, answer).await;
    // What is not sent yet need not be sent any more, and the connection is good for nothing else.
    drop(over);
    reply
}

async fn message(client: &Client, request: &Request, body: Body) -> Result<reqwest::Request, Error> {
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
    let tick = (patience / 8).min(Duration::from_secs(1)).max(Duration::from_millis(1));
    let (mut sent, mut since) = (0, Instant::now());
    loop {
        tokio::time::sleep(tick).await;
        let whole = state.whole();
        if state.sent() != sent || (state.starving() && !whole) {
            (sent, since) = (state.sent(), Instant::now());
        }
        let limit = if whole { patience.saturating_mul(THINKING) } else { patience };
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

fn given_up(request: &Request, state: &State) -> Error {
    Error::GivenUp {
        url: shown(&request.url),
        what: state.given_up().unwrap_or("was given up"),
        at: state.sent(),
    }
}

/// Why there is no answer.
fn broken(error: reqwest::Error, request: &Request, state: &State) -> Error {
    if state.given_up().is_some() {
        return given_up(request, state);
    }
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
