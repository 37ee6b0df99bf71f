//! A small exchange: one request, one answer read whole within a limit.

use bytes::{Bytes, BytesMut};
use reqwest::Response;

use crate::address::shown;
use crate::client::Client;
use crate::error::Error;
use crate::request::{Reply, Request};
use crate::retry::Attempts;
use crate::send::{self, Target, stalled};
use crate::validator;

pub(crate) async fn run(client: &Client, request: &Request) -> Result<Reply, Error> {
    let options = client.options();
    let mut attempts = Attempts::new(options.retries, options.backoff);
    loop {
        let (answer, target) = send::persistently(client, request, None).await?;
        let error = match whole(client, request, answer, &target).await {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        let cut = matches!(error, Error::Truncated { .. });
        match (cut && request.retry)
            .then(|| attempts.again(None))
            .flatten()
        {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(error),
        }
    }
}

async fn whole(
    client: &Client,
    request: &Request,
    mut answer: Response,
    target: &Target,
) -> Result<Reply, Error> {
    let status = answer.status();
    if status.is_success() {
        validator::check_identity(&target.url, answer.headers())?;
    }
    let headers = answer.headers().clone();
    let expected = answer.content_length();
    let body = body(client, &mut answer, target, request.limit, expected).await?;
    Ok(Reply {
        status,
        headers,
        body,
        url: target.url.clone(),
    })
}

async fn body(
    client: &Client,
    answer: &mut Response,
    target: &Target,
    limit: usize,
    expected: Option<u64>,
) -> Result<Bytes, Error> {
    let patience = client.options().stall_timeout;
    let url = &target.url;
    let too_large = || Error::TooLarge {
        what: shown(url),
        limit: limit as u64,
    };
    if expected.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    loop {
        let got = body.len() as u64;
        match tokio::time::timeout(patience, answer.chunk()).await {
            Err(_) => return Err(stalled(url, patience, got)),
            Ok(Ok(None)) => return Ok(body.freeze()),
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > limit => return Err(too_large()),
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            // Whatever broke the connection, the body is not whole.
            Ok(Err(_)) => {
                return Err(Error::Truncated {
                    url: shown(url),
                    got,
                    expected,
                });
            }
        }
    }
}

/// The beginning of an error's body, for its reason; whatever goes wrong with it does not matter.
pub(crate) async fn refusal(client: &Client, mut answer: Response, target: &Target) -> Error {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = body(client, &mut answer, target, 64 << 10, None)
        .await
        .unwrap_or_default();
    Reply {
        status,
        headers,
        body,
        url: target.url.clone(),
    }
    .to_error()
}
