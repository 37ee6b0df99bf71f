//! What a file decodes to, remembered under the file's digest: an original that was read once need not be read again.
//!
//! That a file of this digest and length has a disk of those digests is a fact about bytes, wherever they lie. So an entry
//! says nothing of a vendor; that the vendor's file has the digest is asked anew each time.

use std::collections::BTreeMap;

use disk::{Algorithm, Algorithms, Contents, Digest, Digests, Format, Packing, Reading, Wanted};
use origin::{Cache, beside};
use serde::{Deserialize, Serialize};

/// The form of entries, and the program that made them: another one may decode better.
const BY: &str = concat!("1 ectype ", env!("CARGO_PKG_VERSION"));

/// Formats and packings that an entry may name.
const FORMATS: [Format; 7] = [
    Format::Raw,
    Format::Qcow2,
    Format::Vmdk,
    Format::Iso,
    Format::Vhd,
    Format::Vhdx,
    Format::Vdi,
];
const PACKINGS: [Packing; 5] = [
    Packing::Gzip,
    Packing::Xz,
    Packing::Zstd,
    Packing::Bzip2,
    Packing::Ova,
];

#[derive(Serialize, Deserialize)]
struct Entry {
    by: String,
    format: String,
    footed: bool,
    packings: Vec<String>,
    file: Part,
    unpacked: Option<Part>,
    disk: Option<Part>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    size: u64,
    digests: BTreeMap<String, String>,
}

/// Remembers a whole reading under each strong digest of the file. Digests that an earlier reading computed stay.
pub(crate) fn keep(cache: &Cache, reading: &Reading) {
    let strong = |digest: &&Digest| beside::is_strong(digest.algorithm());
    for digest in reading.file.digests.iter().filter(strong) {
        let name = name(digest, reading.file.size);
        let mut entry = Entry::of(reading);
        let known = cache.get(&name).and_then(|bytes| read(&bytes));
        if let Some(known) = known.filter(|known| known.format == entry.format) {
            entry.add(known);
        }
        if let Ok(bytes) = serde_json::to_vec(&entry) {
            // Without it the next run takes longer, and that is all.
            let _ = cache.put(&name, &bytes);
        }
    }
}

/// The reading of the file that has one of the `listed` digests and `len` bytes, if it was kept with all the digests that
/// are `wanted`.
pub(crate) fn recall(
    cache: &Cache,
    listed: &[Digest],
    len: u64,
    wanted: &Wanted,
) -> Option<Reading> {
    let strong = listed
        .iter()
        .find(|digest| beside::is_strong(digest.algorithm()))?;
    let reading = read(&cache.get(&name(strong, len))?)?.reading()?;
    let is_it = reading.file.size == len
        && listed.iter().all(|digest| {
            reading
                .file
                .digests
                .get(digest.algorithm())
                .is_none_or(|known| known == digest)
        })
        && reading.file.digests.get(strong.algorithm()) == Some(strong);
    let has = |contents: Option<&Contents>, wanted: Algorithms| {
        wanted.is_empty()
            || contents
                .is_some_and(|contents| wanted.iter().all(|a| contents.digests.get(a).is_some()))
    };
    // Nothing packed: the unpacked file is the file.
    let unpacked = match reading.packings.is_empty() {
        true => Some(&reading.file),
        false => reading.unpacked.as_ref(),
    };
    let all = has(Some(&reading.file), wanted.file)
        && has(unpacked, wanted.unpacked)
        && has(reading.disk.as_ref(), wanted.disk);
    (is_it && all).then_some(reading)
}

fn name(digest: &Digest, len: u64) -> String {
    format!("{}-{digest}-{len}", digest.algorithm().name())
}

fn read(bytes: &[u8]) -> Option<Entry> {
    let entry: Entry = serde_json::from_slice(bytes).ok()?;
    (entry.by == BY).then_some(entry)
}

impl Entry {
    fn of(reading: &Reading) -> Self {
        let packings = reading.packings.iter();
        Self {
            by: BY.to_owned(),
            format: reading.format.name().to_owned(),
            footed: reading.footed,
            packings: packings.map(|packing| packing.name().to_owned()).collect(),
            file: Part::of(&reading.file),
            unpacked: reading.unpacked.as_ref().map(Part::of),
            disk: reading.disk.as_ref().map(Part::of),
        }
    }

    fn add(&mut self, known: Self) {
        let join = |part: &mut Option<Part>, known: Option<Part>| match (part.as_mut(), known) {
            (Some(part), Some(known)) => part.add(known),
            (None, known) => *part = known,
            (Some(_), None) => {}
        };
        self.file.add(known.file);
        join(&mut self.unpacked, known.unpacked);
        join(&mut self.disk, known.disk);
    }

