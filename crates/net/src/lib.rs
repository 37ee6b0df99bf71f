//! The one HTTP client: timeouts, retries, TLS roots, proxies, resumable downloads, uploads made while they are sent.
//!
//! Everything ectype says to a network goes through [`Client`]. It has no total timeout: a transfer may take hours, it
//! ends when no byte arrives for [`Options::stall_timeout`]. It speaks HTTP/1.1 only, never asks for compression, checks
//! the status before the first byte, and gives credentials to no host but the one they were meant for.

mod address;
mod body;
mod cause;
mod client;
mod download;
mod entity;
mod error;
mod exchange;
mod options;
mod public;
mod ranges;
mod reader;
mod reason;
mod request;
mod retry;
mod send;
mod tls;
mod upload;
mod validator;

pub use address::shown;
pub use body::{Body, Ended, Feed, body};
pub use bytes::Bytes;
pub use cause::{Cause, TlsProblem};
pub use client::Client;
pub use download::Download;
pub use error::{BoxError, Error};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use options::{Options, Proxy};
pub use public::is_public;
pub use ranges::{BlockingRanges, Ranges};
pub use reader::Reader;
pub use request::{Auth, AuthFuture, Redirects, Reply, Request};
pub use url::Url;
