//! What the cloud has recorded of an image's stored bytes.

use disk::{Algorithm, Algorithms, Contents, Digest};
use wire::image::Image;

use crate::reason::{Code, Reason};
use crate::verdict::{Compared, Of};

/// The digests and sizes that Glance has recorded, as far as they can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// `os_hash_value`.
    pub hash: Option<Digest>,
    /// `checksum`.
    pub md5: Option<Digest>,
    /// `size`, in bytes.
    pub size: Option<u64>,
    /// `virtual_size`, in bytes; Glance writes 0 when it does not know.
    pub virtual_size: Option<u64>,
    /// Why a digest that is there cannot be used.
    pub unusable: Option<Reason>,
}

impl Recorded {
    /// Reads an image's record.
    #[must_use]
    pub fn of(image: &Image) -> Self {
        let mut unusable = None;
        let mut digest = |algorithm: Algorithm, name: &str, hex: &str| {
            let parsed = Digest::parse(algorithm, hex.trim());
            if parsed.is_err() {
                let message = format!("the recorded `{name}` is no {algorithm} digest");
                unusable = Some(Reason::new(Code::RecordMalformed, message));
            }
            parsed.ok()
        };
        let md5 =
            set(image.checksum.as_deref()).and_then(|hex| digest(Algorithm::Md5, "checksum", hex));
        let hash = set(image.os_hash_value.as_deref()).zip(set(image.os_hash_algo.as_deref()));
        let known = hash.map(|(hex, name)| (hex, name, name.parse::<Algorithm>()));
        let hash = match known {
            Some((hex, _, Ok(algorithm))) => digest(algorithm, "os_hash_value", hex),
            Some((_, name, Err(_))) => {
                let message = format!("the cloud's digest is by `{name}`, which is not supported");
                unusable = Some(Reason::new(Code::DigestAlgorithmUnknown, message));
                None
            }
            None => None,
        };
        let virtual_size = image.virtual_size.filter(|bytes| *bytes > 0);
        Self {
            hash,
            md5,
            size: image.size,
            virtual_size,
            unusable,
        }
    }

    /// The algorithms that the record can be compared by.
    #[must_use]
    pub fn algorithms(&self) -> Algorithms {
        self.hash
            .iter()
            .chain(&self.md5)
            .map(Digest::algorithm)
            .collect()
    }

    /// Why the record cannot be compared with anything; `None` when it can.
    #[must_use]
    pub fn useless(&self) -> Option<Reason> {
        if self.hash.is_some() || self.md5.is_some() {
            return None;
        }
        Some(self.unusable.clone().unwrap_or_else(|| {
            Reason::new(
                Code::NoDigestRecorded,
                "the cloud has recorded no digest of this image",
            )
            .hint("compare the bytes themselves: `--content`")
        }))
    }

    /// Compares the record with `contents`, one line for each recorded value: digests first.
    #[must_use]
    pub fn compare(&self, contents: &Contents, of: Of) -> Vec<Compared> {
        let mut lines = Vec::new();
        for (what, recorded) in [("os_hash_value", &self.hash), ("checksum", &self.md5)] {
            let Some(recorded) = recorded else { continue };
            let found = contents.digests.get(recorded.algorithm());
            lines.push(Compared {
                what,
                algorithm: Some(recorded.algorithm().name()),
                recorded: recorded.to_string(),
                found: found.map(ToString::to_string),
                of,
                matches: found == Some(recorded),
            });
        }
        if let Some(size) = self.size {
            lines.push(Compared::sizes("size", size, contents.size, of));
        }
        lines
    }

    /// What does not agree with the bytes that `did` (came, were sent), a line each: the size before the digests.
    #[must_use]
    pub fn wrong(&self, contents: &Contents, did: &str) -> Vec<String> {
        let mut wrong = self.compare(contents, Of::Stored);
        wrong.retain(|line| !line.matches);
        wrong.sort_by_key(|line| line.algorithm.is_some());
        let line = |line: &Compared| {
            let (what, recorded) = (line.what, &line.recorded);
            let bytes = line.found.as_deref().unwrap_or("none");
            match line.algorithm {
                Some(algorithm) => {
                    format!("{what}: {algorithm} {recorded} is recorded, {bytes} {did}")
                }
                None => format!("{what}: {recorded} bytes are recorded, {bytes} {did}"),
            }
        };
        wrong.iter().map(line).collect()
    }
}

fn set(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
