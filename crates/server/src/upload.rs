//! An upload: the image is reserved, the bytes come in, are judged and kept, and only then the image has them.
//!
//! It runs on a task of its own, so that it comes to an end when the client goes away in the middle. It says all the time
//! that it is alive; one that was killed falls silent, and the collection gives its image back.

mod reasons;

use axum::body::Body;
use bytes::Bytes;
use disk::Digest;
use futures_util::{Stream, StreamExt};
use http::StatusCode;
use tokio::sync::mpsc;

use crate::api::mismatch;
use crate::intake::{self, Fed, Taken};
use crate::limits::{ATTEMPTS, HEARTBEAT, LATER};
use crate::records::{Image, Stage, Status, images as records, stored};
use crate::refused::Refused;
use crate::service::Service;
use crate::store::StoreError;
use reasons::{as_wanted, formats, judge, refusal, room, too_large, unkept_refusal};

/// An upload that has reserved its image.
pub(crate) struct Upload {
    service: Service,
    /// The image as it was reserved.
    image: Image,
    work: String,
    cap: u64,
    length: Option<u64>,
    /// The digest that the bytes must have.
    wanted: Option<Digest>,
}

impl Upload {
    /// Reserves the image for `work`: from now on it is `status`, and nobody else uploads to it.
    ///
    /// # Errors
    /// 409 when it is not waiting for data, 400 when its formats are not set, 413 when there is no room for it.
    pub(crate) async fn begin(
        service: &Service,
        mut image: Image,
        status: Status,
        work: String,
        length: Option<u64>,
    ) -> Result<Self, Refused> {
        let from_stage = status == Status::Importing && image.staged.is_some();
        if image.work.is_some() || !(image.status == Status::Queued || from_stage) {
            return Err(Refused::conflict(format!(
                "Image status transition from {} to {} is not allowed",
                image.status.word(),
                status.word()
            )));
        }
        if status == Status::Saving {
            formats(&image)?;
        }
        // What is staged has its room already.
        let cap = match from_stage {
            true => service.settings.image_size_cap,
            false => room(service, &image).await?,
        };
        if length.is_some_and(|length| length > cap) {
            return Err(too_large(cap));
        }
        image.status = status;
        image.work = Some(work.clone());
        let mut connection = service.pool.acquire().await?;
        if !records::update(&mut connection, &image).await? {
            return Err(Refused::conflict(format!(
                "Image status transition from {0} to {0} is not allowed",
                status.word()
            )));
        }
        drop(connection);
        Ok(Self {
            service: service.clone(),
            image,
            work,
            cap,
            length,
            wanted: None,
        })
    }

    /// The same upload, of bytes that must have this digest.
    pub(crate) fn wanting(mut self, wanted: Option<Digest>) -> Self {
        self.wanted = wanted;
        self
    }

    /// The image's id.
    pub(crate) fn image(&self) -> &str {
        &self.image.id
    }

    /// Takes the bytes in and makes the image active, or staged; on a task that goes on without the client.
    ///
    /// # Errors
    /// Whatever is wrong with the bytes or the place for them. The image is then as it was before.
    pub(crate) async fn run(self, body: Body) -> Result<(), Refused> {
        let (feed, fed) = intake::way();
        let cap = self.cap;
        let mut task = tokio::spawn(self.take_and_keep(fed));
        // Here, where the connection is served: so no piece has to change threads one by one.
        let done = tokio::select! {
            () = feed.all(body.into_data_stream(), cap) => task.await,
            done = &mut task => done,
        };
        match done {
            Ok(done) => done,
            Err(error) => Err(Refused::failed(&error)),
        }
    }

