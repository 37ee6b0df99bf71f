//! ISO images are their own disks, and are recognised.

use disk::Format;

use crate::pattern::{Pattern, disk};
use crate::ways::{WAYS, assert_disk, digests_of, pass};

#[test]
fn a_disc_is_recognised_and_is_its_own_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    for (magic, format) in [
        (b"\x01CD001", Format::Iso),
        (b"\x00NSR02", Format::Iso),
        (b"\x00NSR03", Format::Iso),
        (b"\x01CD002", Format::Raw),
    ] {
        for size in [32_774, 700_000_usize] {
            for hybrid in [false, true] {
                let mut bytes = disk(Pattern::Full, size as u64, 1);
                bytes[..32_768].fill(0);
                bytes[32_768..32_774].copy_from_slice(magic);
                if hybrid {
                    // As `isohybrid` and xorriso make them, for USB sticks: a protective MBR and a GPT.
                    bytes[446..450].copy_from_slice(&[0, 0, 2, 0]);
                    bytes[450] = 0xee;
                    bytes[510..512].copy_from_slice(b"\x55\xaa");
                    bytes[512..520].copy_from_slice(b"EFI PART");
                }
                std::fs::write(&path, &bytes).unwrap();
                assert_disk(&path, size as u64, &digests_of(&bytes), "an ISO");
                for way in WAYS {
                    let reading = pass(way.open(&path)).unwrap();
                    assert_eq!(reading.format, format, "{magic:?}, {way:?}");
                }
            }
        }
    }
    assert_eq!(Format::Iso.name(), "iso");
}
