//! A download as `std::io::Read`, for decoders on threads of their own.

use std::io::{self, Read};

use bytes::{Buf, Bytes};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use url::Url;

use crate::download::Download;
use crate::error::Error;

/// Pieces that may wait between network and reader, and the size of one in bytes: 2 MiB in all.
const PIECES: usize = 32;
const PIECE: usize = 64 << 10;

/// The blocking face of a [`Download`]. Errors are [`io::Error`]s around an [`Error`]; the end is `Ok(0)` and comes only
/// when every announced byte has been read. Not to be used on a thread that drives a runtime.
pub struct Reader {
    pieces: Receiver<Piece>,
    here: Bytes,
    end: End,
    url: Url,
    len: Option<u64>,
}

enum Piece {
    Data(Bytes),
    End,
    Error(Error),
}

#[derive(Clone, Copy)]
enum End {
    Open,
    Complete,
    Failed,
}

impl Reader {
    pub(crate) fn start(download: Download, handle: &Handle) -> Self {
        let (sender, pieces) = channel(PIECES);
        let (url, len) = (download.url().clone(), download.len());
        handle.spawn(forward(download, sender));
        Self {
            pieces,
            here: Bytes::new(),
            end: End::Open,
            url,
            len,
        }
    }

    /// Where it comes from, after redirects.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// How many bytes it has in all, if the server said.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether the server said that there is nothing to read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == Some(0)
    }

    fn fail(&mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
        self.end = End::Failed;
        io::Error::other(error)
    }
}

/// Moves the bytes until the download ends or the reader is dropped.
async fn forward(mut download: Download, sender: Sender<Piece>) {
    loop {
        let chunk = tokio::select! {
            () = sender.closed() => return,
            chunk = download.chunk() => chunk,
        };
        let last = match chunk {
            Ok(Some(mut chunk)) => {
                while !chunk.is_empty() {
                    let piece = chunk.split_to(chunk.len().min(PIECE));
                    if sender.send(Piece::Data(piece)).await.is_err() {
                        return;
                    }
                }
                continue;
            }
            Ok(None) => Piece::End,
            Err(error) => Piece::Error(error),
        };
        // A reader that is gone needs no ending.
        let _ = sender.send(last).await;
        return;
    }
}

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.here.is_empty() && !buf.is_empty() {
            match self.end {
                End::Open => {}
                End::Complete => return Ok(0),
                End::Failed => return Err(io::Error::other("the download has failed before")),
            }
            match self.pieces.blocking_recv() {
                Some(Piece::Data(piece)) => self.here = piece,
                Some(Piece::End) => self.end = End::Complete,
                Some(Piece::Error(error)) => return Err(self.fail(error)),
                // The runtime is gone; this is not the end of the file.
                None => return Err(self.fail("the download was given up")),
            }
        }
        let count = self.here.len().min(buf.len());
        let (head, _) = buf.split_at_mut(count);
        self.here.copy_to_slice(head);
        Ok(count)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader of {}", crate::address::shown(&self.url))
    }
}
