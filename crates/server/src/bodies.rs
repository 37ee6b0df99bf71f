//! Bodies that are read into memory as a whole: what all of them may take of it together.
//!
//! A small one costs no more than its connection does. A large one needs a place as soon as more of it has come than of a
//! small one, and gives it up when it comes too slowly while there is no other. What has come as a whole needs room for
//! what it is about to become, until its request is answered. So nobody gets anything for what was only announced, and
//! whoever has room depends on no client.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures_util::StreamExt as _;
use http::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::limits::{
    BODIES, BODY_COST, BODY_TURN, BODY_WAIT, LARGE_BODIES, LARGE_PACE, MAX_BODY, SMALL_BODY,
};
use crate::refused::{Form, Refused};
use crate::service::Service;

/// What all bodies share.
#[derive(Clone, Debug)]
pub(crate) struct Bodies {
    /// Places for large bodies that are coming.
    places: Arc<Semaphore>,
    /// KiB for those that have come.
    room: Arc<Semaphore>,
}

/// A body that has come, and the room that it takes.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) bytes: Vec<u8>,
    pub(crate) room: OwnedSemaphorePermit,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(LARGE_BODIES)),
            room: Arc::new(Semaphore::new(BODIES as usize)),
        }
    }
}

impl Bodies {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 when it is cut off, 408 when it holds up others, 413 when it is too long, 429 when there are too many.
    pub(crate) async fn read(&self, body: Body) -> Result<Whole, Refused> {
        if body.size_hint().lower() > MAX_BODY as u64 {
            return Err(too_long());
        }
        let mut coming = Coming {
            stream: body.into_data_stream(),
            bytes: Vec::new(),
        };
        let mut ended = false;
        while !ended && coming.bytes.len() <= SMALL_BODY {
            ended = !coming.more().await?;
        }
        let _place = match ended {
            true => None,
            false => {
                let place = turn(Arc::clone(&self.places).acquire_owned()).await?;
                coming.rest(&self.places).await?;
                Some(place)
            }
        };
        let room = turn(Arc::clone(&self.room).acquire_many_owned(cost(coming.bytes.len())));
        Ok(Whole {
            room: room.await?,
            bytes: coming.bytes,
        })
    }
}

/// Waits for something that others have, and not for ever.
async fn turn<T, E>(waiting: impl Future<Output = Result<T, E>>) -> Result<T, Refused> {
    let taken = timeout(BODY_WAIT, waiting).await;
    taken.ok().and_then(Result::ok).ok_or_else(|| {
        let text = "There are too many large requests at one time; try again later.";
        Refused::new(StatusCode::TOO_MANY_REQUESTS, text)
    })
}

/// KiB that a body may take with what it becomes.
fn cost(bytes: usize) -> u32 {
    let kib = bytes.saturating_mul(BODY_COST) >> 10;
    u32::try_from(kib).map_or(BODIES, |kib| kib.saturating_add(1).min(BODIES))
}

fn too_long() -> Refused {
    Refused::too_large(format!(
        "The body of the request is longer than {MAX_BODY} bytes."
    ))
}

/// A body on its way.
struct Coming {
    stream: BodyDataStream,
    bytes: Vec<u8>,
}

impl Coming {
    /// Takes the next piece; false when there is none.
    async fn more(&mut self) -> Result<bool, Refused> {
        match self.stream.next().await {
            Some(piece) => self.add(piece).map(|()| true),
            None => Ok(false),
        }
    }

    fn add(&mut self, piece: Result<Bytes, axum::Error>) -> Result<(), Refused> {
        let piece = piece.map_err(|_| Refused::bad("The body of the request is cut off."))?;
        if self.bytes.len().saturating_add(piece.len()) > MAX_BODY {
            return Err(too_long());
        }
        self.bytes.extend_from_slice(&piece);
        Ok(())
    }

    /// Takes the rest, as long as it comes at some pace or nobody else wants the place.
    async fn rest(&mut self, places: &Semaphore) -> Result<(), Refused> {
        let begun = Instant::now();
        loop {
            let piece = timeout(BODY_TURN, self.stream.next()).await;
            let earned = Duration::from_secs((self.bytes.len() / LARGE_PACE) as u64);
            let slow = piece.is_err() || begun.elapsed() > BODY_TURN + earned;
            if slow && places.available_permits() == 0 {
                let text = "The body of the request comes too slowly, and others wait.";
                return Err(Refused::new(StatusCode::REQUEST_TIMEOUT, text));
            }
            match piece {
                Ok(Some(piece)) => self.add(piece)?,
                Ok(None) => return Ok(()),
                Err(_) => {}
            }
        }
    }
}

