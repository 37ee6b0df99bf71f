//! The body of a request, which has to come at some pace: who sends nothing, or next to nothing, is let go.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::linger::Unread;
use crate::limits::{SLOWEST, STALL};

/// A body that ends with an error when its sender lets us wait for too long: at one time, or in all for what came. One that is given
/// up before its end says so to its connection.
pub(super) struct Steady {
    body: Body,
    ended: bool,
    unread: Unread,
    patience: Duration,
    /// Bytes that came.
    came: u64,
    /// How long was waited for them. Time in which nobody wanted more does not count.
    waited: Duration,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Steady {
    pub(super) fn new(body: Body, unread: Unread) -> Self {
        unread.set(false);
        Self::with(body, unread, STALL)
    }

    fn with(body: Body, unread: Unread, patience: Duration) -> Self {
        Self {
            body,
            ended: false,
            unread,
            patience,
            came: 0,
            waited: Duration::ZERO,
            waiting: None,
        }
    }

    /// How long it may still be waited at this time.
    fn left(&self) -> Duration {
        let earned = Duration::from_secs(self.came / SLOWEST);
        let left = self.patience.saturating_add(earned);
        left.saturating_sub(self.waited).min(self.patience)
    }
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if let Some((since, _)) = self.waiting.take() {
                self.waited = self.waited.saturating_add(since.elapsed());
            }
            match &frame {
                Some(Ok(frame)) => {
                    let len = frame.data_ref().map_or(0, Bytes::len);
                    self.came = self.came.saturating_add(len as u64);
                }
                Some(Err(_)) => {}
                None => self.ended = true,
            }
            return Poll::Ready(frame);
        }
        let left = self.left();
        let (_, sleep) = self
            .waiting
            .get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
        if sleep.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        let late = io::Error::new(io::ErrorKind::TimedOut, "the data comes too slowly");
        Poll::Ready(Some(Err(axum::Error::new(late))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Steady {
    fn drop(&mut self) {
        if !self.ended && !self.body.is_end_stream() {
            self.unread.set(true);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::{StreamExt as _, stream};

    use super::*;

    async fn read(body: Body, patience: Duration) -> Result<usize, String> {
        let mut pieces =
            Body::new(Steady::with(body, Unread::default(), patience)).into_data_stream();
        let mut len = 0;
        while let Some(piece) = pieces.next().await {
            len += piece.map_err(|error| error.to_string())?.len();
        }
        Ok(len)
    }

    fn pieces(count: usize) -> impl stream::Stream<Item = io::Result<Bytes>> {
        stream::iter((0..count).map(|_| Ok(Bytes::from_static(b"x"))))
    }

    #[tokio::test]
    async fn what_comes_comes_through() {
        let body = Body::from_stream(pieces(1000));
        assert_eq!(read(body, Duration::from_secs(60)).await, Ok(1000));
    }

    #[tokio::test]
    async fn who_sends_nothing_is_let_go() {
        let body = Body::from_stream(pieces(3).chain(stream::pending()));
        let error = read(body, Duration::from_millis(20)).await.unwrap_err();
        assert!(error.contains("too slowly"), "{error}");
    }

    #[tokio::test]
    async fn who_sends_a_little_for_ever_is_let_go() {
        let drops = stream::repeat(()).then(|()| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok::<_, io::Error>(Bytes::from_static(b"x"))
        });
        let error = read(Body::from_stream(drops), Duration::from_millis(100));
        let error = error.await.unwrap_err();
        assert!(error.contains("too slowly"), "{error}");
    }
}
