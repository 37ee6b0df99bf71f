//! A request's body that is made while it is sent, and that ends well only when its maker says so.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

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
    let (sender, receiver) = channel(PIECES);
    let (over, closed) = oneshot::channel();
    let state = Arc::<State>::default();
    let feed = Feed(sender);
    let body = Body {
        receiver,
        len,
        sent: 0,
        held: None,
        breathe: false,
        state,
        closed,
        over: Some(over),
    };
    (feed, body)
}

/// Where the bytes of a body are put. Dropped without [`Feed::complete`] it breaks the request off, so that the server
/// never takes a part for the whole.
pub struct Feed(Sender<Piece>);

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

/// The end of a body that is sent.
pub struct Body {
    receiver: Receiver<Piece>,
    len: Option<u64>,
    sent: u64,
    /// The last bytes of a body of known length: with them the server has all, so they wait for the final word.
    held: Option<Bytes>,
    /// Whether the transport shall look for an answer before it gets the next piece.
    breathe: bool,
    state: Arc<State>,
    closed: oneshot::Receiver<()>,
    over: Option<oneshot::Sender<()>>,
}

/// How far a body has come, for who watches the exchange.
#[derive(Default)]
pub(crate) struct State {
    sent: AtomicU64,
    /// The network waits for the maker, not for the server.
    starving: AtomicBool,
    /// There is an answer: nothing more has to be sent.
    answered: AtomicBool,
    how: AtomicU8,
}

/// The final word is there, and everything was handed on. Until one of these is set the body is on its way.
const WHOLE: u8 = 1;
/// The maker left without a final word.
const GIVEN_UP: u8 = 2;
/// The maker's bytes are not as many as was said.
const WRONG_LENGTH: u8 = 3;

impl State {
    /// Bytes handed to the transport.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether everything was handed to the transport, with the maker's final word.
    pub(crate) fn whole(&self) -> bool {
        self.how.load(Ordering::Acquire) == WHOLE
    }

    /// Whether it was the maker who broke it off, and how.
    pub(crate) fn given_up(&self) -> Option<&'static str> {
        match self.how.load(Ordering::Acquire) {
            GIVEN_UP => Some("was given up"),
            WRONG_LENGTH => Some("was given up: its bytes are not as many as was said"),
            _ => None,
        }
    }

    /// Lets no more bytes go out, so that nothing breaks the connection while the answer is read from it.
    pub(crate) fn answered(&self) {
        self.answered.store(true, Ordering::Release);
    }

    pub(crate) fn starving(&self) -> bool {
        self.starving.load(Ordering::Relaxed)
    }

    fn end(&self, how: u8) {
        self.how.store(how, Ordering::Release);
    }
}

impl Body {
    /// What is watched while the body is sent, and what ends it: dropped, the body fails.
    pub(crate) fn watch(&mut self) -> (Arc<State>, Option<oneshot::Sender<()>>) {
        (Arc::clone(&self.state), self.over.take())
    }

    /// An empty body is whole with the head already: this waits for the final word before.
    pub(crate) async fn settled(&mut self) -> bool {
        if self.len != Some(0) {
            return true;
        }
        match self.receiver.recv().await {
            Some(Piece::Complete) => {
                self.state.end(WHOLE);
                true
            }
            Some(Piece::Data(_)) => {
                self.state.end(WRONG_LENGTH);
                false
            }
            None => {
                self.state.end(GIVEN_UP);
                false
            }
        }
    }

    fn data(&mut self, bytes: Bytes) -> Frame<Bytes> {
        self.sent = self.sent.saturating_add(bytes.len() as u64);
        self.state.sent.store(self.sent, Ordering::Relaxed);
        self.breathe = true;
        Frame::data(bytes)
    }

    fn fail(&mut self, how: u8) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.state.end(how);
        Poll::Ready(Some(Err("the body was given up".into())))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if Pin::new(&mut self.closed).poll(cx).is_ready() {
            return Poll::Ready(Some(Err("the request is over".into())));
        }
        if self.state.answered.load(Ordering::Acquire) {
            // The end of the request wakes it, through `closed`.
            return Poll::Pending;
        }
        if std::mem::take(&mut self.breathe) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.state.whole() {
            return Poll::Ready(None);
        }
        loop {
            self.state.starving.store(true, Ordering::Relaxed);
            let piece = ready!(self.receiver.poll_recv(cx));
            self.state.starving.store(false, Ordering::Relaxed);
            let held = self.held.as_ref().map_or(0, |held| held.len() as u64);
            match piece {
                Some(Piece::Data(bytes)) => {
                    let end = self.sent.saturating_add(held).saturating_add(bytes.len() as u64);
                    match self.len {
                        Some(len) if end > len => return self.fail(WRONG_LENGTH),
                        Some(len) if end == len => self.held = Some(bytes),
                        _ => return Poll::Ready(Some(Ok(self.data(bytes)))),
                    }
                }
                Some(Piece::Complete) => {
                    if self.len.is_some_and(|len| len != self.sent + held) {
                        return self.fail(WRONG_LENGTH);
                    }
                    self.state.end(WHOLE);
                    return match self.held.take() {
                        Some(bytes) => Poll::Ready(Some(Ok(self.data(bytes)))),
                        None => Poll::Ready(None),
                    };
                }
                None => return self.fail(GIVEN_UP),
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.len.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
