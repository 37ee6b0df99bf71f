//! Ways to an answer that need no download: the vendor's own digest of the raw disk, and what an earlier pass found.
//!
//! They only ever say `identical`. Everything else is said by a pass over the original.

use disk::Wanted;
use origin::Cache;
use origin::beside::{self, Found};
use origin::manifest::Size;
use wire::image::Image;

use crate::judge::is_raw;
use crate::original::Known;
use crate::record::Recorded;
use crate::remember;
use crate::verdict::{Compared, Of, Verdict, Way};

/// The verdict, when the checksum file lists the raw disk and the cloud has recorded that very digest.
pub(crate) fn by_listing(mut verdict: Verdict, image: &Image, found: &Found) -> Option<Verdict> {
    let raw = found.listing.raw.as_ref()?;
    let recorded = Recorded::of(image);
    let hash = recorded.hash.as_ref().filter(|_| is_raw(image))?;
    if !beside::is_strong(hash.algorithm()) || !raw.digests.contains(hash) {
        return None;
    }
    verdict.compared.push(Compared {
        what: "os_hash_value",
        algorithm: Some(hash.algorithm().name()),
        recorded: hash.to_string(),
        found: Some(hash.to_string()),
        of: Of::Original,
        matches: true,
    });
    if let (Some(size), Some(Size::Exact(listed))) = (recorded.size, raw.size) {
        if size != listed {
            return None;
        }
        let line = Compared::sizes("size", size, listed, Of::Original);
        verdict.compared.push(line);
    }
    verdict.remarks.push(format!(
        "the original was not downloaded: {} lists the disk itself, as {} (`--full` downloads it)",
        found.address.name(),
        raw.name.as_deref().unwrap_or("a raw file")
    ));
    verdict.layer = Some(disk::Layer::Disk);
    verdict.way = Some(Way::Listed);
    Some(verdict.identical())
}

/// What an earlier pass found over the very file that the checksum file lists, if that is all that is wanted.
pub(crate) fn recall(known: &Known, wanted: &Wanted, cache: &Cache) -> Option<disk::Reading> {
    let mut wanted = *wanted;
    wanted.file = wanted.file.union(known.algorithms());
    let len = known.source.len()?;
    let reading = remember::recall(cache, &known.found()?.listing.digests, len, &wanted)?;
    let size = reading.disk.as_ref().map(|disk| disk.size);
    let limit = wanted
        .max_virtual_size
        .unwrap_or(disk::limits::MAX_VIRTUAL_SIZE);
    size.is_none_or(|size| size <= limit).then_some(reading)
}

/// What is said of a verdict that rests on an earlier pass.
pub(crate) fn remark_recalled(verdict: &mut Verdict) {
    verdict.way = Some(Way::Remembered);
    verdict.remarks.push(
        "the original was not downloaded: a file of the digest that the vendor lists was read by an earlier run \
         (`--full` downloads it)"
            .to_owned(),
    );
}
