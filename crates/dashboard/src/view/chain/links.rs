//! The four links, each by a verdict where there is one and by the record where there is none.

use catalogue::plan::records;
use proof::{EvidencePart, ManifestPart, Outcome, Way};

use super::{Known, Link, PinnedKey, Sure};
use crate::view::words::short;

/// The rows of a link.
type Rows = Vec<(&'static str, String)>;

const NOBODY: &str = "nobody";

/// Who vouches for the original.
pub(super) fn key(known: &Known<'_>) -> Link {
    let evidence = known.verdict.and_then(|verdict| verdict.evidence.as_ref());
    let (sure, summary, rows, by) = match evidence {
        Some(evidence) => looked_up(known, evidence),
        None => claimed_key(known),
    };
    Link {
        title: "Vendor’s key",
        sure,
        summary,
        rows,
        by,
    }
}

/// What a verdict has found out of who vouches.
fn looked_up(known: &Known<'_>, evidence: &EvidencePart) -> (Sure, String, Rows, String) {
    let manifest = evidence.manifest.as_ref();
    let mut rows = Rows::new();
    if let Some(manifest) = manifest {
        rows.push(("Checksum file", manifest.address.clone()));
    }
    if let Some(signer) = manifest.and_then(|manifest| manifest.signature.signer.as_ref()) {
        let name = signer.key.clone().or_else(|| signer.key_file.clone());
        rows.push(("Key", name.unwrap_or_default()));
        rows.push(("Fingerprint", signer.fingerprint.clone()));
        rows.push(("Signed at", signer.made_at.clone()));
    }
    let standing = manifest.map_or("missing", |manifest| manifest.signature.standing);
    let (sure, summary) = match (evidence.class, standing) {
        ("signed", _) => (Sure::Proven, "signed by a key that is pinned here"),
        (_, "bad") => (Sure::Broken, "the signature is not good"),
        ("tls", _) => (
            Sure::Proven,
            "not signed; the vendor’s checksum file came over TLS",
        ),
        _ => (Sure::Unknown, evidence.text.as_str()),
    };
    let summary = summary.to_owned();
    rows.push(("In words", evidence.text.clone()));
    let at = known
        .verdict
        .map_or("", |verdict| verdict.checked_at.as_str());
    (sure, summary, rows, format!("looked up here, {at}"))
}

/// What the record claims of who vouches.
fn claimed_key(known: &Known<'_>) -> (Sure, String, Rows, String) {
    let signer = known.record(records::SIGNER);
    let class = known.record(records::EVIDENCE);
    let mut summary = match class {
        "" => {
            let summary = "the record does not say who vouches for the original".to_owned();
            return (Sure::Unknown, summary, Rows::new(), NOBODY.to_owned());
        }
        "signed" => "signed by the vendor".to_owned(),
        "tls" => "the vendor’s checksum file came over TLS, unsigned".to_owned(),
        "pinned" => "the digest stands in the operator’s definition".to_owned(),
        _ => "nothing vouches for the original".to_owned(),
    };
    let mut rows = vec![("Evidence", class.to_owned())];
    let mut sure = Sure::Claimed;
    if !signer.is_empty() {
        rows.push(("Fingerprint", signer.to_owned()));
        match known.pinned(signer) {
            Some(PinnedKey { name, of_another }) => {
                summary = format!("signed by the key {name}");
                if let Some(family) = of_another {
                    // The record contradicts itself: whoever wrote it is not to be relied on.
                    sure = Sure::Unknown;
                    summary.push_str(", which is none of ");
                    summary.push_str(&family);
                }
                rows.push(("Key", name));
            }
            None => rows.push(("Key", "not one that is pinned here".to_owned())),
        }
    }
    (sure, summary, rows, known.claimant())
}

/// The original as published.
pub(super) fn file(known: &Known<'_>) -> Link {
    let original = known.verdict.and_then(|verdict| verdict.original.as_ref());
    let manifest = known
        .verdict
        .and_then(|verdict| verdict.evidence.as_ref())
        .and_then(|evidence| evidence.manifest.as_ref());
    let read = original.and_then(|original| original.file.as_ref());
    let mut rows = Rows::new();
    for (title, name) in [
        ("Original", "image_source"),
        ("Recorded", records::FILE_DIGEST),
    ] {
        let text = known.record(name);
        if !text.is_empty() {
            rows.push((title, text.to_owned()));
        }
    }
    if let Some(file) = read {
        rows.push(("Read", format!("{} bytes", file.size)));
        rows.extend(file.digests.iter().map(|(name, hex)| (*name, hex.clone())));
    }
    let (sure, summary, by) = match (manifest, read) {
        (Some(manifest), _) => {
            let listed = manifest.digests.iter();
            rows.extend(listed.map(|(name, hex)| ("Listed", format!("{name}:{hex}"))));
            let (sure, summary) = listed_file(known, manifest);
            let by = "the original and the checksum file, compared here".to_owned();
            (sure, summary.to_owned(), by)
        }
        (None, Some(file)) => {
            let strongest = file.digests.iter().next_back();
            let digest =
                strongest.map_or_else(String::new, |(name, hex)| format!("{name} {}", short(hex)));
            (
                Sure::Unknown,
                format!("the original was read; no checksum file lists it ({digest})"),
                "computed here over the bytes as published".to_owned(),
            )
        }
        (None, None) => claimed_file(known),
    };
    Link {
        title: "File digest",
        sure,
        summary,
        rows,
        by,
    }
}

/// What it means that a checksum file lists the original.
fn listed_file(known: &Known<'_>, manifest: &ManifestPart) -> (Sure, &'static str) {
    let way = known.verdict.and_then(|verdict| verdict.way);
    let without = matches!(way, Some(Way::Listed | Way::Remembered));
    let vouched = known
        .verdict
        .and_then(|verdict| verdict.evidence.as_ref())
        .is_some_and(|evidence| evidence.class != "none");
    match manifest.agrees {
        Some(false) => (
            Sure::Broken,
            "the original is not what the vendor’s checksum file lists",
        ),
        _ if !vouched => (
            Sure::Unknown,
            "it is in a checksum file that nobody vouches for",
        ),
        Some(true) => (
            Sure::Proven,
            "the original is what the vendor’s checksum file lists",
        ),
        None if without => (
            Sure::Proven,
            "taken from the vendor’s checksum file; the original was not read again",
        ),
        None => (Sure::Unknown, "the original has not been read to its end"),
    }
}

/// What the record claims of the original.
fn claimed_file(known: &Known<'_>) -> (Sure, String, String) {
    let digest = known.record(records::FILE_DIGEST).split_once(':');
    match (digest, known.record("image_source")) {
        (Some((name, hex)), _) => (
            Sure::Claimed,
            format!("{name} {} of the file as published", short(hex)),
            known.claimant(),
        ),
        (None, "") => (
            Sure::Unknown,
            "the record names no original".to_owned(),
            NOBODY.to_owned(),
        ),
        (None, "private") => (
            Sure::Unknown,
            "the original is private".to_owned(),
            known.claimant(),
        ),
        (None, _) => (
            Sure::Claimed,
            "the record names the original, not its digest".to_owned(),
            known.claimant(),
        ),
    }
}

/// What the original decodes to.
pub(super) fn disk(known: &Known<'_>) -> Link {
    let raw = known.image.disk_format.as_deref() == Some("raw");
    let read = known
        .verdict
        .and_then(|verdict| verdict.original.as_ref())
        .and_then(|original| original.disk.as_ref());
    let listed = known.verdict.and_then(|verdict| verdict.way) == Some(Way::Listed);
    let mut rows = Rows::new();
    let undecoded = "nobody: the original has not been decoded here";
    let (sure, summary, by) = match read {
        Some(disk) => {
            rows.push(("Disk", format!("{} bytes", disk.size)));
            rows.extend(disk.digests.iter().map(|(name, hex)| (*name, hex.clone())));
            let strongest = disk.digests.iter().next_back();
            let summary = strongest.map_or_else(
                || "the original was decoded".to_owned(),
                |(name, hex)| format!("{name} {} of the disk in the original", short(hex)),
            );
            let by = "decoded and computed here, from the original";
            (Sure::Proven, summary, by)
        }
        None if listed && raw => (
            Sure::Proven,
            "the vendor lists the digest of the disk itself".to_owned(),
            "the vendor’s checksum file, read here",
        ),
        None if raw => (
            Sure::Unknown,
            "it would be the stored digest if the image is a true copy".to_owned(),
            undecoded,
        ),
        None => (
            Sure::Unknown,
            "not needed: the file is stored as it was published".to_owned(),
            undecoded,
        ),
    };
    Link {
        title: "Disk digest",
        sure,
        summary,
        rows,
        by: by.to_owned(),
    }
}

/// What the cloud has recorded of its stored bytes.
pub(super) fn stored(known: &Known<'_>) -> Link {
    let (digest, rows) = recorded(known);
    let here = "the cloud’s record compared with the original, here";
    let (sure, summary, by) = match known.outcome() {
        _ if digest.is_empty() => (
            Sure::Unknown,
            "the cloud has recorded no digest".to_owned(),
            NOBODY.to_owned(),
        ),
        Some(Outcome::Identical) => (
            Sure::Proven,
            format!("{digest} is that of the original"),
            format!("{here}. Not proven: that the stored bytes still have it"),
        ),
        Some(Outcome::Different) => (
            Sure::Broken,
            format!("{digest} is not that of the original"),
            here.to_owned(),
        ),
        _ => (
            Sure::Recorded,
            format!("{digest} of the stored bytes"),
            "computed by the image service when it stored the bytes; not compared with the original here"
                .to_owned(),
        ),
    };
    Link {
        title: "Stored digest",
        sure,
        summary,
        rows,
        by,
    }
}

/// The recorded digest, shortened, and everything that is recorded.
fn recorded(known: &Known<'_>) -> (String, Rows) {
    let image = known.image;
    let mut rows = Rows::new();
    let pair = image
        .os_hash_algo
        .as_ref()
        .zip(image.os_hash_value.as_ref());
    if let Some((name, hex)) = pair {
        rows.push(("os_hash_value", format!("{name}:{hex}")));
    }
    if let Some(md5) = &image.checksum {
        rows.push(("checksum (MD5)", md5.clone()));
    }
    if let Some(bytes) = image.size {
        rows.push(("Stored bytes", bytes.to_string()));
    }
    if let Some(verdict) = known.verdict {
        let differing = verdict.compared.iter().filter(|line| !line.matches);
        rows.extend(differing.filter_map(|line| {
            let found = line.found.as_ref()?;
            Some(("Expected", format!("{} {found}", line.what)))
        }));
    }
    let digest = match (pair, &image.checksum) {
        (Some((name, hex)), _) => format!("{name} {}", short(hex)),
        (None, Some(md5)) => format!("md5 {}", short(md5)),
        (None, None) => String::new(),
    };
    (digest, rows)
}
