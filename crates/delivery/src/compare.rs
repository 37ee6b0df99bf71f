//! Whether a cloud has what was sent.

use disk::Algorithm;
use proof::{Code, Reason, Recorded};
use wire::image::Image;

use crate::send::Sent;
use crate::way::Way;

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The same, and by which digests that is known (none: only by the size).
    Same(Vec<&'static str>),
    /// Not the same; a line for each thing that differs.
    Different(Vec<String>),
    /// Nothing is known.
    Unknown(Reason),
}

/// Compares what the cloud has recorded with what was sent.
#[must_use]
pub fn stored(image: &Image, way: &Way, sent: &Sent) -> Outcome {
    let mut recorded = Recorded::of(image);
    if recorded
        .hash
        .as_ref()
        .is_some_and(|hash| hash.algorithm() == Algorithm::Sha1)
    {
        // SHA-1 is not computed of what is sent; the MD5 beside it is.
        recorded.hash = None;
    }
    let format = image.disk_format.as_deref().unwrap_or(way.format);
    let contents = match (&sent.reading.disk, format == way.format) {
        (_, true) => &sent.contents,
        // The cloud has converted it on its way in.
        (Some(disk), false) if format == "raw" && way.holds(disk.size) => disk,
        _ => {
            let message = format!(
                "the cloud has converted image {} from {} to {format}, so that its digests cannot be compared",
                image.id, way.format
            );
            return Outcome::Unknown(Reason::new(Code::StoredReencoded, message));
        }
    };
    let wrong = recorded.wrong(contents, "were sent");
    if !wrong.is_empty() {
        return Outcome::Different(wrong);
    }
    let by = recorded.hash.iter().chain(&recorded.md5);
    Outcome::Same(by.map(|digest| digest.algorithm().name()).collect())
}
