//! Judging: what was recorded or stored beside what the original is. Pure; every number has been computed before.

use disk::{Algorithms, Contents, Layer, Reading, Wanted};
use wire::image::Image;

mod manifest;

pub use manifest::by_manifest;
pub(crate) use manifest::disagreement;

use crate::compare::{Sum, sum};
use crate::reason::{Code, Reason};
use crate::record::Recorded;
use crate::verdict::{Compared, Of, Outcome, Verdict};

/// Formats of disk image that hold a disk in another form, so that another file can hold the same disk.
const ENCODED: [&str; 7] = ["qcow2", "vmdk", "vhd", "vhdx", "vdi", "ploop", "qcow"];

/// The name of a layer in JSON and documentation.
#[must_use]
pub const fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::File => "file",
        Layer::Unpacked => "unpacked",
        Layer::Disk => "disk",
    }
}

/// What the image's stored bytes can be a copy of: stored raw they ought to be the disk, in any other format the file
/// as published or the file without its packing.
#[must_use]
pub fn layers(image: &Image) -> &'static [Layer] {
    if is_raw(image) {
        &[Layer::Disk]
    } else {
        &[Layer::File, Layer::Unpacked]
    }
}

/// The digests of the original that are needed to judge the image by its record.
#[must_use]
pub fn wanted(image: &Image) -> Wanted {
    let algorithms = Recorded::of(image).algorithms();
    if is_raw(image) {
        Wanted {
            disk: algorithms,
            ..Wanted::default()
        }
    } else {
        Wanted {
            file: algorithms,
            unpacked: algorithms,
            ..Wanted::default()
        }
    }
}

/// Everything that either wants; the smaller limit.
#[must_use]
pub fn both(one: &Wanted, other: &Wanted) -> Wanted {
    let union = |a: Algorithms, b: Algorithms| a.union(b);
    Wanted {
        file: union(one.file, other.file),
        unpacked: union(one.unpacked, other.unpacked),
        disk: union(one.disk, other.disk),
        whole: one.whole || other.whole,
        max_virtual_size: one
            .max_virtual_size
            .into_iter()
            .chain(other.max_virtual_size)
            .min(),
    }
}

/// Judges an image by what the cloud has recorded of it.
#[must_use]
pub fn by_record(mut verdict: Verdict, image: &Image, reading: &Reading) -> Verdict {
    let recorded = Recorded::of(image);
    if let Some(reason) = recorded.useless() {
        return verdict.undecided(reason);
    }
    let Some((layer, lines)) = best(image, &recorded, reading) else {
        let reason = Reason::new(
            Code::FormatNotSupported,
            "the original could not be decoded to a disk",
        );
        return verdict.undecided(reason);
    };
    let sum = sum(&lines);
    verdict.layer = Some(layer);
    verdict.compared = lines;
    remark_virtual_size(&mut verdict, &recorded, reading);
    if recorded.hash.is_none() {
        verdict
            .remarks
            .push("rests on MD5 alone, which is all that the cloud has recorded".to_owned());
        verdict.remarks.extend(
            recorded
                .unusable
                .as_ref()
                .map(|reason| reason.message.clone()),
        );
    }
    remark_footer(&mut verdict, image, layer);
    match sum {
        Sum::Same => verdict.identical(),
        Sum::Contradiction => verdict.undecided(contradiction(
            "what the cloud has recorded contradicts itself",
        )),
        Sum::Other if reencoded(image, reading) => {
            verdict.undecided(stored_reencoded(image, reading))
        }
        Sum::Other => {
            if layer == Layer::Disk
                && reading.disk.as_ref() != Some(&reading.file)
                && image.size == Some(reading.file.size)
            {
                let remark = "the stored size is that of the file as published: it may have been uploaded as `raw` \
                              without being converted";
                verdict.remarks.push(remark.to_owned());
            }
            verdict.different(Reason::new(
                Code::DigestsDiffer,
                "the recorded digests are not those of the original",
            ))
        }
    }
}

