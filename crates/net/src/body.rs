//! A request's body that is made while it is sent, and that ends well only when its maker says so.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::error::BoxError;

/// Pieces that may wait for the network, and the size of one in bytes: 4 MiB in all.
const PIECES: usize = 16;
const PIECE: usize = 256 << 10;

/// Zero bytes for holes.
static ZEROS: [u8; PIECE] = [0; PIECE];

/// Two ends of a body: bytes put into the one come out of the other. With `len` the body is sent with a
/// `Content-Length`, without it in chunks.
#[must_use]
pub fn body(len: Option<u64>) -> (Feed, Body) {
    let (sender, pieces) = channel(PIECES);
    (Feed(sender), Body { pieces, len })
}

/// Where the bytes of a body are put. Dropped without [`Feed::complete`] it breaks the request off, so that the server
/// never takes a part for the whole.
pub struct Feed(Sender<Piece>);

/// The end of a body that is sent.
pub struct Body {
    pieces: Receiver<Piece>,
    pub(crate) len: Option<u64>,
}

/// The request has ended before its body; why, its own result says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request has ended before its body")]
pub struct Ended;

enum Piece {
    Data(Bytes),
    Complete,
}

impl Feed {
    /// Adds bytes; waits while the network is behind. Not to be called on a thread that drives a runtime.
    ///
    /// # Errors
    /// [`Ended`].
    pub fn data(&self, mut bytes: Bytes) -> Result<(), Ended> {
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(PIECE));
            self.put(Piece::Data(piece))?;
        }
        Ok(())
    }

    /// Adds `len` zero bytes; as [`Feed::data`].
    ///
    /// # Errors
    /// [`Ended`].
    pub fn zeros(&self, mut len: u64) -> Result<(), Ended> {
        let zeros = Bytes::from_static(&ZEROS);
        while len > 0 {
            let piece = usize::try_from(len).unwrap_or(PIECE).min(PIECE);
            self.put(Piece::Data(zeros.slice(..piece)))?;
            len -= piece as u64;
        }
        Ok(())
    }

    /// Says that everything was put in and is right. Only now do the last bytes go out; as [`Feed::data`].
    ///
    /// # Errors
    /// [`Ended`].
    pub fn complete(self) -> Result<(), Ended> {
        self.put(Piece::Complete)
    }

    fn put(&self, piece: Piece) -> Result<(), Ended> {
        self.0.blocking_send(piece).map_err(|_| Ended)
    }
}

/// How a body ended that is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Its maker left without a final word.
    GivenUp,
    /// Its bytes are not as many as was said.
    WrongLength,
}

impl Body {
    /// The next bytes to send; none at the proper end. The last bytes of a body of known length come only after the
    /// final word: with them the server has all.
    pub(crate) async fn next(&mut self, sent: u64) -> Result<Option<Bytes>, Broken> {
        let mut held: Option<Bytes> = None;
        loop {
            let end = sent.saturating_add(held.as_ref().map_or(0, |held| held.len() as u64));
            match self.pieces.recv().await {
                Some(Piece::Data(bytes)) => {
                    let end = end.saturating_add(bytes.len() as u64);
                    match self.len {
                        Some(len) if end > len => return Err(Broken::WrongLength),
                        Some(len) if end == len => held = Some(bytes),
                        _ => return Ok(Some(bytes)),
                    }
                }
                Some(Piece::Complete) if self.len.is_some_and(|len| len != end) => {
                    return Err(Broken::WrongLength);
                }
                Some(Piece::Complete) => return Ok(held),
                None => return Err(Broken::GivenUp),
            }
        }
    }
}

/// How far a body has come, for who watches the exchange.
#[derive(Default)]
pub(crate) struct State {
    /// Bytes handed to the transport.
    pub(crate) sent: AtomicU64,
    /// The network waits for the maker, not for the server.
    pub(crate) starving: AtomicBool,
    /// The maker's final word is there.
    pub(crate) whole: AtomicBool,
}

impl State {
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn whole(&self) -> bool {
        self.whole.load(Ordering::Acquire)
    }
}

/// What the transport pulls: one piece at a time from whoever drives the exchange, and a failure when that one is gone.
pub(crate) struct Outlet {
    pub(crate) pieces: Receiver<Option<Bytes>>,
    pub(crate) len: Option<u64>,
    pub(crate) state: Arc<State>,
    /// Whether the transport shall look for an answer before it gets the next piece.
    pub(crate) breathe: bool,
    pub(crate) ended: bool,
}

impl http_body::Body for Outlet {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if std::mem::take(&mut self.breathe) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(match ready!(self.pieces.poll_recv(cx)) {
            Some(Some(bytes)) => {
                self.breathe = true;
                let len = bytes.len() as u64;
                self.state.sent.fetch_add(len, Ordering::Relaxed);
                Some(Ok(Frame::data(bytes)))
            }
            Some(None) => {
                self.ended = true;
                None
            }
            None => Some(Err("the body was given up".into())),
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.len
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
