//! Digests as catalogues, plans and image properties write them: `sha512:` and the hexadecimal digits.

use disk::{Algorithm, Digest};
use serde::{Deserialize as _, Deserializer, Serializer};

/// Reads `sha256:…` or `sha512:…`. Weaker algorithms say nothing about a file that somebody may want to forge.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<Digest, String> {
    let wrong = || format!("`{text}` is no digest: `sha256:…` or `sha512:…`");
    let (name, hex) = text.split_once(':').ok_or_else(wrong)?;
    let algorithm: Algorithm = name.parse().map_err(|_| wrong())?;
    if !matches!(algorithm, Algorithm::Sha256 | Algorithm::Sha512) {
        return Err(format!(
            "{algorithm} is too weak: sha256 or sha512 is wanted"
        ));
    }
    Digest::parse(algorithm, hex).map_err(|_| wrong())
}

/// The digest as it is written.
#[must_use]
pub fn text(digest: &Digest) -> String {
    format!("{}:{digest}", digest.algorithm())
}

pub(crate) fn write_one<S: Serializer>(
    digest: &Option<Digest>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match digest {
        Some(digest) => serializer.serialize_str(&text(digest)),
        None => serializer.serialize_none(),
    }
}

pub(crate) fn write<S: Serializer>(digests: &[Digest], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(digests.iter().map(text))
}

pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Digest>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts
        .iter()
        .map(|text| parse(text).map_err(serde::de::Error::custom))
        .collect()
}
