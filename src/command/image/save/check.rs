//! Whether the bytes that came are those that the cloud has recorded.

use disk::{Contents, Hasher};
use proof::{Of, Recorded};

/// Bytes on their way, counted and hashed by what the record can be compared by.
pub(super) struct Check {
    recorded: Recorded,
    hashers: Vec<Hasher>,
    size: u64,
}

impl Check {
    /// Begins with no bytes.
    pub(super) fn new(recorded: Recorded) -> Self {
        let hashers = recorded.algorithms().iter().map(Hasher::new).collect();
        Self {
            recorded,
            hashers,
            size: 0,
        }
    }

    /// Adds `bytes`.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.size = self.size.saturating_add(bytes.len() as u64);
        for hasher in &mut self.hashers {
            hasher.update(bytes);
        }
    }

    /// How many bytes have come.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// What does not agree, a line each: the size before the digests.
    pub(super) fn finish(self) -> Vec<String> {
        let contents = Contents {
            size: self.size,
            digests: self.hashers.into_iter().map(Hasher::finish).collect(),
        };
        let mut wrong = self.recorded.compare(&contents, Of::Stored);
        wrong.retain(|line| !line.matches);
        wrong.sort_by_key(|line| line.algorithm.is_some());
        let line = |line: &proof::Compared| {
            let (what, recorded) = (line.what, &line.recorded);
            let came = line.found.as_deref().unwrap_or("none");
            match line.algorithm {
                Some(algorithm) => {
                    format!("{what}: {algorithm} {recorded} is recorded, {came} came")
                }
                None => format!("{what}: {recorded} bytes are recorded, {came} came"),
            }
        };
        wrong.iter().map(line).collect()
    }
}
