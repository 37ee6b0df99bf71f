//! Whether the bytes that came are those that the cloud has recorded.

use bytes::Bytes;
use disk::Fan;
use proof::Recorded;

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
        self.recorded.wrong(&self.fan.finish(), "came")
    }
}
