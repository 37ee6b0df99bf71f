//! What the HTTP client promises, tried against a server that stalls, cuts and lies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod credentials;
mod download;
mod exchange;
mod places;
mod proxies;
mod ranges;
mod reader;
mod redirects;
mod stalls;
mod trust;
mod upload;

use std::time::Duration;

use net::{Client, Download, Error, Options, Proxy, Request, Url};
use world::World;

/// As in earnest, but without long waits and whatever proxy the tester uses.
fn options() -> Options {
    Options {
        connect_timeout: Duration::from_secs(5),
        stall_timeout: Duration::from_secs(20),
        backoff: Duration::from_millis(1),
        proxy: Proxy::Direct,
        ..Options::default()
    }
}

fn client() -> Client {
    Client::new(&options()).unwrap()
}

fn get(world: &World, path: &str) -> Request {
    Request::get(Url::parse(&world.url(path)).unwrap())
}

/// Bytes of which no two stretches are alike, so that a mix or a shift shows.
fn bytes(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .flatten()
    .take(len)
    .collect()
}

/// Everything a download gives, and how it ends.
async fn drain(mut download: Download) -> (Vec<u8>, Result<(), Error>) {
    let mut all = Vec::new();
    loop {
        match download.chunk().await {
            Ok(Some(chunk)) => all.extend_from_slice(&chunk),
            Ok(None) => return (all, Ok(())),
            Err(error) => return (all, Err(error)),
        }
    }
}

async fn fetch(request: Request) -> (Vec<u8>, Result<(), Error>) {
    drain(client().download(request).await.unwrap()).await
}
