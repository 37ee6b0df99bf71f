//! What the cloud has recorded of an image's bytes, and whether what came is that.

use disk::{Algorithm, Digest, Hasher};
use wire::image::Image;

/// The recorded digests that can be compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected(Vec<(&'static str, Digest)>);

impl Expected {
    /// Those of an image. An algorithm that we do not know, or a value that is none, is left out.
    pub(super) fn of(image: &Image) -> Self {
        let mut digests = Vec::new();
        if let (Some(algorithm), Some(value)) = (&image.os_hash_algo, &image.os_hash_value)
            && let Ok(algorithm) = algorithm.parse::<Algorithm>()
            && let Ok(digest) = Digest::parse(algorithm, value)
        {
            digests.push(("os_hash_value", digest));
        }
        let md5 = image.checksum.as_deref();
        if let Some(Ok(digest)) = md5.map(|value| Digest::parse(Algorithm::Md5, value)) {
            digests.push(("checksum", digest));
        }
        Self(digests)
    }

    /// Whether there is nothing to compare with.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins to compute what can be compared.
    pub(super) fn begin(self) -> Running {
        let begin = |(field, digest): (&'static str, Digest)| {
            let hasher = Hasher::new(digest.algorithm());
            (field, digest, hasher)
        };
        Running(self.0.into_iter().map(begin).collect())
    }
}

/// Digests on their way.
pub(super) struct Running(Vec<(&'static str, Digest, Hasher)>);

impl Running {
    /// Adds `bytes`.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        for (_, _, hasher) in &mut self.0 {
            hasher.update(bytes);
        }
    }

    /// What does not agree, a line each.
    pub(super) fn finish(self) -> Vec<String> {
        let compare = |(field, recorded, hasher): (&str, Digest, Hasher)| {
            let came = hasher.finish();
            let name = recorded.algorithm();
            (came != recorded)
                .then(|| format!("{field}: {name} {recorded} is recorded, {came} came"))
        };
        self.0.into_iter().filter_map(compare).collect()
    }
}
