//! Random access to a file on a server that must stay the same file.

use std::io;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use tokio::runtime::Handle;

use crate::entity::{Answer, Entity};
use crate::error::Error;
use crate::retry::Attempts;
use crate::send::stalled;
use crate::validator::Validator;

/// Reads any part of one file; every answer is checked to be of that very file. Clones share connections.
#[derive(Clone)]
pub struct Ranges {
    entity: Entity,
    validator: Validator,
    len: u64,
}

impl Ranges {
    pub(crate) fn new(entity: Entity, validator: Validator, len: u64) -> Self {
        Self {
            entity,
            validator,
            len,
        }
    }

    /// The file's length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The `len` bytes at `offset`; fewer only at the end of the file, none beyond it. They are held in memory.
    ///
    /// # Errors
    /// [`Error::Changed`] when the server has another file by now, [`Error::NoRanges`] when it sends the whole file
    /// instead, and as any download.
    pub async fn read(&self, offset: u64, len: usize) -> Result<Bytes, Error> {
        let wanted = self.len.saturating_sub(offset).min(len as u64);
        if wanted == 0 {
            return Ok(Bytes::new());
        }
        let options = self.entity.client.options();
        let mut attempts = Attempts::new(options.retries, options.backoff);
        loop {
            match self.once(offset, wanted).await {
                Err(Error::Truncated { url, got, expected }) => match attempts.again(None) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(Error::Truncated { url, got, expected }),
                },
                other => return other,
            }
        }
    }

    async fn once(&self, offset: u64, wanted: u64) -> Result<Bytes, Error> {
        let last = offset.saturating_add(wanted - 1);
        match self
            .entity
            .part(&self.validator, offset, Some(last))
            .await?
        {
            Answer::Part(answer, _) => self.body(answer, wanted).await,
            Answer::Whole(_) => Err(Error::NoRanges {
                url: self.entity.url(),
            }),
        }
    }

    async fn body(&self, mut answer: Response, wanted: u64) -> Result<Bytes, Error> {
        let patience = self.entity.client.options().stall_timeout;
        let mut body = BytesMut::new();
        loop {
            let got = body.len() as u64;
            match tokio::time::timeout(patience, answer.chunk()).await {
                Err(_) => return Err(stalled(&self.entity.target.url, patience, got)),
                Ok(Ok(Some(chunk))) if got + chunk.len() as u64 <= wanted => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Ok(Some(_))) => {
                    return Err(self.entity.invalid("sent more bytes than it announced"));
                }
                Ok(Ok(None)) if got == wanted => return Ok(body.freeze()),
                Ok(Ok(None) | Err(_)) => return Err(self.entity.truncated(got, Some(wanted))),
            }
        }
    }

    /// A blocking face for a decoder on its own thread; somebody must drive the runtime meanwhile.
    #[must_use]
    pub fn blocking(self, handle: &Handle) -> BlockingRanges {
        BlockingRanges {
            ranges: self,
            handle: handle.clone(),
        }
    }
}

impl std::fmt::Debug for Ranges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ranges of {}", self.entity.url())
    }
}

/// [`Ranges`] for threads. Not to be used on a thread that drives a runtime.
#[derive(Clone, Debug)]
pub struct BlockingRanges {
    ranges: Ranges,
    handle: Handle,
}

impl BlockingRanges {
    /// The file's length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.ranges.len()
    }

    /// Whether the file has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Fills `buf` from `offset`; returns fewer bytes only at the end of the file. Each call is one request, so ask
    /// for much.
    ///
    /// # Errors
    /// An [`io::Error`] around an [`Error`].
    pub fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let ranges = self.ranges.clone();
        let (answer, waiting) = tokio::sync::oneshot::channel();
        let len = buf.len();
        self.handle.spawn(async move {
            // A reader that is gone needs no answer.
            let _ = answer.send(ranges.read(offset, len).await);
        });
        let bytes = waiting
            .blocking_recv()
            .map_err(|_| io::Error::other("the download was given up"))?
            .map_err(io::Error::other)?;
        let (head, _) = buf.split_at_mut(bytes.len().min(len));
        head.copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}
