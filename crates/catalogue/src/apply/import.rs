//! Imports: one original into every cloud that wants it, in one pass, and ready only when compared.

use std::sync::Arc;

use cloud::Door;
use delivery::{Broken, Delivered, Delivery, Made, Place};
use disk::{Algorithm, Meter};
use futures_util::future::join_all;
use jiff::civil::Date;
use proof::Code;
use serde_json::json;
use uuid::Uuid;
use wire::image::Image;

use super::finish::{Facts, day, finish, taken_back};
use super::original::{CONTAINER, Mark, Ready};
use super::site::At;
use super::{Apply, Bytes, Ended, Error};
use crate::plan::{Import, Step};

/// An import that one cloud waits for.
pub(super) type Due<'a, 'b> = (&'a At<'b>, usize, &'a Step);

impl Apply<'_> {
    /// Carries out the imports for one definition. Clouds that want the same are served together.
    pub(super) async fn imports(&self, due: Vec<Due<'_, '_>>) {
        let mut groups: Vec<(&Import, Vec<Due<'_, '_>>)> = Vec::new();
        for (at, index, step) in due {
            let Some(import) = step.import.as_ref().filter(|_| self.may(at, index, step)) else {
                continue;
            };
            let same =
                |other: &Import| other.build == import.build && other.format == import.format;
            match groups.iter_mut().find(|(other, _)| same(other)) {
                Some((_, group)) => group.push((at, index, step)),
                None => groups.push((import, vec![(at, index, step)])),
            }
        }
        for (import, group) in groups {
            match self.bytes {
                Bytes::Here => self.import(import, group).await,
                Bytes::Cloud { deadline } => self.downloads(import, group, deadline).await,
            }
        }
    }

    /// One pass; and another one, once, when the vendor was just publishing.
    async fn import(&self, import: &Import, group: Vec<Due<'_, '_>>) {
        let meter = Arc::<Meter>::default();
        for (at, index, _) in &group {
            self.begin(at, *index, Some(&meter));
        }
        let (mut ends, mark) = self.attempt(import, &group, &meter).await;
        let disagrees = |end: &Result<Image, Error>| matches!(end, Err(Error::Delivery(delivery::Error::Broken(Broken::Reason(reason)))) if reason.code == Code::ManifestDisagrees);
        if let Some(mark) = mark
            && ends.iter().all(disagrees)
            && self.mark(&import.build).await.is_ok_and(|now| now != mark)
        {
            ends = self.attempt(import, &group, &meter).await.0;
        }
        for ((at, index, step), end) in group.into_iter().zip(ends) {
            let (id, ended) = match end {
                Ok(image) => {
                    at.imported(&step.definition, &image);
                    (Some(image.id), Ended::Done)
                }
                Err(error) => (None, Ended::Failed(error)),
            };
            self.end(at, index, step, id, ended);
        }
    }

    /// The image in each cloud, or why there is none; and what the vendor's server said.
    async fn attempt(
        &self,
        import: &Import,
        group: &[Due<'_, '_>],
        meter: &Arc<Meter>,
    ) -> (Vec<Result<Image, Error>>, Option<Mark>) {
        let definition = group.first().map_or("", |(_, _, step)| &step.definition);
        let ready = match self.ready(definition, import, meter).await {
            Ok(ready) => ready,
            Err(error) => return (for_all(error, group.len()), None),
        };
        let mark = ready.mark.clone();
        (self.deliver(import, ready, group, meter).await, Some(mark))
    }

    async fn deliver(
        &self,
        import: &Import,
        ready: Ready,
        group: &[Due<'_, '_>],
        meter: &Arc<Meter>,
    ) -> Vec<Result<Image, Error>> {
        let (mut ends, mut made) = (Vec::new(), Vec::new());
        for (index, (at, _, _)) in group.iter().enumerate() {
            ends.push(match begun(at, import, ready.way.format).await {
                Ok(one) => {
                    made.push((index, one));
                    Err(Error::NoImage)
                }
                Err(error) => Err(error),
            });
        }
        if made.is_empty() {
            return ends;
        }
        let places: Vec<Place<'_>> = made.iter().map(|(_, made)| place(made)).collect();
        let delivery = Delivery {
            way: &ready.way,
            container: CONTAINER,
            max_virtual_size: self.max_virtual_size,
            patience: self.patience,
            door: Door::File,
            meter,
            cancel: self.cancel,
        };
        let again = async |_| -> Result<_, Error> {
            let definition = group.first().map_or("", |(_, _, step)| &step.definition);
            Ok(self.ready(definition, import, meter).await?.load)
        };
        let delivered = delivery.run(ready.load, again, &places).await;
        let day = ready.modified.as_deref().and_then(day);
        let finished = made
            .iter()
            .zip(delivered)
            .map(|((index, made), one)| async {
                let today = group.get(*index).map(|(at, _, _)| at.site.plan.day);
                let end = match one {
                    Ok(one) => delivered_to(made, import, one, day.or(today)).await,
                    Err(error) => Err(error),
                };
                let end = match end {
                    Ok(image) => Ok(image),
                    Err(error) => Err(taken_back(made, error).await),
                };
                (*index, end)
            });
        for (index, end) in join_all(finished).await {
            if let Some(slot) = ends.get_mut(index) {
                *slot = end;
            }
        }
        ends
    }
}

/// Makes the record: private, hidden, and marked as unfinished.
pub(super) async fn begun<'a>(
    at: &At<'a>,
    import: &Import,
    format: &str,
) -> Result<Made<'a>, Error> {
    let mut record = import.record.clone();
    record.insert("disk_format".to_owned(), json!(format));
    record.insert("id".to_owned(), json!(Uuid::new_v4().to_string()));
    let made = Made::new(at.site.glance, &record, false);
    match made.begin(&record, None).await {
        Ok(()) => Ok(made),
        Err(error) => Err(taken_back(&made, error.into()).await),
    }
}

fn place<'a>(made: &'a Made<'a>) -> Place<'a> {
    Place {
        made,
        store: None,
        imports: None,
    }
}

/// Makes an image ready whose bytes went through here, if they are in the cloud.
async fn delivered_to(
    made: &Made<'_>,
    import: &Import,
    delivered: Delivered,
    day: Option<Date>,
) -> Result<Image, Error> {
    let Delivered {
        sent,
        image,
        outcome,
    } = delivered;
    let facts = Facts {
        digest: sent.file().digests.get(Algorithm::Sha512),
        disk: sent.disk(),
        day,
    };
    finish(made, import, image, outcome, &facts).await
}

/// The same for several clouds.
fn for_all(error: Error, count: usize) -> Vec<Result<Image, Error>> {
    let error = Arc::new(error);
    let one = || Err(Error::Shared(Arc::clone(&error)));
    std::iter::repeat_with(one).take(count).collect()
}
