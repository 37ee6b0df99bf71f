//! Fixed VHD: told by its end alone, and the same disk by every way.

use std::sync::{Arc, Mutex};

use disk::{Algorithm, Cancel, Ends, Format, Layer, Stored, read};

use super::patched::{Patched, assert_fails};
use super::vhd::{footer, signed};
use super::{assert_like_qemu, convert};
use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, Way, digests_of, disk_digests, pass, source, wanted};

const MIB: u64 = 1 << 20;

fn fixed(disk: &[u8]) -> Vec<u8> {
    [disk, &footer(2, disk.len() as u64).0].concat()
}

/// A fixed VHD of Virtual PC, whose geometry says how large the disk is.
fn by_geometry(disk: &[u8], cylinders: u16, heads: u8, sectors: u8) -> Vec<u8> {
    let [high, low] = cylinders.to_be_bytes();
    let footer = footer(2, disk.len() as u64)
        .bytes(28, b"vpc ")
        .bytes(56, &[high, low, heads, sectors]);
    [disk, &signed(footer, 0, 512, 64).0].concat()
}

#[test]
fn fixed_disks_of_all_sizes_decode_like_qemu() {
    let Some(bench) = Bench::new("fixed_disks_of_all_sizes_decode_like_qemu") else {
        return;
    };
    for (seed, size) in (0..).zip([
        512,
        1024,
        65_536,
        256 << 10,
        MIB + 512,
        2 * MIB,
        3 * MIB + 1536,
        9 * MIB,
    ]) {
        for pattern in [Pattern::Islands, Pattern::Full, Pattern::Empty] {
            bench.file("disk", &disk(pattern, size, seed));
            for options in ["subformat=fixed", "subformat=fixed,force_size=on"] {
                let image = convert(&bench, ("vpc", options), "disk", "image");
                let what = format!("{pattern:?} {size} {options}");
                assert_like_qemu(&bench, "vpc", "image", &what);
                let reading = pass(Way::Pipe.open(&image)).unwrap();
                assert_eq!(
                    (reading.format, reading.footed),
                    (Format::Vhd, true),
                    "{what}"
                );
            }
        }
    }
}

#[test]
fn a_fixed_disk_by_its_geometry_decodes_like_qemu() {
    let Some(bench) = Bench::new("a_fixed_disk_by_its_geometry_decodes_like_qemu") else {
        return;
    };
    let bytes = disk(Pattern::Full, 6 * MIB, 4);
    for (cylinders, heads, sectors) in [
        (12_288, 1, 1),
        (12_287, 1, 1),
        (3, 16, 255),
        (65_535, 16, 255),
    ] {
        bench.file("image", &by_geometry(&bytes, cylinders, heads, sectors));
        assert_like_qemu(
            &bench,
            "vpc",
            "image",
            &format!("{cylinders}/{heads}/{sectors}"),
        );
    }
}

#[test]
fn a_fixed_disk_inside_a_packing_is_told_too() {
    let bytes = disk(Pattern::Islands, 3 * MIB, 5);
    let file = fixed(&bytes);
    let packed = Arc::new(zstd::encode_all(&file[..], 1).unwrap());
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        let reading = pass(source(way, &packed)).unwrap();
        assert_eq!(disk_digests(&reading), digests_of(&bytes), "{way:?}");
        let unpacked = reading.unpacked.unwrap();
        assert_eq!(unpacked.size, file.len() as u64);
        let sha512 = unpacked.digests.get(Algorithm::Sha512).unwrap().to_string();
        assert_eq!(sha512, digests_of(&file)[2], "{way:?}");
    }
}

#[test]
fn a_fixed_disk_with_holes_is_told_in_a_local_file() {
    let Some(bench) = Bench::with(
        "a_fixed_disk_with_holes_is_told_in_a_local_file",
        &["truncate"],
    ) else {
        return;
    };
    let size = 40 * MIB;
    bench.run(&["truncate", "-s", &size.to_string(), "image"]);
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(bench.path("image"))
        .unwrap();
    std::io::Write::write_all(&mut file, &footer(2, size).0).unwrap();
    let zeros = vec![0; size as usize];
    for way in WAYS {
        let reading = pass(way.open(&bench.path("image"))).unwrap();
        assert_eq!(disk_digests(&reading), digests_of(&zeros), "{way:?}");
    }
}

#[test]
fn what_only_resembles_a_footer_stays_raw() {
    let bytes = disk(Pattern::Full, MIB, 6);
    let right = footer(2, MIB).0;
    let text = [b"conectix", &[b'x'; 504][..]].concat();
    let dynamic = footer(3, MIB).0;
    let behind = [&right[..], &[0; 512]].concat();
    for (what, end) in [
        ("text", text),
        ("dynamic", dynamic),
        ("not at the end", behind),
    ] {
        let file = Arc::new([&bytes[..], &end].concat());
        for way in [Way::Pipe, Way::Announced, Way::Ranged] {
            let reading = pass(source(way, &file)).unwrap();
            assert_eq!(
                (reading.format, reading.footed),
                (Format::Raw, false),
                "{what}"
            );
            assert_eq!(disk_digests(&reading), digests_of(&file), "{what}, {way:?}");
        }
    }
}