/// Judges an image by its stored bytes, which were read beside `layer` of the original, and by its record.
#[must_use]
pub fn by_content(mut verdict: Verdict, image: &Image, reading: &Reading, layer: Layer) -> Verdict {
    let Some(comparison) = &reading.comparison else {
        return verdict.undecided(Reason::new(
            Code::StoredUnavailable,
            "the stored bytes were not read",
        ));
    };
    let layer = beside(reading, layer, &comparison.stored);
    let recorded = Recorded::of(image);
    let mut lines = recorded.compare(&comparison.stored, Of::Stored);
    let stored = sum(&lines);
    if let Some(contents) = contents(reading, layer) {
        lines.extend(recorded.compare(contents, Of::Original));
    }
    verdict.layer = Some(layer);
    verdict.compared = lines;
    verdict.saw(&comparison.stored, &comparison.differences);
    remark_virtual_size(&mut verdict, &recorded, reading);
    remark_footer(&mut verdict, image, layer);
    let recorded_any = recorded.useless().is_none();
    if !comparison.differences.is_empty() {
        if recorded_any && stored != Sum::Same {
            let remark = "the stored bytes do not have the recorded digests either: they were changed after the upload";
            verdict.remarks.push(remark.to_owned());
        }
        return if reencoded(image, reading) {
            verdict.undecided(stored_reencoded(image, reading))
        } else {
            verdict.different(bytes_differ(&comparison.differences))
        };
    }
    if !recorded_any {
        verdict
            .remarks
            .push("the cloud has recorded no digest that could be compared".to_owned());
        return verdict.identical();
    }
    match stored {
        Sum::Same => verdict.identical(),
        _ => verdict.undecided(contradiction(
            "the stored bytes are the original's, but the cloud has recorded others",
        )),
    }
}

/// Judges a file or device that was read beside `layer` of the original. A block device of `device` bytes may be larger
/// than the disk on it.
#[must_use]
pub fn by_device(
    mut verdict: Verdict,
    reading: &Reading,
    layer: Layer,
    device: Option<u64>,
) -> Verdict {
    let Some(comparison) = &reading.comparison else {
        return verdict.undecided(Reason::new(
            Code::StoredUnavailable,
            "the stored bytes were not read",
        ));
    };
    verdict.layer = Some(beside(reading, layer, &comparison.stored));
    verdict.saw(&comparison.stored, &comparison.differences);
    let more = device.map_or(0, |len| len.saturating_sub(comparison.stored.size));
    if more > 0 {
        verdict.remarks.push(format!(
            "the device has {more} bytes behind the disk's end; they were not compared"
        ));
    }
    if comparison.differences.is_empty() {
        return verdict.identical();
    }
    verdict.different(bytes_differ(&comparison.differences))
}

/// The layer that fits the record best, with the comparison's lines.
fn best(image: &Image, recorded: &Recorded, reading: &Reading) -> Option<(Layer, Vec<Compared>)> {
    let whole = with_footer(reading).filter(|_| is_raw(image));
    let compared = layers(image).iter().chain(&whole).filter_map(|layer| {
        let contents = contents(reading, *layer)?;
        Some((*layer, recorded.compare(contents, Of::Original)))
    });
    compared.min_by_key(|(_, lines)| {
        let rank = match sum(lines) {
            Sum::Same => 0,
            Sum::Contradiction => 1,
            Sum::Other => 2,
        };
        // Of two that do not fit, the one of the right size is the one meant.
        (
            rank,
            lines
                .iter()
                .filter(|line| line.what == "size")
                .any(|line| !line.matches),
        )
    })
}

/// The layer that ends in the footer of a fixed VHD. Who takes that for a raw disk stores the footer too, and a machine sees
/// the same disk with 512 more bytes behind it (`docs/decisions/0006-fixed-vhd.md`).
fn with_footer(reading: &Reading) -> Option<Layer> {
    reading.footed.then_some(match &reading.unpacked {
        Some(_) => Layer::Unpacked,
        None => Layer::File,
    })
}

/// The layer that bytes beside the disk turned out to be a copy of: with its footer when they are longer than the disk.
fn beside(reading: &Reading, layer: Layer, stored: &Contents) -> Layer {
    let longer = reading
        .disk
        .as_ref()
        .is_some_and(|disk| stored.size > disk.size);
    match with_footer(reading) {
        Some(whole) if layer == Layer::Disk && longer => whole,
        _ => layer,
    }
}

