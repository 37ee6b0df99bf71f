//! A part of an object on its way out: what is broken off goes on where it was.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use object_store::path::Path;
use object_store::{Error, GetOptions, GetRange, ObjectStore};

use super::failed;
use crate::limits::STORE_TRIES;
use crate::store::StoreError;

/// What is being read. The library that asks the store tries again by itself, but only for so long since it first asked,
/// and images may take hours.
pub(super) struct Reading {
    store: Arc<dyn ObjectStore>,
    path: Path,
    /// What has not come yet.
    range: Range<u64>,
    content: Option<BoxStream<'static, object_store::Result<Bytes>>>,
    /// How often it was broken off since something came.
    broken: usize,
}

impl Reading {
    /// Asks for a range, which may be empty.
    ///
    /// # Errors
    /// The store does not give it.
    pub(super) async fn begin(
        store: Arc<dyn ObjectStore>,
        path: Path,
        range: Range<u64>,
    ) -> object_store::Result<Self> {
        let mut reading = Self {
            store,
            path,
            range,
            content: None,
            broken: 0,
        };
        reading.content = Some(reading.ask().await?);
        Ok(reading)
    }

    async fn ask(
        &mut self,
    ) -> object_store::Result<BoxStream<'static, object_store::Result<Bytes>>> {
        let options = GetOptions {
            // A store answers 416 to a part of nothing.
            range: (!self.range.is_empty()).then(|| GetRange::Bounded(self.range.clone())),
            ..GetOptions::default()
        };
        Ok(self
            .store
            .get_opts(&self.path, options)
            .await?
            .into_stream())
    }

    /// The bytes.
    pub(super) fn pieces(self) -> impl Stream<Item = Result<Bytes, StoreError>> + Send {
        stream::try_unfold(self, |mut reading| async move {
            let piece = reading.next().await.map_err(failed)?;
            Ok(piece.map(|piece| (piece, reading)))
        })
    }

    async fn next(&mut self) -> object_store::Result<Option<Bytes>> {
        while !self.range.is_empty() {
            let mut content = match self.content.take() {
                Some(content) => content,
                None => self.ask().await?,
            };
            match content.next().await {
                Some(Ok(piece)) => {
                    self.range.start = self.range.start.saturating_add(piece.len() as u64);
                    self.content = Some(content);
                    self.broken = 0;
                    return Ok(Some(piece));
                }
                Some(Err(error)) if self.broken >= STORE_TRIES => return Err(error),
                None if self.broken >= STORE_TRIES => return Err(ended()),
                Some(Err(_)) | None => self.broken += 1,
            }
        }
        Ok(None)
    }
}

/// The store said that there was no more, and there was.
fn ended() -> Error {
    Error::Generic {
        store: "S3",
        source: "an object ended too early".into(),
    }
}
