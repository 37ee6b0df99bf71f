//! What is written is read back, by every way in which an original comes.

use crate::made::{Pieces, vmdk, write};
use crate::pattern::{Pattern, disk};
use crate::ways::{assert_disk, digests_of};

#[test]
fn a_vmdk_that_was_written_is_read_back_as_the_disk_that_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.vmdk");
    let patterns = [
        Pattern::Full,
        Pattern::Islands,
        Pattern::Ends,
        Pattern::Empty,
    ];
    for (seed, pattern) in (1..).zip(patterns) {
        // A whole number of grains, the end inside a grain, and the end inside a sector.
        for size in [4 << 20, (33 << 20) + 512, (3 << 20) + 700] {
            let mut bytes = disk(pattern, size, seed);
            write(&path, &bytes, vmdk(), 2, Pieces::Any(seed));
            bytes.resize(bytes.len().next_multiple_of(512), 0);
            let (size, digests) = (bytes.len() as u64, digests_of(&bytes));
            assert_disk(&path, size, &digests, &format!("{pattern:?} {size}"));
        }
    }
}
