//! Imports that the cloud fetches itself (`web-download`), for operators whose machine must not carry vendors' images. What
//! arrived is compared with what the vendor lists, and without that it never becomes ready.

use std::sync::Arc;
use std::time::Duration;

use cloud::Import as Method;
use delivery::{Imports, Made, Outcome, gate, offered};
use disk::inspect::Declared;
use disk::{Algorithm, Algorithms, Digest, Look, Meter, Source, Wanted};
use proof::{Claim, Code, Opened, Reason, Recorded};
use tokio::runtime::Handle;
use wire::image::Image;

use super::finish::{Facts, day, finish, taken_back};
use super::import::{Due, begun};
use super::site::At;
use super::{Apply, Ended, Error};
use crate::plan::Import;

impl Apply<'_> {
    /// Has each cloud fetch it.
    pub(super) async fn downloads(
        &self,
        import: &Import,
        group: Vec<Due<'_, '_>>,
        deadline: Duration,
    ) {
        let each = group.into_iter().map(|(at, index, step)| async move {
            let meter = Arc::<Meter>::default();
            self.begin(at, index, Some(&meter));
            let (id, ended) = match self.download(at, import, deadline, &meter).await {
                Ok(image) => {
                    at.imported(&step.definition, &image);
                    (Some(image.id), Ended::Done)
                }
                Err(error) => (None, Ended::Failed(error)),
            };
            self.end(at, index, step, id, ended);
        });
        futures_util::future::join_all(each).await;
    }

    async fn download(
        &self,
        at: &At<'_>,
        import: &Import,
        deadline: Duration,
        meter: &Arc<Meter>,
    ) -> Result<Image, Error> {
        let build = &import.build;
        let url = build.mirror.as_ref().unwrap_or(&build.url);
        let method = Method {
            uri: Some(url.to_string()),
            ..Method::default()
        };
        offered(at.site.glance, &method).await?;
        // A look at its first bytes: a cloud wants to know the format before it fetches.
        let (Opened { source, claim }, look) = self.opened(build).await?;
        drop(source);
        let format = fetchable(&look)?;
        let made = begun(at, import, format).await?;
        let watch = |image: &Image| {
            let size = image.size.unwrap_or_default();
            meter
                .file_read
                .store(size, std::sync::atomic::Ordering::Relaxed);
        };
        let imports = Imports {
            import: &method,
            deadline,
            watch: &watch,
        };
        let fetched = async {
            let image = self.unless_cancelled(made.settle(&imports)).await?;
            self.compared(&made, import, format, &claim, image).await
        };
        match fetched.await {
            Ok(image) => Ok(image),
            Err(error) => Err(taken_back(&made, error).await),
        }
    }

    /// Compares what arrived with what is listed, and makes it ready.
    async fn compared(
        &self,
        made: &Made<'_>,
        import: &Import,
        sent: &str,
        claim: &Claim,
        image: Image,
    ) -> Result<Image, Error> {
        let stored = image.disk_format.clone().unwrap_or_default();
        if stored != import.format.word() {
            let message = format!(
                "the cloud has stored it as {stored}, and the definition says {}",
                import.format
            );
            let hint = format!("`format: {stored}` in the definition, or no web-download");
            return Err(Error::Unknown(
                Reason::new(Code::StoredReencoded, message).hint(hint),
            ));
        }
        // A disk that was made raw is the vendor's raw disk, byte by byte. Of nothing else that was converted is anything listed.
        let listed = match stored == sent {
            true => [claim.listed(), &import.build.digests].concat(),
            false => claim.listed_disk().to_vec(),
        };
        let mut outcome = by_record(&image, &listed);
        if outcome.is_none() && (stored == sent || !listed.is_empty()) {
            outcome = Some(self.by_content(made, &image, &listed).await?);
        }
        let outcome = outcome.unwrap_or_else(|| {
            let message = format!(
                "the cloud has converted it to {stored}, and the vendor lists no digest of the disk that the cloud's could \
                 be compared with: nothing proves that it is the original"
            );
            let hint = "without web-download the bytes pass through this machine and are compared";
            Outcome::Unknown(Reason::new(Code::StoredReencoded, message).hint(hint))
        });
        let facts = Facts {
            digest: None,
            disk: None,
            day: claim
                .original
                .last_modified
                .as_deref()
                .and_then(day)
                .or(import.build.date),
        };
        finish(made, import, image, outcome, &facts).await
    }

    /// Compares the stored bytes, which are read back from the cloud.
    async fn by_content(
        &self,
        made: &Made<'_>,
        image: &Image,
        listed: &[Digest],
    ) -> Result<Outcome, Error> {
        let Some(digest) = listed.iter().max_by_key(|digest| digest.algorithm()) else {
            let message = format!(
                "nothing is listed that image {} could be compared with",
                image.id
            );
            return Ok(Outcome::Unknown(Reason::new(
                Code::ChecksumsUnlisted,
                message,
            )));
        };
        let download = made.glance().data(&image.id).await?;
        let source = Source::stream(download.into_reader(&Handle::current()), image.size);
        let wanted = Wanted {
            file: Algorithms::NONE.with(digest.algorithm()),
            whole: true,
            max_virtual_size: self.max_virtual_size,
            ..Wanted::default()
        };
        let (meter, cancel) = (Arc::<Meter>::default(), self.cancel.clone());
        let read = tokio::task::spawn_blocking(move || {
            disk::read(source, &wanted, disk::Ends::default(), &meter, &cancel)
        });
        let read = read.await;
        let read = read.map_err(|error| delivery::Broken::Crashed(error.to_string()))?;
        let read = read.map_err(|error| Error::Original(Reason::of_pass(&error)))?;
        let algorithm = digest.algorithm();
        Ok(match read.file.digests.get(algorithm) {
            Some(found) if found == digest => Outcome::Same(vec![algorithm.name()]),
            found => {
                let found = found.map_or_else(|| "none".to_owned(), ToString::to_string);
                Outcome::Different(vec![format!(
                    "{algorithm}: {digest} is listed, {found} is stored"
                )])
            }
        })
    }

    /// Waits for something, but not longer than the user does.
    async fn unless_cancelled<T>(
        &self,
        future: impl Future<Output = Result<T, delivery::Error>>,
    ) -> Result<T, Error> {
        let cancelled = async {
            while !self.cancel.is_cancelled() {
                tokio::time::sleep(LOOK_UP).await;
            }
        };
        tokio::select! {
            done = future => Ok(done?),
            () = cancelled => Err(Error::Interrupted),
        }
    }
}

