//! Whether the bytes that came are those that the cloud has recorded.

use bytes::Bytes;
use disk::{Contents, Fan};
use proof::{Of, Recorded};

/// Bytes on their way, counted and hashed by what the record can be compared by.
pub(super) struct Check {
    recorded: Recorded,
    fan: Fan,
}

impl Check {
    /// Begins with no bytes.
    pub(super) fn new(recorded: Recorded) -> Self {
        let fan = Fan::new(recorded.algorithms());
        Self { recorded, fan }
    }

    /// Adds `bytes`.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.fan.data(Bytes::copy_from_slice(bytes));
    }

    /// How many bytes have come.
    pub(super) fn size(&self) -> u64 {
        self.fan.size()
    }

    /// What does not agree, a line each: the size before the digests.
    pub(super) fn finish(self) -> Vec<String> {
        wrong(&self.recorded, &self.fan.finish(), "came")
    }
}

/// What of a record does not agree with the bytes that `did` (came, were sent), a line each: the size before the digests.
pub(crate) fn wrong(recorded: &Recorded, contents: &Contents, did: &str) -> Vec<String> {
    let mut wrong = recorded.compare(contents, Of::Stored);
    wrong.retain(|line| !line.matches);
    wrong.sort_by_key(|line| line.algorithm.is_some());
    let line = |line: &proof::Compared| {
        let (what, recorded) = (line.what, &line.recorded);
        let bytes = line.found.as_deref().unwrap_or("none");
        match line.algorithm {
            Some(algorithm) => format!("{what}: {algorithm} {recorded} is recorded, {bytes} {did}"),
            None => format!("{what}: {recorded} bytes are recorded, {bytes} {did}"),
        }
    };
    wrong.iter().map(line).collect()
}
