//! The end of a connection: what its client still sends is taken, so that the client gets to read its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};
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

/// What is done with a stream that has been shut down: what still comes is thrown away, until the client has no more to say, or says
/// nothing for [`LINGER_QUIET`], or [`LINGER`] is over.
///
/// A system that closes a connection with bytes on it that nobody has read resets it, and a reset makes the client's system forget the
/// answer that it has and its program has not read yet (RFC 9112, section 9.6).
pub(super) struct Linger {
    unread: Unread,
    end: Instant,
    quiet: Pin<Box<Sleep>>,
}

impl Linger {
    /// The stream has been shut down now.
    pub(super) fn new(unread: Unread) -> Self {
        let now = Instant::now();
        Self {
            unread,
            end: now + LINGER,
            quiet: Box::pin(tokio::time::sleep_until(now + LINGER_QUIET)),
        }
    }

    /// Takes what comes; ready when no more is to be waited for.
    pub(super) fn poll(
        &mut self,
        mut stream: Pin<&mut impl AsyncRead>,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let mut bytes = [0; 16 << 10];
        loop {
            if Instant::now() >= self.end {
                return Poll::Ready(());
            }
            let mut space = ReadBuf::new(&mut bytes);
            match stream.as_mut().poll_read(context, &mut space) {
                Poll::Ready(Ok(())) if !space.filled().is_empty() => {
                    self.unread.set(true);
                    let quiet = (Instant::now() + LINGER_QUIET).min(self.end);
                    self.quiet.as_mut().reset(quiet);
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if self.unread.get() => return self.quiet.as_mut().poll(context),
                Poll::Pending => return Poll::Ready(()),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::super::patient::Patient;
    use super::*;

    /// How long the end of a connection takes.
    async fn end(stream: DuplexStream, unread: bool) -> Duration {
        let said = Unread::default();
        said.set(unread);
        let mut stream = Patient::new(stream, said);
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
