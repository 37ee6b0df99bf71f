//! Imports: one original into every cloud that wants it, in one pass, and ready only when compared.

use std::sync::Arc;

use cloud::{Door, Op};
use delivery::{Broken, CleanedUp, Delivered, Delivery, Made, Outcome, Place, Sent, gib};
use disk::{Algorithm, Meter};
use futures_util::future::join_all;
use jiff::civil::Date;
use proof::{Code, Kind, Reason};
use serde_json::json;
use uuid::Uuid;
use wire::image::Image;

use super::original::{CONTAINER, Mark, Ready};
use super::site::At;
use super::{Apply, Ended, Error};
use crate::digests;
use crate::plan::{Import, State, Step, records};

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
            self.import(import, group).await;
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
            ends.push(match begun(at, import).await {
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
                    Ok(one) => finish(made, import, one, day.or(today)).await,
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
async fn begun<'a>(at: &At<'a>, import: &Import) -> Result<Made<'a>, Error> {
    let mut record = import.record.clone();
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

/// Marks an image as ready that has been compared, and says of it what only its bytes told.
async fn finish(
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
    let id = image.id.clone();
    match outcome {
        Outcome::Same(by) if by.is_empty() => {
            let message = format!("the cloud has recorded no digest of image {id}");
            return Err(Error::Unknown(Reason::new(Code::NoDigestRecorded, message)));
        }
        Outcome::Same(_) => {}
        Outcome::Different(lines) => return Err(Error::Different { id, lines }),
        Outcome::Unknown(reason) => return Err(Error::Unknown(reason)),
    }
    let ops = readying(import, &image, &sent, day);
    match made.glance().patch(&id, &ops).await {
        Ok(image) => Ok(image),
        Err(error @ cloud::Error::Net(_)) => match made.glance().show(&id).await {
            Ok(Some(image)) if image.property(records::STATE) == Some(State::Ready.word()) => {
                Ok(image)
            }
            _ => Err(error.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// What makes a compared image ready.
fn readying(import: &Import, image: &Image, sent: &Sent, day: Option<Date>) -> Vec<Op> {
    let mut ops = vec![Op::Add(
        records::STATE.to_owned(),
        json!(State::Ready.word()),
    )];
    if let (None, Some(digest)) = (
        import.record.get(records::FILE_DIGEST),
        sent.file().digests.get(Algorithm::Sha512),
    ) {
        let text = digests::text(digest);
        ops.push(Op::Add(records::FILE_DIGEST.to_owned(), json!(text)));
    }
    if let (None, Some(day)) = (import.record.get("image_build_date"), day) {
        ops.push(Op::Add(
            "image_build_date".to_owned(),
            json!(day.to_string()),
        ));
    }
    let disk = image.virtual_size.filter(|size| *size > 0);
    if let Some(least) = disk
        .or(sent.disk())
        .map(gib)
        .filter(|least| *least > image.min_disk)
    {
        ops.push(Op::Replace("min_disk".to_owned(), json!(least)));
    }
    ops
}

/// Deletes what was begun.
async fn taken_back(made: &Made<'_>, error: Error) -> Error {
    let error = match error {
        Error::Delivery(delivery::Error::Broken(Broken::Reason(reason)))
            if reason.kind == Kind::Interrupted =>
        {
            Error::Interrupted
        }
        other => other,
    };
    let CleanedUp::Left(why) = made.clean_up().await else {
        return error;
    };
    let why = why.map(|why| why.to_string());
    Error::Left {
        error: Box::new(error),
        id: made.id().to_owned(),
        why: why.unwrap_or_else(|| "the cloud did not answer in time".to_owned()),
    }
}

/// The day of an HTTP date.
fn day(modified: &str) -> Option<Date> {
    let time = jiff::fmt::rfc2822::parse(modified).ok()?;
    Some(time.with_time_zone(jiff::tz::TimeZone::UTC).date())
}

/// The same for several clouds.
fn for_all(error: Error, count: usize) -> Vec<Result<Image, Error>> {
    let error = Arc::new(error);
    let one = || Err(Error::Shared(Arc::clone(&error)));
    std::iter::repeat_with(one).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_server_is_read() {
        // The example of RFC 9110, section 5.6.7.
        let expected = jiff::civil::date(1994, 11, 6);
        assert_eq!(day("Sun, 06 Nov 1994 08:49:37 GMT"), Some(expected));
        assert_eq!(day("yesterday"), None);
    }
}