/// The contents of a layer, as far as the pass computed it. Nothing packed: the unpacked file is the file.
fn contents(reading: &Reading, layer: Layer) -> Option<&Contents> {
    match layer {
        Layer::File => Some(&reading.file),
        Layer::Unpacked => reading.unpacked.as_ref(),
        Layer::Disk => reading.disk.as_ref(),
    }
}

/// Whether the bytes are recorded as the plain disk.
#[must_use]
pub fn is_raw(image: &Image) -> bool {
    let bare = image
        .container_format
        .as_deref()
        .is_none_or(|container| container == "bare");
    bare && image.disk_format.as_deref() == Some("raw")
}

/// Whether the cloud stores the image in an encoding that the original does not have, so that its bytes cannot be the
/// original's although its disk may be.
fn reencoded(image: &Image, reading: &Reading) -> bool {
    let stored = image.disk_format.as_deref().unwrap_or_default();
    ENCODED.contains(&stored) && stored != reading.format.glance_name()
}

fn stored_reencoded(image: &Image, reading: &Reading) -> Reason {
    let message = format!(
        "the cloud stores {} and the original is {}: their bytes cannot be compared",
        image.disk_format.as_deref().unwrap_or("another format"),
        reading.format.name()
    );
    Reason::new(Code::StoredReencoded, message).hint(
        "`openstack image save` it, then compare the disks: `ectype digest` prints both digests",
    )
}

fn contradiction(message: &str) -> Reason {
    Reason::new(Code::RecordContradictory, message)
}

fn bytes_differ(differences: &disk::Differences) -> Reason {
    let ranges = differences.ranges.len() as u64 + differences.more;
    let message = match differences.first() {
        Some(first) => format!(
            "the stored bytes differ from the original's, first at byte {first} ({} in {})",
            counted(differences.bytes, "byte"),
            counted(ranges, "range")
        ),
        None => "the stored bytes differ from the original's".to_owned(),
    };
    Reason::new(Code::BytesDiffer, message)
}

fn counted(number: u64, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

/// Stored raw, and a copy of the file and not of the disk in it.
fn remark_footer(verdict: &mut Verdict, image: &Image, layer: Layer) {
    if is_raw(image) && layer != Layer::Disk {
        let remark = "stored raw with the footer of a fixed VHD behind the disk";
        verdict.remarks.push(remark.to_owned());
    }
}

/// A virtual size says nothing about the stored bytes, so a wrong one is told and does not decide.
fn remark_virtual_size(verdict: &mut Verdict, recorded: &Recorded, reading: &Reading) {
    let (Some(size), Some(disk)) = (recorded.virtual_size, &reading.disk) else {
        return;
    };
    verdict.compared.push(Compared::sizes(
        "virtual_size",
        size,
        disk.size,
        Of::Original,
    ));
    if size != disk.size {
        verdict.remarks.push(format!(
            "the recorded virtual size is {size}, but the disk has {} bytes",
            disk.size
        ));
    }
}

/// Adds what may explain a difference: that the address names no single build, or changed after the image was made.
pub(crate) fn remark_newer(verdict: &mut Verdict) {
    if verdict.verdict != Outcome::Different {
        return;
    }
    let (Some(original), Some(image)) = (&verdict.original, &verdict.image) else {
        return;
    };
    let changed = original.last_modified.as_deref().and_then(http_date);
    let created = image
        .created_at
        .as_deref()
        .and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let mut remarks = Vec::new();
    if let Some(part) = &original.moving {
        remarks.push(format!(
            "`{part}` in the original's address names whatever is newest: the image may be a true copy of an older build"
        ));
    }
    if changed
        .zip(created)
        .is_some_and(|(changed, created)| changed > created)
    {
        remarks.push("the original was published after the image was made: it may be a copy of an older build".to_owned());
    }
    verdict.remarks.append(&mut remarks);
}

/// `Sun, 22 Nov 2026 20:00:00 GMT` (RFC 9110 §5.6.7).
fn http_date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
}
