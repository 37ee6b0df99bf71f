//! How an image gets into a cloud: past the gate, converted while it is sent, in one pass for all clouds that want it, and
//! compared with what each of them stored.

mod compare;
mod error;
pub mod gate;
mod import;
mod made;
mod measure;
mod repack;
mod run;
mod send;
mod upload;
mod way;

pub use compare::{Outcome, stored};
pub use error::{Broken, Error};
pub use import::offered;
pub use made::{CleanedUp, Made};
pub use measure::measure;
pub use run::{Delivered, Delivery, Imports, Place};
pub use send::{Judge, Load, Sent};
pub use way::{Contradiction, Goal, KNOWN, Way, declare};

/// GiB, rounded up: the unit that a machine's disk is chosen in (`min_disk`).
#[must_use]
pub fn gib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_fits_into_its_min_disk() {
        let sizes = [(1, 1), (1 << 30, 1), ((1 << 30) + 1, 2), (3 << 30, 3)];
        for (bytes, expected) in sizes {
            assert_eq!(gib(bytes), expected, "{bytes}");
        }
    }
}
