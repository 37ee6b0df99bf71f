//! One request on its way to a final answer: authorised, redirected, repeated.

use std::time::Duration;

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, LOCATION,
    PROXY_AUTHORIZATION,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::Response;
use url::Url;

use crate::address::{same_origin, shown};
use crate::cause::{self, Stage};
use crate::client::Client;
use crate::error::Error;
use crate::public;
use crate::request::{Redirects, Request};
use crate::retry::{Attempts, heals};

/// Where a request goes at the moment, and whether it may take its credentials there.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) url: Url,
    trusted: bool,
    /// A 303 turned it into a plain GET.
    bare: bool,
}

impl Target {
    pub(crate) fn first(request: &Request) -> Self {
        Self {
            url: request.url.clone(),
            trusted: true,
            bare: false,
        }
    }
}

/// A failed attempt, and whether another may help.
struct Missed {
    error: Error,
    again: Again,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    No,
    /// A host that does not even answer is not worth five times ten seconds.
    Once,
    Yes,
}

impl Missed {
    fn finally(error: Error) -> Self {
        Self {
            error,
            again: Again::No,
        }
    }
}

/// Sends until there is an answer that no repetition would better, or the attempts are used up.
/// `start` is where to begin instead of the request's own address, with headers to add (a range).
pub(crate) async fn persistently(
    client: &Client,
    request: &Request,
    start: Option<(&Target, &HeaderMap)>,
) -> Result<(Response, Target), Error> {
    let options = client.options();
    let mut attempts = Attempts::new(options.retries, options.backoff);
    let mut waited = false;
    loop {
        let pause = match once(client, request, start).await {
            Ok((answer, target)) => {
                let pause = (request.retry && heals(answer.status()))
                    .then(|| attempts.again(Some(answer.headers())))
                    .flatten();
                match pause {
                    Some(pause) => pause,
                    None => return Ok((answer, target)),
                }
            }
            Err(missed) => {
                let again = match missed.again {
                    Again::No => false,
                    Again::Once => !std::mem::replace(&mut waited, true),
                    Again::Yes => true,
                };
                match again.then(|| attempts.again(None)).flatten() {
                    Some(pause) => pause,
                    None => return Err(missed.error),
                }
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// One attempt: follows redirects, renews the credentials once after a 401.
async fn once(
    client: &Client,
    request: &Request,
    start: Option<(&Target, &HeaderMap)>,
) -> Result<(Response, Target), Missed> {
    let mut target = start.map_or_else(|| Target::first(request), |(target, _)| target.clone());
    let added = start.map(|(_, added)| added);
    let mut renewed = false;
    let mut hops = 0;
    loop {
        let answer = hop(client, request, &target, added, renewed).await?;
        let status = answer.status();
        if status == StatusCode::UNAUTHORIZED
            && target.trusted
            && !renewed
            && request.auth.is_some()
        {
            renewed = true;
            continue;
        }
        let Redirects::Follow(most) = request.redirects else {
            return Ok((answer, target));
        };
        if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok((answer, target));
        }
        target = next(&target, &answer, &request.method).map_err(Missed::finally)?;
        if !client.follows(&request.url, &target.url) {
            let reason = format!(
                "to {}, which is none of the places allowed",
                shown(&target.url)
            );
            return Err(Missed::finally(redirect(&request.url, reason)));
        }
        hops += 1;
        if hops > most {
            return Err(Missed::finally(redirect(
                &request.url,
                format!("more than {most} times"),
            )));
        }
    }
}

/// Sends to one address and waits for the headers of its answer.
async fn hop(
    client: &Client,
    request: &Request,
    target: &Target,
    added: Option<&HeaderMap>,
    renew: bool,
) -> Result<Response, Missed> {
    let message = message(client, request, target, added, renew)
        .await
        .map_err(Missed::finally)?;
    if !client.options().private {
        public::literal(&target.url).map_err(Missed::finally)?;
    }
    let patience = client.options().stall_timeout;
    let http = client.for_url(&target.url).map_err(Missed::finally)?;
    match tokio::time::timeout(patience, http.execute(message)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(missed(error, request, &target.url)),
        Err(_) => Err(Missed::finally(stalled(&target.url, patience, 0))),
    }
}

async fn message(
    client: &Client,
    request: &Request,
    target: &Target,
    added: Option<&HeaderMap>,
    renew: bool,
) -> Result<reqwest::Request, Error> {
    let method = if target.bare {
        Method::GET
    } else {
        request.method.clone()
    };
    let mut headers = request.headers.clone();
    headers.extend(added.cloned().unwrap_or_default());
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if target.trusted {
        if let Some(auth) = &request.auth {
            let (name, mut value) = auth.header(renew).await.map_err(|source| Error::Auth {
                url: shown(&request.url),
                source,
            })?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    } else {
        for name in credentials() {
            headers.remove(name);
        }
    }
    if target.bare {
        headers.remove(CONTENT_TYPE);
        headers.remove(CONTENT_LENGTH);
    }
    let mut builder = client
        .for_url(&target.url)?
        .request(method, target.url.clone())
        .headers(headers);
    if let Some(body) = request.body.as_ref().filter(|_| !target.bare) {
        builder = builder.body(body.clone());
    }
    builder.build().map_err(|error| Error::Invalid {
        url: shown(&target.url),
        what: format!("cannot be asked for: {}", cause::failure(error).cause),
    })
}

/// Headers that say who we are; they go to the host they were meant for and no other.
fn credentials() -> [HeaderName; 6] {
    [
        AUTHORIZATION,
        COOKIE,
        PROXY_AUTHORIZATION,
        HeaderName::from_static("x-auth-token"),
        HeaderName::from_static("x-subject-token"),
        HeaderName::from_static("x-service-token"),
    ]
}

fn missed(error: reqwest::Error, request: &Request, url: &Url) -> Missed {
    let private = public::refused(&error);
    let failure = cause::failure(error);
    if private {
        return Missed::finally(public::error(url));
    }
    let url = shown(url);
    match failure.tls {
        Some(problem) => Missed::finally(Error::Tls {
            url,
            problem,
            source: failure.cause,
        }),
        None => Missed {
            again: match failure.stage {
                Stage::Unknown => Again::No,
                Stage::TimedOut => Again::Once,
                Stage::Sent if !request.retry => Again::No,
                Stage::Unsent | Stage::Sent => Again::Yes,
            },
            error: Error::Unreachable {
                url,
                source: failure.cause,
            },
        },
    }
}

/// Where the answer points, by the rules of RFC 9110 §15.4, or why we do not go there.
fn next(from: &Target, answer: &Response, method: &Method) -> Result<Target, Error> {
    let location = answer
        .headers()
        .get(LOCATION)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .ok_or_else(|| redirect(&from.url, "without saying where to".to_owned()))?;
    let mut url = from
        .url
        .join(location)
        .map_err(|_| redirect(&from.url, "to something that is no address".to_owned()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(redirect(
            &from.url,
            format!("to {}, which is not http", shown(&url)),
        ));
    }
    if from.url.scheme() == "https" && url.scheme() == "http" {
        return Err(redirect(
            &from.url,
            format!("to {}, out of the protection of https", shown(&url)),
        ));
    }
    let home = same_origin(&from.url, &url);
    if home && url.username().is_empty() && url.password().is_none() {
        // Both fail only for URLs that cannot have a user at all.
        let _ = url.set_username(from.url.username());
        let _ = url.set_password(from.url.password());
    }
    let status = answer.status().as_u16();
    let bare = from.bare
        || (status == 303 && *method != Method::HEAD)
        || (matches!(status, 301 | 302) && *method == Method::POST);
    Ok(Target {
        trusted: from.trusted && home,
        url,
        bare,
    })
}

fn redirect(url: &Url, reason: String) -> Error {
    Error::Redirect {
        url: shown(url),
        reason,
    }
}

pub(crate) fn stalled(url: &Url, patience: Duration, at: u64) -> Error {
    Error::Stalled {
        url: shown(url),
        seconds: patience.as_secs(),
        at,
    }
}
