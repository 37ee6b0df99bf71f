//! The four links.

use catalogue::plan::records;
use proof::{Outcome, Way};

use super::{Known, Link, Sure};
use crate::view::words::short;

/// Who vouches for the original.
pub(super) fn key(known: &Known<'_>) -> Link {
    let title = "Vendor’s key";
    let evidence = known.verdict.and_then(|verdict| verdict.evidence.as_ref());
    if let Some(evidence) = evidence {
        let manifest = evidence.manifest.as_ref();
        let mut rows = Vec::new();
        if let Some(manifest) = manifest {
            rows.push(("Checksum file", manifest.address.clone()));
        }
        let signer = manifest.and_then(|manifest| manifest.signature.signer.as_ref());
        if let Some(signer) = signer {
            let name = signer.key.clone().or_else(|| signer.key_file.clone());
            rows.push(("Key", name.unwrap_or_default()));
            rows.push(("Fingerprint", signer.fingerprint.clone()));
            rows.push(("Signed at", signer.made_at.clone()));
        }
        let standing = manifest.map_or("missing", |manifest| manifest.signature.standing);
        let (sure, summary) = match (evidence.class, standing) {
            ("signed", _) => (
                Sure::Proven,
                "signed by a key that is pinned here".to_owned(),
            ),
            (_, "bad") => (Sure::Broken, "the signature is not good".to_owned()),
            ("tls", _) => (
                Sure::Proven,
                "not signed; the vendor’s checksum file came over TLS".to_owned(),
            ),
            _ => (Sure::Unknown, evidence.text.clone()),
        };
        rows.push(("In words", evidence.text.clone()));
        let by = format!(
            "looked up here, {}",
            known.verdict.map_or("", |verdict| &verdict.checked_at)
        );
        return Link {
            title,
            sure,
            summary,
            rows,
            by,
        };
    }
    let signer = known.record(records::SIGNER);
    let class = known.record(records::EVIDENCE);
    if class.is_empty() {
        return Link {
            title,
            sure: Sure::Unknown,
            summary: "the record does not say who vouches for the original".to_owned(),
            rows: Vec::new(),
            by: "nobody".to_owned(),
        };
    }
    let mut rows = vec![("Evidence", class.to_owned())];
    let mut summary = match class {
        "signed" => "signed by the vendor".to_owned(),
        "tls" => "the vendor’s checksum file came over TLS, unsigned".to_owned(),
        "pinned" => "the digest stands in the operator’s definition".to_owned(),
        _ => "nothing vouches for the original".to_owned(),
    };
    if !signer.is_empty() {
        rows.push(("Fingerprint", signer.to_owned()));
        match known.pinned(signer) {
            Some(name) => {
                summary = format!("signed by the key {name}");
                rows.push(("Key", name));
            }
            None => rows.push(("Key", "not one that is pinned here".to_owned())),
        }
    }
    Link {
        title,
        sure: Sure::Claimed,
        summary,
        rows,
        by: known.claimant(),
    }
}

