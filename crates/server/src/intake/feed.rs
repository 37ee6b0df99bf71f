//! The way of an upload's bytes from whoever sends them to whoever writes them.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::Cut;
use crate::limits::{PIECES_WAITING, STALL};

/// What is handed on. A way that ends without an [`End`](Fed::End) was left in the middle.
#[derive(Debug)]
pub(crate) enum Fed {
    /// The next bytes.
    Piece(Bytes),
    /// There are no more.
    End,
    /// There are more, but they do not come.
    Broken(Cut),
}

/// Where the bytes go in; the other end is for [`take`](super::take).
#[derive(Debug)]
pub(crate) struct Feed(mpsc::Sender<Fed>);

/// A way for the bytes of one upload.
pub(crate) fn way() -> (Feed, mpsc::Receiver<Fed>) {
    let (sender, receiver) = mpsc::channel(PIECES_WAITING);
    (Feed(sender), receiver)
}

impl Feed {
    /// Hands on a stream of at most `cap` bytes, and what went wrong with it. Returns when all was handed on, or nobody is
    /// at the other end any more, who says why.
    pub(crate) async fn all<S, E>(self, bytes: S, cap: u64)
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let mut bytes = std::pin::pin!(bytes);
        let mut size: u64 = 0;
        loop {
            let piece = match tokio::time::timeout(STALL, bytes.next()).await {
                Ok(Some(Ok(piece))) => piece,
                Ok(Some(Err(error))) => return self.broken(Cut::Sender(error.to_string())).await,
                Ok(None) => break,
                Err(_) => {
                    let reason = "nothing came for a minute".to_owned();
                    return self.broken(Cut::Sender(reason)).await;
                }
            };
            size = size.saturating_add(piece.len() as u64);
            if size > cap {
                return self.broken(Cut::TooLarge(cap)).await;
            }
            if self.0.send(Fed::Piece(piece)).await.is_err() {
                return;
            }
        }
        let _ = self.0.send(Fed::End).await;
    }

    async fn broken(&self, cut: Cut) {
        let _ = self.0.send(Fed::Broken(cut)).await;
    }
}
