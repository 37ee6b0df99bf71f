//! One entry of `versions:`: an original, and what it has of its own.

use url::Url;

use super::image::{describe, word};
use super::{Keys, Reading, text};
use crate::digests;
use crate::read::draft::{Draft, OriginalPatch};
use crate::words::{self, Evidence};

/// Keys that are ignored, and why.
const IGNORED: [(&str, &str); 4] = [
    (
        "checksum_url",
        "the digest that stands here is what counts; the vendor's checksum file is found by the family of the shipped catalogue",
    ),
    (
        "checksums_url",
        "the digest that stands here is what counts; the vendor's checksum file is found by the family of the shipped catalogue",
    ),
    ("hidden", "an image is hidden when it is replaced"),
    (
        "id",
        "every build has a new id, so that an id never stands for other bytes",
    ),
];

/// Its name.
pub(super) fn name(keys: &Keys) -> Option<String> {
    keys.get("version").and_then(|version| text(&version.value))
}

/// Reads an entry into the draft.
pub(super) fn read(
    reading: &mut Reading<'_>,
    id: &str,
    image: &str,
    line: u64,
    moving: bool,
    mut keys: Keys,
    draft: &mut Draft,
) {
    let version = name(&keys).unwrap_or_default();
    keys.remove("version");
    if version.is_empty() {
        return reading.fault(id, line, "a version without a name");
    }
    if version == "latest" {
        let message = "`version: latest` names a file that changes; use the family of the shipped catalogue, or a dated version";
        return reading.fault(id, line, message);
    }
    own_values(reading, id, &mut keys, draft);
    let release = draft
        .os_version
        .clone()
        .or_else(|| moving.then(|| id.to_owned()));
    let digest = digest(reading, image, &mut keys);
    draft.evidence = Some(match digest {
        Some(_) => Evidence::Pinned,
        None => {
            let why = "nothing tells whether the original is the vendor's: the evidence is `none`";
            reading.ignore(
                image,
                line,
                format!("version {version} without digest"),
                why,
            );
            Evidence::None
        }
    });
    let said = keys.remove("build_date").and_then(|v| text(&v.value));
    let Some(date) = said.or_else(|| day_of(&version)) else {
        let message = format!("version {version} has no `build_date`, which SCS-0102 wants");
        return reading.fault(id, line, message);
    };
    let Some((url, mirror)) = urls(reading, id, image, &mut keys) else {
        return;
    };
    // Without one the version stands for it; of a moving name the release has to stay the same.
    draft.os_version.get_or_insert_with(|| version.clone());
    draft.release = Some(release.unwrap_or_else(|| version.clone()));
    draft.original = Some(OriginalPatch {
        url,
        mirror,
        digest,
        build: version,
        date: date.get(..10).unwrap_or(&date).to_owned(),
    });
    rest(reading, image, &keys);
}

/// What is left is not used.
fn rest(reading: &mut Reading<'_>, image: &str, keys: &Keys) {
    for (key, value) in keys {
        let why = IGNORED
            .iter()
            .find(|(known, _)| known == key)
            .map_or("it is not known", |(_, why)| *why);
        reading.ignore(image, value.referenced.line(), format!("`{key}`"), why);
    }
}

/// What a version says instead of what its image says.
fn own_values(reading: &mut Reading<'_>, id: &str, keys: &mut Keys, draft: &mut Draft) {
    if let Some(meta) = keys.remove("meta") {
        describe(reading, id, &meta, draft);
    }
    let mut own = |key: &str| keys.remove(key).and_then(|v| text(&v.value));
    if let Some(own) = own("os_version") {
        draft.os_version = Some(own);
    }
    if let Some(own) = own("image_description") {
        draft.image_description = Some(own);
    }
    let visibility = keys.remove("visibility");
    if visibility.is_some() {
        draft.visibility = word(reading, id, "visibility", visibility);
    }
}

/// The day that a version is called by: `20260124`, `20260124-2367`.
fn day_of(version: &str) -> Option<String> {
    let digits = version.get(..8)?;
    let day = format!(
        "{}-{}-{}",
        digits.get(..4)?,
        digits.get(4..6)?,
        digits.get(6..)?
    );
    words::day(&day).map(|_| day)
}

/// The digest, where it is a strong one.
fn digest(reading: &mut Reading<'_>, image: &str, keys: &mut Keys) -> Option<String> {
    let checksum = keys.remove("checksum")?;
    let said = text(&checksum.value)?;
    match digests::parse(&said) {
        Ok(digest) => Some(digests::text(&digest)),
        Err(why) => {
            reading.ignore(image, checksum.referenced.line(), "`checksum`", why);
            None
        }
    }
}

/// Where the original is published, and a mirror of it.
fn urls(
    reading: &mut Reading<'_>,
    id: &str,
    image: &str,
    keys: &mut Keys,
) -> Option<(Url, Option<Url>)> {
    let line = keys.get("url").map_or(0, |url| url.referenced.line());
    let mut url = |key: &str, reading: &mut Reading<'_>| {
        let value = keys.remove(key)?;
        let said = text(&value.value)?;
        if key == "source" && said == "private" {
            let why = "`image_source` is the address of the original";
            reading.ignore(image, value.referenced.line(), "`source: private`", why);
            return None;
        }
        match Url::parse(&said) {
            Ok(url) => Some(url),
            Err(error) => {
                reading.fault(id, value.referenced.line(), format!("`{key}`: {error}"));
                None
            }
        }
    };
    let source = url("source", reading);
    let mirror = url("mirror_url", reading);
    let Some(address) = url("url", reading) else {
        reading.fault(id, line, "a version without `url`");
        return None;
    };
    Some(match source {
        Some(source) => (source, mirror.or(Some(address))),
        None => (address, mirror),
    })
}
