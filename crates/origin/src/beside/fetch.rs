//! Fetching checksum files and their signatures: small, bounded, and careful about what an answer means.

use std::io::Read as _;
use std::path::Path;

use net::{Client, Request, StatusCode};

use super::Signature;
use crate::manifest::{self, MAX_MANIFEST, Manifest};
use crate::{Address, Error, Trouble};

/// The largest signature that is looked at, in bytes.
const MAX_SIGNATURE: usize = 64 << 10;
/// The endings of signatures beside a checksum file.
const ENDINGS: [&str; 4] = [".gpg", ".asc", ".sign", ".sig"];

/// What reading one place gave.
pub(super) enum Read {
    /// A checksum file, and where it came from after redirects.
    Manifest(Address, Manifest),
    /// Nothing there.
    Absent,
    /// Something, but no usable checksum file.
    Unusable(manifest::Error),
    /// No answer that says anything.
    Unknown(String),
}

/// Reads the checksum file at `address`.
pub(super) async fn read(address: &Address, client: &Client) -> Read {
    let (from, body) = match get(address, client, MAX_MANIFEST).await {
        Ok(Some(found)) => found,
        Ok(None) => return Read::Absent,
        Err(reason) => return Read::Unknown(reason),
    };
    match Manifest::parse(&body) {
        Ok(manifest) => Read::Manifest(from, manifest),
        Err(error) => Read::Unusable(error),
    }
}

/// Whether a signature of the checksum file at `address` lies beside it. It is recognised, not checked.
pub async fn signature(address: &Address, client: &Client) -> Signature {
    let mut unknown = None;
    for ending in ENDINGS {
        let Some(place) = address.with_ending(ending) else {
            continue;
        };
        match get(&place, client, MAX_SIGNATURE).await {
            Ok(Some((_, body))) if is_signature(&body) => return Signature::Detached(place),
            Ok(_) => {}
            Err(reason) => {
                unknown = Some(reason);
                break;
            }
        }
    }
    unknown.map_or(Signature::NotFound, Signature::Unknown)
}

/// Armoured, or a binary OpenPGP packet (its first bit is set: RFC 9580 §4.2) that is no text.
fn is_signature(body: &[u8]) -> bool {
    body.trim_ascii_start()
        .starts_with(b"-----BEGIN PGP SIGNATURE-----")
        || body
            .first()
            .is_some_and(|b| b & 0x80 != 0 && std::str::from_utf8(body).is_err())
}

/// The body at `address` and where it came from; `None` when it is not there; otherwise why it is not known.
async fn get(
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
