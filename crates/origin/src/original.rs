//! Opening an original: a local file, or a download that can be read again in parts where the server allows it.

use std::io;
use std::sync::Arc;

use net::{BlockingRanges, Client, Download, HeaderName, Request, header};
use tokio::runtime::Handle;

use crate::{Address, Error};

/// An original, ready to be read.
pub struct Opened {
    /// Its bytes.
    pub source: disk::Source,
    /// What is known of it before the first byte.
    pub facts: Facts,
}

/// What is known of an original before its first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// As it was asked for.
    pub asked: Address,
    /// Where its bytes come from, after redirects.
    pub address: Address,
    /// Its length in bytes, if known.
    pub len: Option<u64>,
    /// The server's `ETag`.
    pub etag: Option<String>,
    /// The server's `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Facts {
    /// The host that the download was redirected to, when it is not the one asked.
    #[must_use]
    pub fn redirected_to(&self) -> Option<&str> {
        self.address
            .host()
            .filter(|host| Some(*host) != self.asked.host())
    }

    /// The part of the address that names whatever is newest (`latest`, `current`, `release`) and not one build, so
    /// that the same address gives other bytes tomorrow.
    #[must_use]
    pub fn moving(&self) -> Option<String> {
        moving(&self.asked)
    }
}

/// Opens an original. The download does not begin to flow before its bytes are asked for.
///
/// # Errors
/// When it is not there, refused or unreachable; [`Error::trouble`] says which.
pub async fn open(address: &Address, client: &Client, handle: &Handle) -> Result<Opened, Error> {
    match address {
        Address::Path(path) => {
            let source = disk::Source::file(path).map_err(|source| Error::File {
                path: address.to_string(),
                source,
            })?;
            let facts = Facts {
                asked: address.clone(),
                address: address.clone(),
                len: source.len(),
                etag: None,
                last_modified: None,
            };
            Ok(Opened { source, facts })
        }
        Address::Url(url) => {
            let download = client.download(Request::get(url.clone())).await?;
            let facts = Facts {
                asked: address.clone(),
                address: Address::Url(download.url().clone()),
                len: download.len(),
                etag: text(&download, &header::ETAG),
                last_modified: text(&download, &header::LAST_MODIFIED),
            };
            Ok(Opened {
                source: source(download, handle),
                facts,
            })
        }
    }
}

/// A download as a source of bytes: with random access where the server gives it.
#[must_use]
pub fn source(download: Download, handle: &Handle) -> disk::Source {
    let (len, ranges) = (download.len(), download.ranges());
    let reader = download.into_reader(handle);
    match (len, ranges) {
        (Some(len), Some(ranges)) => {
            disk::Source::ranged(reader, len, Arc::new(Again(ranges.blocking(handle))))
        }
        (len, _) => disk::Source::stream(reader, len),
    }
}

/// Parts of a download, read again.
struct Again(BlockingRanges);

impl disk::ReadAt for Again {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.0.read_at(rest, offset.saturating_add(done as u64))? {
                0 => break,
                n => done += n,
            }
        }
        Ok(done)
    }
}

fn text(download: &Download, name: &HeaderName) -> Option<String> {
    Some(download.headers().get(name)?.to_str().ok()?.to_owned())
}

/// See [`Facts::moving`]. Local paths do not move by name.
fn moving(address: &Address) -> Option<String> {
    let Address::Url(_) = address else {
        return None;
    };
    let path = address.path();
    let (folders, name) = path.rsplit_once('/')?;
    let folder = folders
        .rsplit('/')
        .find(|part| matches!(*part, "latest" | "current" | "release"));
    let in_name = || {
        name.split(['-', '.', '_'])
            .any(|part| part == "latest" || part == "current")
    };
    folder
        .map(str::to_owned)
        .or_else(|| in_name().then(|| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_move_are_known_and_dated_ones_are_not() {
        for (url, expected) in [
            (
                "https://cloud.debian.org/images/cloud/trixie/latest/debian-13-genericcloud-amd64.qcow2",
                Some("latest"),
            ),
            (
                "https://cloud-images.ubuntu.com/noble/current/noble-server-cloudimg-amd64.img",
                Some("current"),
            ),
            (
                "https://cloud-images.ubuntu.com/releases/noble/release/ubuntu-24.04-server-cloudimg-amd64.img",
                Some("release"),
            ),
            (
                "https://h/images/Rocky-9-GenericCloud.latest.x86_64.qcow2",
                Some("Rocky-9-GenericCloud.latest.x86_64.qcow2"),
            ),
            (
                "https://cloud-images.ubuntu.com/releases/noble/release-20260705/ubuntu-24.04-server-cloudimg-amd64.img",
                None,
            ),
            (
                "https://cloud.debian.org/images/cloud/trixie/20260712-2537/debian-13-genericcloud-amd64-20260712-2537.qcow2",
                None,
            ),
            (
                "https://download.fedoraproject.org/pub/fedora/linux/releases/44/Cloud/x86_64/images/Fedora-Cloud-Base-Generic-44-1.7.x86_64.qcow2",
                None,
            ),
        ] {
            assert_eq!(
                moving(&Address::typed(url).unwrap()).as_deref(),
                expected,
                "{url}"
            );
        }
        assert_eq!(moving(&Address::Path("latest/x.img".into())), None);
    }
}