/// How often it is looked whether the user wants an end.
const LOOK_UP: Duration = Duration::from_millis(50);

/// The format that a cloud is told; what it could not store as it is, or must not, is not fetched.
fn fetchable(look: &Look) -> Result<&'static str, Error> {
    if let Some(packing) = look.packings.first() {
        let message = format!(
            "the original is packed ({}), and a cloud does not unpack it",
            packing.name()
        );
        let hint = "without web-download it is unpacked here while it is sent";
        return Err(Error::Original(
            Reason::new(Code::FormatNotSupported, message).hint(hint),
        ));
    }
    let format = look.format.glance_name();
    gate::pass(&look.inspection, &Declared::bare(format))?;
    Ok(format)
}

/// Compares what the cloud has recorded with what is listed; `None` where they have no strong algorithm in common.
fn by_record(image: &Image, listed: &[Digest]) -> Option<Outcome> {
    let hash = Recorded::of(image).hash?;
    let strong = matches!(hash.algorithm(), Algorithm::Sha256 | Algorithm::Sha512);
    let same = |digest: &&Digest| strong && digest.algorithm() == hash.algorithm();
    let digest = listed.iter().find(same)?;
    let algorithm = hash.algorithm();
    Some(match *digest == hash {
        true => Outcome::Same(vec![algorithm.name()]),
        false => Outcome::Different(vec![format!(
            "{algorithm}: {digest} is listed, {hash} is recorded"
        )]),
    })
}
