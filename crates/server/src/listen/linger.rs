//! The end of a connection: what its client still sends is taken, so that the client gets to read its answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::limits::{LINGER, LINGER_QUIET};

/// Whether a client is still sending what nobody will read: the rest of a body that was answered before its end.
#[derive(Debug, Clone, Default)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    pub(super) fn set(&self, unread: bool) {
        self.0.store(unread, Ordering::Relaxed);
    }

    fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream that, when it has been shut down, throws away what still comes: until the client has no more to say, or says nothing for
/// [`LINGER_QUIET`], or [`LINGER`] is over.
///
/// A system that closes a connection with bytes on it that nobody has read resets it, and a reset makes the client's system forget the
/// answer that it has and its program has not read yet (RFC 9112, section 9.6).
pub(super) struct Linger<S> {
    stream: S,
    unread: Unread,
    last: Option<Last>,
}

/// Since the stream was shut down.
struct Last {
    end: Instant,
    quiet: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Linger<S> {
    pub(super) fn new(stream: S, unread: Unread) -> Self {
        Self {
            stream,
            unread,
            last: None,
        }
    }

    /// Takes what comes; ready when no more is to be waited for.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(last) = &mut self.last else {
            return Poll::Ready(());
        };
        let mut bytes = [0; 16 << 10];
        loop {
            if Instant::now() >= last.end {
                return Poll::Ready(());
            }
            let mut space = ReadBuf::new(&mut bytes);
            match Pin::new(&mut self.stream).poll_read(context, &mut space) {
                Poll::Ready(Ok(())) if !space.filled().is_empty() => {
                    self.unread.set(true);
                    let quiet = (Instant::now() + LINGER_QUIET).min(last.end);
                    last.quiet.as_mut().reset(quiet);
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if self.unread.get() => {
                    return last.quiet.as_mut().poll(context);
                }
                Poll::Pending => return Poll::Ready(()),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Linger<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, space)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Linger<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.last.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            let now = Instant::now();
            self.last = Some(Last {
                end: now + LINGER,
                quiet: Box::pin(tokio::time::sleep_until(now + LINGER_QUIET)),
            });
        }
        self.poll_rest(context).map(Ok)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    /// How long the end of a connection takes.
    async fn end(stream: DuplexStream, unread: bool) -> Duration {
        let said = Unread::default();
        said.set(unread);
        let mut stream = Linger::new(stream, said);
        let before = Instant::now();
        stream.write_all(b"answer").await.unwrap();
        stream.shutdown().await.unwrap();
        before.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_no_more_to_say_ends_it() {
        let (ours, mut theirs) = duplex(1 << 10);
        let client = tokio::spawn(async move {
            for _ in 0..100 {
                theirs.write_all(&[0; 1 << 10]).await.unwrap();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let mut answer = [0; 6];
            theirs.read_exact(&mut answer).await.unwrap();
            answer
        });
        let took = end(ours, true).await;
        assert_eq!(took.as_secs(), 5, "{took:?}");
        assert_eq!(&client.await.unwrap(), b"answer");
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_is_not_waited_for_long() {
        let (ours, _theirs) = duplex(1 << 10);
        assert_eq!(end(ours, true).await, LINGER_QUIET);
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_too_much_is_let_go() {
        let (ours, mut theirs) = duplex(1 << 10);
        tokio::spawn(async move {
            while theirs.write_all(b"more").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        assert_eq!(end(ours, true).await, LINGER);
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_heard_out_is_not_waited_for() {
        let (ours, _theirs) = duplex(1 << 10);
        assert_eq!(end(ours, false).await, Duration::ZERO);
    }
}
