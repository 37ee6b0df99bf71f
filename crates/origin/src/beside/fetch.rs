//! Fetching checksum files and their signatures: small, bounded, and careful about what an answer means.

use std::io::Read as _;
use std::path::Path;

use net::{Client, Request, StatusCode};

use crate::manifest::{self, MAX_MANIFEST, Manifest};
use crate::{Address, Error, Trouble};

/// What reading one place gave.
pub(super) enum Read {
    /// A checksum file.
    Manifest(Box<Body>),
    /// Nothing there.
    Absent,
    /// Something, but no usable checksum file.
    Unusable(manifest::Error),
    /// No answer that says anything.
    Unknown(String),
}

/// A checksum file as it was fetched, and as it was read.
pub(super) struct Body {
    /// Where it came from, after redirects.
    pub(super) address: Address,
    /// Every byte of it: what a signature beside it covers.
    pub(super) bytes: Vec<u8>,
    /// What it says.
    pub(super) manifest: Manifest,
}

/// Reads the checksum file at `address`.
pub(super) async fn read(address: &Address, client: &Client) -> Read {
    let (address, bytes) = match get(address, client, MAX_MANIFEST).await {
        Ok(Some(found)) => found,
        Ok(None) => return Read::Absent,
        Err(reason) => return Read::Unknown(reason),
    };
    match Manifest::parse(&bytes) {
        Ok(manifest) => Read::Manifest(Box::new(Body {
            address,
            bytes,
            manifest,
        })),
        Err(error) => Read::Unusable(error),
    }
}

/// The body at `address` and where it came from; `None` when it is not there; otherwise why it is not known.
pub(super) async fn get(
    address: &Address,
    client: &Client,
    limit: usize,
) -> Result<Option<(Address, Vec<u8>)>, String> {
    let url = match address {
        Address::Path(path) => return Ok(local(path, limit)?.map(|body| (address.clone(), body))),
        Address::Url(url) => url,
    };
    let request = Request {
        limit,
        ..Request::get(url.clone())
    };
    match client.exchange(request).await {
        Ok(reply) if reply.status == StatusCode::OK => {
            Ok(Some((Address::Url(reply.url), reply.body.to_vec())))
        }
        Ok(reply)
            if matches!(
                reply.status,
                StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::GONE
            ) =>
        {
            Ok(None)
        }
        Ok(reply) => Err(reply.to_error().to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// A local file, at most `limit` bytes and one more, so that a larger one is noticed.
fn local(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, String> {
    let read = || {
        let mut body = Vec::new();
        std::fs::File::open(path)?
            .take(limit as u64 + 1)
            .read_to_end(&mut body)?;
        Ok(body)
    };
    match read() {
        Ok(body) => Ok(Some(body)),
        Err(source) => {
            let error = Error::File {
                path: path.display().to_string(),
                source,
            };
            if error.trouble() == Trouble::Gone {
                Ok(None)
            } else {
                Err(error.to_string())
            }
        }
    }
}