    fn reading(self) -> Option<Reading> {
        let packing = |name: &String| PACKINGS.into_iter().find(|one| one.name() == name);
        let part = |part: Option<Part>| match part {
            Some(part) => part.contents().map(Some),
            None => Some(None),
        };
        Some(Reading {
            format: FORMATS
                .into_iter()
                .find(|format| format.name() == self.format)?,
            footed: self.footed,
            packings: self.packings.iter().map(packing).collect::<Option<_>>()?,
            file: self.file.contents()?,
            unpacked: part(self.unpacked)?,
            disk: part(self.disk)?,
            comparison: None,
            sink: None,
        })
    }
}

impl Part {
    fn of(contents: &Contents) -> Self {
        let digests = contents.digests.iter();
        Self {
            size: contents.size,
            digests: digests
                .map(|digest| (digest.algorithm().name().to_owned(), digest.to_string()))
                .collect(),
        }
    }

    fn add(&mut self, known: Self) {
        if known.size == self.size {
            for (name, digest) in known.digests {
                self.digests.entry(name).or_insert(digest);
            }
        }
    }

    fn contents(&self) -> Option<Contents> {
        let digest = |(name, hex): (&String, &String)| {
            let algorithm: Algorithm = name.parse().ok()?;
            Digest::parse(algorithm, hex).ok()
        };
        Some(Contents {
            size: self.size,
            digests: self
                .digests
                .iter()
                .map(digest)
                .collect::<Option<Digests>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(size: u64, digit: &str, algorithms: &[Algorithm]) -> Contents {
        let digest = |algorithm: &Algorithm| {
            Digest::parse(*algorithm, &digit.repeat(algorithm.size() * 2)).unwrap()
        };
        Contents {
            size,
            digests: algorithms.iter().map(digest).collect(),
        }
    }

    fn reading(disk: &[Algorithm]) -> Reading {
        Reading {
            format: Format::Qcow2,
            footed: false,
            packings: Vec::new(),
            file: contents(100, "1", &[Algorithm::Sha256]),
            unpacked: None,
            disk: Some(contents(1000, "2", disk)),
            comparison: None,
            sink: None,
        }
    }

    #[test]
    fn what_was_read_is_recalled_by_the_file_s_own_digest_and_length_only() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned());
        let disk = |algorithms: &[Algorithm]| Wanted {
            disk: algorithms.iter().copied().collect(),
            ..Wanted::default()
        };
        let listed =
            |digit: &str| vec![Digest::parse(Algorithm::Sha256, &digit.repeat(64)).unwrap()];
        keep(&cache, &reading(&[Algorithm::Sha512]));
        let sha512 = disk(&[Algorithm::Sha512]);
        let recalled = recall(&cache, &listed("1"), 100, &sha512).unwrap();
        assert_eq!(recalled.disk, reading(&[Algorithm::Sha512]).disk);
        assert!(recall(&cache, &listed("1"), 101, &sha512).is_none());
        assert!(recall(&cache, &listed("3"), 100, &sha512).is_none());
        // Something more is wanted; and once it was computed nothing is forgotten.
        let both = disk(&[Algorithm::Md5, Algorithm::Sha512]);
        assert!(recall(&cache, &listed("1"), 100, &both).is_none());
        keep(&cache, &reading(&[Algorithm::Md5]));
        assert!(recall(&cache, &listed("1"), 100, &both).is_some());
        // A weak digest recalls nothing.
        let weak = vec![Digest::parse(Algorithm::Md5, &"1".repeat(32)).unwrap()];
        assert!(recall(&cache, &weak, 100, &sha512).is_none());
    }

    #[test]
    fn a_damaged_entry_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned());
        keep(&cache, &reading(&[Algorithm::Sha512]));
        let listed = vec![Digest::parse(Algorithm::Sha256, &"1".repeat(64)).unwrap()];
        let name = name(&listed[0], 100);
        let bytes = cache.get(&name).unwrap();
        for damaged in [&bytes[..bytes.len() / 2], b"", b"{}", b"\xff"] {
            cache.put(&name, damaged).unwrap();
            assert!(recall(&cache, &listed, 100, &Wanted::default()).is_none());
        }
        let other = String::from_utf8(bytes)
            .unwrap()
            .replace("1 ectype", "0 ectype");
        cache.put(&name, other.as_bytes()).unwrap();
        assert!(recall(&cache, &listed, 100, &Wanted::default()).is_none());
    }
}
