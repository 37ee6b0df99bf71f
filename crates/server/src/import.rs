//! An import at work: bytes from the web, or those that were staged; the reason of a failure stands in its task.

use std::sync::Arc;

use bytes::Bytes;
use disk::Digest;
use futures_util::{Stream, stream};
use net::{Client, Download, Options, Request};
use serde_json::json;
use url::Url;

use crate::api::{is_listed, may_fetch};
use crate::limits::ATTEMPTS;
use crate::records::image::IMPORT_TASK;
use crate::records::tasks::{self, Task};
use crate::records::{Image, Status};
use crate::refused::{Refused, whole};
use crate::service::{Service, Settings};
use crate::upload::Upload;

/// Where the bytes are.
pub(crate) enum Source {
    /// In the store already.
    Staged,
    /// At an address that the service may fetch.
    Web(Url),
}

/// An import that has reserved its image.
pub(crate) struct Import {
    service: Service,
    task: String,
    upload: Upload,
    source: Source,
}

impl Import {
    /// Reserves the image and writes the task down.
    ///
    /// # Errors
    /// Somebody else was faster; there is no room.
    pub(crate) async fn begin(
        service: &Service,
        mut image: Image,
        task: Task,
        source: Source,
        wanted: Option<Digest>,
    ) -> Result<Self, Refused> {
        tasks::add(&service.pool, &task).await?;
        image
            .properties
            .insert(IMPORT_TASK.to_owned(), json!(task.id));
        let upload = Upload::begin(service, image, Status::Importing, task.id.clone(), None).await;
        let upload = match upload {
            Ok(upload) => upload.wanting(wanted),
            Err(refused) => {
                tasks::set(&service.pool, &task.id, "failure", refused.reason(), None).await?;
                return Err(refused);
            }
        };
        Ok(Self {
            service: service.clone(),
            task: task.id,
            upload,
            source,
        })
    }

    /// Does it.
    pub(crate) async fn run(self) {
        let pool = self.service.pool.clone();
        let id = self.upload.image().to_owned();
        self.report("processing", "").await;
        let task = self.task.clone();
        let done = match self.source {
            Source::Staged => self.upload.staged().await,
            Source::Web(url) => web(&self.service, self.upload, &url).await,
        };
        let (status, message) = match &done {
            Ok(()) => ("success", String::new()),
            Err(refused) => ("failure", refused.reason().to_owned()),
        };
        tracing::info!(image = id, task, status, message, "an import has ended");
        let result = json!({ "image_id": id });
        let result = done.is_ok().then_some(&result);
        for _ in 0..ATTEMPTS {
            match tasks::set(&pool, &task, status, &message, result).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, task, "how an import ended is not written"),
            }
        }
    }

    async fn report(&self, status: &str, message: &str) {
        if let Err(error) = tasks::set(&self.service.pool, &self.task, status, message, None).await
        {
            tracing::warn!(%error, "how an import stands is not written");
        }
    }
}

async fn web(service: &Service, upload: Upload, url: &Url) -> Result<(), Refused> {
    match fetch(&service.settings, url).await {
        Ok(download) => upload.stream(pieces(download)).await,
        Err(error) => upload.fail(Refused::bad(whole(&error))).await,
    }
}

/// Begins a download. Where a redirect leads to is held to the rules of the first address: on a host that the operator
/// has named only to the same place, from elsewhere only to public addresses.
async fn fetch(settings: &Arc<Settings>, url: &Url) -> Result<Download, net::Error> {
    let listed = |settings: &Settings, url: &Url| {
        url.host_str().is_some_and(|host| is_listed(settings, host))
    };
    let private = listed(settings, url);
    let client = Client::new(&Options {
        private,
        ..Options::default()
    })?;
    let (rules, first) = (Arc::clone(settings), url.origin());
    let client = client.only(move |url| match private {
        true => url.origin() == first,
        false => may_fetch(&rules, url) && !listed(&rules, url),
    });
    client.download(Request::get(url.clone())).await
}

fn pieces(download: Download) -> impl Stream<Item = Result<Bytes, net::Error>> + Send {
    stream::try_unfold(download, |mut download| async move {
        let piece = download.chunk().await?;
        Ok(piece.map(|piece| (piece, download)))
    })
}
