//! For people: the checksum file that lists the original, and who signed it.

use proof::{EvidencePart, SignerPart, Verdict};

use super::shortened;

pub(super) fn checksum(verdict: &Verdict, evidence: &EvidencePart) -> String {
    let Some(manifest) = &evidence.manifest else {
        return evidence.text.clone();
    };
    // The map is sorted by name, so that of md5, sha1, sha256 and sha512 the strongest is last.
    let Some((algorithm, digest)) = manifest.digests.iter().next_back() else {
        return evidence.text.clone();
    };
    let file = manifest.address.rsplit('/').next().unwrap_or_default();
    let digest = shortened(digest);
    let local = !manifest.address.contains("://");
    let way = match evidence.class {
        _ if local => "a local file",
        _ if manifest.address.starts_with("https:") && evidence.class != "none" => "over TLS",
        _ => "over plain HTTP",
    };
    let weak = if matches!(*algorithm, "md5" | "sha1") {
        format!("; {algorithm} can be forged")
    } else {
        String::new()
    };
    match manifest.agrees {
        Some(true) => format!("{algorithm} {digest} matches {file} ({way}){weak}"),
        Some(false) => {
            let found = verdict
                .original
                .as_ref()
                .and_then(|original| original.file.as_ref());
            let found = found
                .and_then(|file| file.digests.get(algorithm))
                .map_or("", String::as_str);
            format!(
                "{file} ({way}) says {algorithm} {digest}, the original has {}",
                shortened(found)
            )
        }
        None => format!("{file} ({way}) lists {algorithm} {digest}"),
    }
}

pub(super) fn signature(evidence: &EvidencePart) -> Option<String> {
    let part = &evidence.manifest.as_ref()?.signature;
    let name = |address: &String| address.rsplit('/').next().unwrap_or_default().to_owned();
    let place = part
        .address
        .as_ref()
        .map_or("in the checksum file".to_owned(), name);
    if let Some(signer) = &part.signer {
        return Some(format!("{}, {place}, made {}", by(signer), signer.made_at));
    }
    let why = part.detail.as_deref().unwrap_or_default();
    Some(match part.standing {
        "unknown-key" => format!("{place}, but {why}"),
        "bad" => format!("NOT good, {place}: {why}"),
        "missing" => "none found beside the checksum file".to_owned(),
        _ => format!("could not be found out: {why}"),
    })
}

/// `good by ubuntu-uec D2EB44626FDDC30B513D5BB71A5D6C4C7DB87C81`. A fingerprint is given in full: half of one can be
/// imitated.
fn by(signer: &SignerPart) -> String {
    let name = match (&signer.key, &signer.key_file) {
        (Some(name), _) => name.clone(),
        (None, Some(file)) => format!("your key {file}"),
        (None, None) => String::new(),
    };
    format!("good by {name} {}", signer.fingerprint)
}