impl Service {
    /// Lets the bodies of these routes count among those of the service: each is read as a whole before its route sees it.
    pub fn bounded(&self, routes: Router) -> Router {
        routes.layer(from_fn_with_state(self.bodies.clone(), whole))
    }
}

async fn whole(State(bodies): State<Bodies>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let form = Form::of(request.headers());
    let (parts, body) = request.into_parts();
    match bodies.read(body).await {
        Ok(Whole { bytes, room }) => {
            let answer = next.run(Request::from_parts(parts, Body::from(bytes)));
            let answer = answer.await;
            drop(room);
            answer
        }
        Err(refused) => refused.page(form),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::{FutureExt as _, stream};

    use super::*;

    /// A body of which so many bytes come, in pieces, and then nothing for ever.
    fn stuck(bytes: usize) -> Body {
        let pieces = (0..bytes / 1024).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![0; 1024])));
        Body::from_stream(stream::iter(pieces).chain(stream::pending()))
    }

    fn large() -> Body {
        Body::from(vec![0; 100_000])
    }

    async fn status(bodies: &Bodies, body: Body) -> u16 {
        match bodies.read(body).await {
            Ok(_) => 200,
            Err(refused) => refused.status.as_u16(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_announces_much_and_sends_little_holds_up_nobody() {
        let bodies = Bodies::default();
        let mut stuck: Vec<_> = (0..1000)
            .map(|_| bodies.read(stuck(SMALL_BODY)).boxed())
            .collect();
        for stuck in &mut stuck {
            assert!(stuck.now_or_never().is_none());
        }
        let begun = Instant::now();
        assert_eq!(status(&bodies, large()).await, 200);
        assert_eq!(begun.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_in_the_middle_gives_way_to_others() {
        let bodies = Bodies::default();
        let stuck: Vec<_> = (0..LARGE_BODIES)
            .map(|_| {
                let bodies = bodies.clone();
                tokio::spawn(async move { status(&bodies, stuck(MAX_BODY / 2)).await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert_eq!(bodies.places.available_permits(), 0);
        assert_eq!(status(&bodies, large()).await, 200);
        let mut gone = 0;
        for stuck in stuck {
            // Nobody wants the places of the others.
            gone += usize::from(stuck.is_finished() && stuck.await.unwrap() == 408);
        }
        assert!(gone > 0, "{gone}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_drop_by_drop_gives_way_to_others() {
        let bodies = Bodies::default();
        for _ in 0..LARGE_BODIES {
            let bodies = bodies.clone();
            let drops = stream::repeat(()).then(|()| async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                Ok::<_, std::io::Error>(Bytes::from_static(b"x"))
            });
            let first = stream::iter([Ok(Bytes::from(vec![0; SMALL_BODY + 1]))]);
            tokio::spawn(async move {
                let body = Body::from_stream(first.chain(drops));
                status(&bodies, body).await
            });
        }
        tokio::task::yield_now().await;
        assert_eq!(bodies.places.available_permits(), 0);
        assert_eq!(status(&bodies, large()).await, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_come_has_room_for_what_it_becomes_until_it_is_dropped() {
        let bodies = Bodies::default();
        let whole = || Body::from(vec![b'['; MAX_BODY]);
        let (one, other) = tokio::join!(bodies.read(whole()), bodies.read(whole()));
        let (one, _other) = (one.unwrap(), other.unwrap());
        assert_eq!(status(&bodies, whole()).await, 429);
        // A small one still has room.
        assert_eq!(status(&bodies, Body::from("{}")).await, 200);
        drop(one);
        assert_eq!(status(&bodies, whole()).await, 200);
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_it_may_be_and_no_longer() {
        let bodies = Bodies::default();
        for (bytes, wanted) in [(0, 200), (MAX_BODY, 200), (MAX_BODY + 1, 413)] {
            assert_eq!(status(&bodies, Body::from(vec![0; bytes])).await, wanted);
            let pieces = vec![Ok::<_, std::io::Error>(Bytes::from(vec![0; bytes]))];
            let chunked = Body::from_stream(stream::iter(pieces));
            assert_eq!(status(&bodies, chunked).await, wanted);
        }
    }
}