    /// Takes a stream in and keeps it.
    ///
    /// # Errors
    /// As [`Upload::run`].
    pub(crate) async fn stream<S, E>(self, bytes: S) -> Result<(), Refused>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let (feed, fed) = intake::way();
        let cap = self.cap;
        let mut taking = std::pin::pin!(self.take_and_keep(fed));
        tokio::select! {
            () = feed.all(bytes, cap) => taking.await,
            done = &mut taking => done,
        }
    }

    async fn take_and_keep(self, fed: mpsc::Receiver<Fed>) -> Result<(), Refused> {
        let done = match self.take(fed).await {
            Ok(taken) => self.keep(taken).await,
            Err(refused) => Err(refused),
        };
        match done {
            Ok(()) => Ok(()),
            Err(refused) => self.fail(refused).await,
        }
    }

    /// Makes the image active with the bytes that were staged for it.
    ///
    /// # Errors
    /// They are not what the image is to be.
    pub(crate) async fn staged(self) -> Result<(), Refused> {
        let Some(stage) = self.image.staged.clone() else {
            return self
                .fail(Refused::conflict("The image has no staged data."))
                .await;
        };
        let done = match (&stage.refusal, &self.wanted) {
            (Some(refusal), _) => Err(Refused::bad(refusal.clone())),
            (None, Some(wanted)) => {
                let digest = self.digest(&stage.hash, stage.size, wanted);
                match self.alive_while(digest).await {
                    Ok(found) => as_wanted(&found, wanted),
                    Err(error) => Err(Refused::from(&error)),
                }
            }
            (None, None) => Ok(()),
        };
        let done = match done {
            Ok(()) => self.point(stage).await,
            Err(refused) => Err(refused),
        };
        match done {
            Ok(()) => Ok(()),
            Err(refused) => self.fail(refused).await,
        }
    }

    /// The digest of bytes that are kept already.
    async fn digest(&self, hash: &str, size: u64, wanted: &Digest) -> Result<Digest, StoreError> {
        let mut content = self.service.store.get(hash, 0..size).await?;
        let mut hasher = disk::Hasher::new(wanted.algorithm());
        while let Some(piece) = content.next().await {
            hasher.update(&piece?);
        }
        Ok(hasher.finish())
    }

    /// Ends without success: the image goes back to where it was, and what was kept and staged for it is let go.
    ///
    /// # Errors
    /// The reason that was given.
    pub(crate) async fn fail(self, refused: Refused) -> Result<(), Refused> {
        self.service.metrics.refused.inc();
        // Who has waited for the database once does not wait for it again.
        if refused.is_databases() || !self.give_back().await {
            tokio::spawn(self.give_back_later());
        }
        Err(refused)
    }

    /// Gives everything back once the database is there again; if that takes too long, the collection does.
    async fn give_back_later(self) {
        for _ in 0..LATER {
            if self.give_back().await {
                return;
            }
            tokio::time::sleep(HEARTBEAT).await;
        }
        tracing::warn!(image = self.image.id, "left to the collection");
    }

    /// Gives everything back; false when the database does not let us.
    async fn give_back(&self) -> bool {
        let given = async {
            self.service.let_go(&self.work).await?;
            self.restore().await
        };
        given.await.unwrap_or_else(|error| {
            tracing::warn!(%error, image = self.image.id, "an image cannot be given back");
            false
        })
    }

    /// The bytes, while somebody is told that the upload is alive.
    async fn take(&self, fed: mpsc::Receiver<Fed>) -> Result<Taken, Refused> {
        let taking = intake::take(
            fed,
            &self.service.settings.spool,
            self.wanted.as_ref().map(Digest::algorithm),
        );
        let taken = tokio::select! {
            taken = taking => taken,
            gone = self.alive() => return Err(gone),
        };
        let taken = taken.map_err(|cut| refusal(cut, self.cap))?;
        if let Some(length) = self.length.filter(|length| *length != taken.size) {
            return Err(mismatch(length, taken.size));
        }
        Ok(taken)
    }

    /// Ends only when the image is no longer there for this upload.
    async fn alive(&self) -> Refused {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            match records::alive(&self.service.pool, &self.image.id, &self.work).await {
                Ok(false) => return self.gone(),
                Ok(true) => {}
                Err(error) => tracing::warn!(%error, "an upload cannot say that it is alive"),
            }
        }
    }

    /// Does some work, however long it takes, while somebody is told that the upload is alive. It is not broken off when the
    /// image is gone: what is half way into the store could be there after everything was taken back.
    async fn alive_while<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            done = &mut work => done,
            _gone = self.alive() => work.await,
        }
    }

    fn gone(&self) -> Refused {
        Refused::new(
            StatusCode::GONE,
            format!(
                "Image {} could not be found after upload. The image may have been deleted during the upload, cleaning \
                 up the chunks uploaded.",
                self.image.id
            ),
        )
    }

    async fn keep(&self, taken: Taken) -> Result<(), Refused> {
        if let (Some(found), Some(wanted)) = (&taken.wanted, &self.wanted) {
            as_wanted(found, wanted)?;
        }
        let judged = judge(&self.image, &taken);
        let (virtual_size, refusal) = match (self.image.status, judged) {
            (_, Ok(virtual_size)) => (virtual_size, None),
            // What is staged is not used yet; it is refused when it is to be.
            (Status::Uploading, Err(reasons)) => (None, Some(reasons)),
            (_, Err(reasons)) => {
                return Err(Refused::media_type("application/octet-stream", reasons));
            }
        };
        let data = Stage {
            hash: taken.hash.clone(),
            checksum: taken.checksum.clone(),
            size: taken.size,
            virtual_size,
            refusal,
        };
        let kept = self
            .alive_while(self.service.keep(&taken, &self.work))
            .await;
        self.service.metrics.stored.inc_by(taken.size);
        kept.map_err(unkept_refusal)?;
        self.point(data).await
    }

    /// Points the image at its bytes, and takes back the claim in the same transaction.
    async fn point(&self, data: Stage) -> Result<(), Refused> {
        for _ in 0..ATTEMPTS {
            let image = records::get(&self.service.pool, &self.image.id).await?;
            let Some(mut image) = image.filter(|image| image.work.as_ref() == Some(&self.work))
            else {
                return Err(self.gone());
            };
            if image.status == Status::Uploading {
                image.work = None;
                image.size = Some(data.size);
                image.staged = Some(data.clone());
            } else {
                image.activate(data.clone());
            }
            let mut transaction = database::begin(&self.service.pool).await?;
            if records::update(&mut transaction, &image).await? {
                stored::disclaim(&mut transaction, &self.work).await?;
                transaction.commit().await?;
                return Ok(());
            }
        }
        Err(Refused::conflict(
            "The image is changed by others all the time.",
        ))
    }

    /// Gives the image back to whoever wants to try again; false when others change it all the time.
    async fn restore(&self) -> Result<bool, sqlx::Error> {
        for _ in 0..ATTEMPTS {
            let image = records::get(&self.service.pool, &self.image.id).await?;
            let Some(mut image) = image.filter(|image| image.work.as_ref() == Some(&self.work))
            else {
                return Ok(true);
            };
            image.requeue(&self.service.settings.store);
            let mut connection = self.service.pool.acquire().await?;
            if records::update(&mut connection, &image).await? {
                drop(connection);
                if let Some(stage) = &self.image.staged {
                    self.service.release(&stage.hash).await;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }
}