/// The original as published.
pub(super) fn file(known: &Known<'_>) -> Link {
    let title = "File digest";
    let original = known.verdict.and_then(|verdict| verdict.original.as_ref());
    let manifest = known
        .verdict
        .and_then(|verdict| verdict.evidence.as_ref())
        .and_then(|evidence| evidence.manifest.as_ref());
    let claimed = known.record(records::FILE_DIGEST);
    let source = known.record("image_source");
    let mut rows = Vec::new();
    if !source.is_empty() {
        rows.push(("Original", source.to_owned()));
    }
    if !claimed.is_empty() {
        rows.push(("Recorded", claimed.to_owned()));
    }
    let read = original.and_then(|original| original.file.as_ref());
    if let Some(file) = read {
        rows.push(("Read", format!("{} bytes", file.size)));
        rows.extend(file.digests.iter().map(|(name, hex)| (*name, hex.clone())));
    }
    if let Some(manifest) = manifest {
        let listed = manifest.digests.iter();
        rows.extend(listed.map(|(name, hex)| ("Listed", format!("{name}:{hex}"))));
        let way = known.verdict.and_then(|verdict| verdict.way);
        let same = way == Some(Way::Listed) || way == Some(Way::Remembered);
        let vouched = known
            .verdict
            .and_then(|verdict| verdict.evidence.as_ref())
            .is_some_and(|evidence| evidence.class != "none");
        let (sure, summary) = match manifest.agrees {
            Some(true) | None if !vouched => (
                Sure::Unknown,
                "it is in a checksum file that nobody vouches for",
            ),
            Some(true) => (
                Sure::Proven,
                "the original is what the vendor’s checksum file lists",
            ),
            Some(false) => (
                Sure::Broken,
                "the original is not what the vendor’s checksum file lists",
            ),
            None if same => (
                Sure::Proven,
                "taken from the vendor’s checksum file; the original was not read again",
            ),
            None => (Sure::Unknown, "the original has not been read to its end"),
        };
        let by = "the original and the checksum file, compared here".to_owned();
        return Link {
            title,
            sure,
            summary: summary.to_owned(),
            rows,
            by,
        };
    }
    if let Some(file) = read {
        let hex = file.digests.iter().next_back();
        let summary = format!(
            "the original was read; no checksum file lists it ({})",
            hex.map_or_else(String::new, |(name, hex)| format!("{name} {}", short(hex)))
        );
        let by = "computed here over the bytes as published".to_owned();
        return Link {
            title,
            sure: Sure::Unknown,
            summary,
            rows,
            by,
        };
    }
    let digest = claimed.split_once(':');
    let (sure, summary, by) = match (digest, source) {
        (Some((name, hex)), _) => (
            Sure::Claimed,
            format!("{name} {} of the file as published", short(hex)),
            known.claimant(),
        ),
        (None, "") => (
            Sure::Unknown,
            "the record names no original".to_owned(),
            "nobody".to_owned(),
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
    };
    Link {
        title,
        sure,
        summary,
        rows,
        by,
    }
}

/// What the original decodes to.
pub(super) fn disk(known: &Known<'_>) -> Link {
    let title = "Disk digest";
    let raw = known.image.disk_format.as_deref() == Some("raw");
    let read = known
        .verdict
        .and_then(|verdict| verdict.original.as_ref())
        .and_then(|original| original.disk.as_ref());
    if let Some(disk) = read {
        let mut rows = vec![("Disk", format!("{} bytes", disk.size))];
        rows.extend(disk.digests.iter().map(|(name, hex)| (*name, hex.clone())));
        let strongest = disk.digests.iter().next_back();
        let summary = strongest.map_or_else(
            || "the original was decoded".to_owned(),
            |(name, hex)| format!("{name} {} of the disk in the original", short(hex)),
        );
        let by = "decoded and computed here, from the original".to_owned();
        return Link {
            title,
            sure: Sure::Proven,
            summary,
            rows,
            by,
        };
    }
    let listed = known.verdict.and_then(|verdict| verdict.way) == Some(Way::Listed);
    let (sure, summary, by) = match (listed && raw, raw) {
        (true, _) => (
            Sure::Proven,
            "the vendor lists the digest of the disk itself",
            "the vendor’s checksum file, read here",
        ),
        (_, true) => (
            Sure::Unknown,
            "it would be the stored digest if the image is a true copy",
            "nobody: the original has not been decoded here",
        ),
        (_, false) => (
            Sure::Unknown,
            "not needed: the file is stored as it was published",
            "nobody: the original has not been decoded here",
        ),
    };
    Link {
        title,
        sure,
        summary: summary.to_owned(),
        rows: Vec::new(),
        by: by.to_owned(),
    }
}

/// What the cloud has recorded of its stored bytes.
pub(super) fn stored(known: &Known<'_>) -> Link {
    let title = "Stored digest";
    let image = known.image;
    let mut rows = Vec::new();
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
            Some((
                "Expected",
                format!("{} {}", line.what, line.found.as_ref()?),
            ))
        }));
    }
    let digest = match pair {
        Some((name, hex)) => format!("{name} {}", short(hex)),
        None => image
            .checksum
            .as_ref()
            .map_or_else(String::new, |md5| format!("md5 {}", short(md5))),
    };
    let (sure, summary, by) = match known.outcome() {
        _ if digest.is_empty() => (
            Sure::Unknown,
            "the cloud has recorded no digest".to_owned(),
            "nobody".to_owned(),
        ),
        Some(Outcome::Identical) => (
            Sure::Proven,
            format!("{digest} is that of the original"),
            "the cloud’s record compared with the original, here. Not proven: that the stored bytes still have it".to_owned(),
        ),
        Some(Outcome::Different) => (
            Sure::Broken,
            format!("{digest} is not that of the original"),
            "the cloud’s record compared with the original, here".to_owned(),
        ),
        _ => (
            Sure::Recorded,
            format!("{digest} of the stored bytes"),
            "computed by the image service when it stored the bytes; not compared with the original here".to_owned(),
        ),
    };
    Link {
        title,
        sure,
        summary,
        rows,
        by,
    }
}
