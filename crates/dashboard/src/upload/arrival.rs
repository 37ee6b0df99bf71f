//! The way of the bytes from a request to the thread that reads them.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes};
use disk::limits::LOOK;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::limits::PIECES;

enum Piece {
    Data(Bytes),
    End,
}

/// Where the request puts its bytes.
pub(crate) struct Door(Sender<Piece>);

/// Where they come out, on a thread that may wait. A request that breaks off is an error here and never an end.
pub(crate) struct Arrival {
    pieces: Receiver<Piece>,
    rest: Bytes,
    ended: bool,
    head: Head,
}

/// The first bytes that came out, [`LOOK`] at most: what they are can be said even of a file that nobody can read.
#[derive(Clone, Default)]
pub(crate) struct Head(Arc<Mutex<Vec<u8>>>);

/// Nobody reads any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

/// Both ends of a way.
pub(crate) fn door() -> (Door, Arrival) {
    let (sender, pieces) = channel(PIECES);
    let arrival = Arrival {
        pieces,
        rest: Bytes::new(),
        ended: false,
        head: Head::default(),
    };
    (Door(sender), arrival)
}

impl Head {
    fn keep(&self, bytes: &[u8]) {
        let mut head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LOOK.saturating_sub(head.len()).min(bytes.len());
        head.extend_from_slice(bytes.get(..room).unwrap_or_default());
    }

    /// What has come out so far.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Arrival {
    /// Where the first bytes are kept.
    pub(crate) fn head(&self) -> Head {
        self.head.clone()
    }
}

impl Door {
    /// Adds bytes; waits while the reader is behind.
    pub(crate) async fn put(&self, bytes: Bytes) -> Result<(), Closed> {
        self.0.send(Piece::Data(bytes)).await.map_err(|_| Closed)
    }

    /// Says that these were all.
    pub(crate) async fn end(self) -> Result<(), Closed> {
        self.0.send(Piece::End).await.map_err(|_| Closed)
    }
}

impl Read for Arrival {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && !self.ended {
            match self.pieces.blocking_recv() {
                Some(Piece::Data(bytes)) => self.rest = bytes,
                Some(Piece::End) => self.ended = true,
                None => {
                    let what = "the upload was broken off";
                    return Err(io::Error::new(io::ErrorKind::ConnectionAborted, what));
                }
            }
        }
        let len = self.rest.len().min(space.len());
        let space = space.get_mut(..len).unwrap_or_default();
        self.rest.copy_to_slice(space);
        self.head.keep(space);
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_upload_that_breaks_off_is_no_whole_file() {
        let (whole, mut arrival) = door();
        whole.put(Bytes::from_static(b"abc")).await.unwrap();
        whole.end().await.unwrap();
        let read = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            arrival.read_to_end(&mut all).map(|_| all)
        });
        assert_eq!(read.await.unwrap().unwrap(), b"abc");

        let (broken, mut arrival) = door();
        broken.put(Bytes::from_static(b"abc")).await.unwrap();
        drop(broken);
        let read = tokio::task::spawn_blocking(move || arrival.read_to_end(&mut Vec::new()));
        assert_eq!(
            read.await.unwrap().unwrap_err().kind(),
            io::ErrorKind::ConnectionAborted
        );
    }
}
