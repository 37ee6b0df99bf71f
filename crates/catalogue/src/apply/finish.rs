//! The end of an import: ready when compared, and taken back otherwise.

use cloud::Op;
use delivery::{Broken, CleanedUp, Made, Outcome, gib};
use disk::Digest;
use jiff::civil::Date;
use proof::{Code, Kind, Reason};
use serde_json::json;
use wire::image::Image;

use super::Error;
use crate::digests;
use crate::plan::{Import, State, records};

/// What is known of an original once its bytes were read, for where the plan did not know it.
pub(super) struct Facts<'a> {
    /// The file digest.
    pub(super) digest: Option<&'a Digest>,
    /// The bytes of the disk.
    pub(super) disk: Option<u64>,
    /// The day of the build.
    pub(super) day: Option<Date>,
}

/// Marks an image as ready that has been compared, and says of it what only its bytes told.
pub(super) async fn finish(
    made: &Made<'_>,
    import: &Import,
    image: Image,
    outcome: Outcome,
    facts: &Facts<'_>,
) -> Result<Image, Error> {
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
    let ops = readying(import, &image, facts);
    match made.glance().patch(&id, &ops).await {
        Ok(image) => Ok(image),
        // The answer was lost. What the record says then decides.
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
fn readying(import: &Import, image: &Image, facts: &Facts<'_>) -> Vec<Op> {
    let state = json!(State::Ready.word());
    let mut ops = vec![Op::Add(records::STATE.to_owned(), state)];
    let mut unless_known = |name: &str, value: Option<String>| {
        if let (None, Some(value)) = (import.record.get(name), value) {
            ops.push(Op::Add(name.to_owned(), json!(value)));
        }
    };
    unless_known(records::FILE_DIGEST, facts.digest.map(digests::text));
    unless_known("image_build_date", facts.day.map(|day| day.to_string()));
    let disk = image.virtual_size.filter(|size| *size > 0).or(facts.disk);
    let least = disk.map(gib).filter(|least| *least > image.min_disk);
    if let Some(least) = least {
        ops.push(Op::Replace("min_disk".to_owned(), json!(least)));
    }
    ops
}

/// Deletes what was begun.
pub(super) async fn taken_back(made: &Made<'_>, error: Error) -> Error {
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
pub(super) fn day(modified: &str) -> Option<Date> {
    let time = jiff::fmt::rfc2822::parse(modified).ok()?;
    Some(time.with_time_zone(jiff::tz::TimeZone::UTC).date())
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