#[test]
fn a_fixed_disk_that_was_cut_or_damaged_is_no_raw_disk() {
    let bytes = disk(Pattern::Full, MIB, 7);
    let whole = fixed(&bytes);
    for cut in [8, 9, 100, 511] {
        let image = Patched(whole[..MIB as usize + cut].to_vec());
        assert_fails(&image, "original-truncated", "the footer");
    }
    let middle = Patched([&whole[..300_000], &whole[300_512..]].concat());
    assert_fails(&middle, "original-truncated", "the disk before its footer");
    let twice = Patched([&whole[..512], &whole[..]].concat());
    assert_fails(&twice, "original-corrupt", "behind 1049088 bytes");
    let damaged = Patched(whole).bytes(MIB as usize + 100, &[1]);
    assert_fails(&damaged, "original-corrupt", "checksum");
    let larger = Patched(by_geometry(&bytes, 100, 16, 255));
    assert_fails(&larger, "original-corrupt", "by its geometry");
    let smaller = Patched(by_geometry(&disk(Pattern::Empty, 4 * MIB, 0), 1, 1, 1));
    assert_fails(&smaller, "original-corrupt", "by its geometry");
}

/// What a sink was told and given.
#[derive(Default)]
struct Seen {
    announced: Option<u64>,
    bytes: Vec<u8>,
}

struct Keep(Arc<Mutex<Seen>>);

impl disk::Sink for Keep {
    fn begin(&mut self, size: Option<u64>) -> std::io::Result<()> {
        self.0.lock().unwrap().announced = size;
        Ok(())
    }

    fn data(&mut self, bytes: bytes::Bytes) -> std::io::Result<()> {
        self.0.lock().unwrap().bytes.extend_from_slice(&bytes);
        Ok(())
    }

    fn zero(&mut self, len: u64) -> std::io::Result<()> {
        self.data(bytes::Bytes::from(vec![0; len as usize]))
    }

    fn finish(self: Box<Self>) -> std::io::Result<disk::Contents> {
        Ok(disk::Contents::default())
    }
}

#[test]
fn a_sink_of_the_disk_gets_no_footer_and_a_sink_of_the_file_does() {
    let bytes = disk(Pattern::Islands, 5 * MIB, 8);
    let raw = Arc::new(bytes.clone());
    let file = Arc::new(fixed(&bytes));
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        for (from, layer, expected) in [
            (&file, Layer::File, &**file),
            (&file, Layer::Unpacked, &file),
            (&file, Layer::Disk, &bytes),
            (&raw, Layer::Disk, &bytes),
        ] {
            let seen = Arc::<Mutex<Seen>>::default();
            let sink = Box::new(Keep(seen.clone()));
            let ends = Ends {
                output: Some(disk::Output { sink, layer }),
                ..Ends::default()
            };
            read(
                source(way, from),
                &wanted(),
                ends,
                &Arc::default(),
                &Cancel::default(),
            )
            .unwrap();
            let seen = seen.lock().unwrap();
            assert!(seen.bytes == *expected, "{way:?} {layer:?}");
            // A stream that passes once tells the size of its disk only at its end.
            let told = way == Way::Ranged || (way == Way::Announced && layer != Layer::Disk);
            assert_eq!(
                seen.announced,
                told.then_some(expected.len() as u64),
                "{way:?} {layer:?}"
            );
        }
    }
}

#[test]
fn stored_bytes_may_have_the_footer_or_not() {
    let bytes = disk(Pattern::Islands, 5 * MIB, 9);
    let file = Arc::new(fixed(&bytes));
    let mut other = file.to_vec();
    other[5 * MIB as usize + 90] = 1;
    let cases = [
        (bytes.clone(), 0),
        (file.to_vec(), 0),
        (other, 1),
        (file[..file.len() - 12].to_vec(), 12),
        (bytes[..bytes.len() - 12].to_vec(), 12),
        ([&file[..], b"more"].concat(), 4),
    ];
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        for (stored, differ) in &cases {
            let stored = Stored {
                bytes: Box::new(std::io::Cursor::new(stored.clone())),
                layer: Layer::Disk,
                digests: disk::Algorithms::NONE,
                prefix: false,
            };
            let ends = Ends {
                stored: Some(stored),
                ..Ends::default()
            };
            let reading = read(
                source(way, &file),
                &wanted(),
                ends,
                &Arc::default(),
                &Cancel::default(),
            );
            assert_eq!(
                reading.unwrap().comparison.unwrap().differences.bytes,
                *differ,
                "{way:?}"
            );
        }
    }
}
