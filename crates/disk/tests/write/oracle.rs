//! `qemu-img` reads what is written, and finds nothing to say.

use disk::write::{Compression, Image};
use serde_free::field;

use crate::made::{Pieces, qcow2, vmdk, write, zlib, zstd};
use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;

/// Numbers and words out of `qemu-img … --output=json`, without a parser of JSON.
mod serde_free {
    /// The value of the last field of this name, which is that of the image and not of its parts.
    pub(crate) fn field<'a>(json: &'a str, name: &str) -> &'a str {
        let from = json
            .rfind(&format!("\"{name}\":"))
            .unwrap_or_else(|| panic!("no {name}: {json}"));
        let value = json[from..].split_once(':').unwrap().1;
        value
            .trim_start()
            .split(['\n', ','])
            .next()
            .unwrap()
            .trim_matches('"')
    }
}

/// Asserts that `qemu-img` takes `image` for `disk` and finds nothing wrong with it.
pub(crate) fn assert_good(bench: &Bench, name: &str, format: &str, disk: &[u8], what: &str) {
    bench.file("disk", disk);
    let compared = bench.try_run(&[
        "qemu-img", "compare", "-f", "raw", "-F", format, "disk", name,
    ]);
    let said = String::from_utf8_lossy(&compared.stdout).into_owned();
    assert!(compared.status.success(), "{what}: {said} {compared:?}");
    assert_eq!(said, "Images are identical.\n", "{what}");
    let checked = bench.try_run(&["qemu-img", "check", "-f", format, "--output=json", name]);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{what}: {checked:?}");
    assert_eq!(field(&said, "check-errors"), "0", "{what}: {said}");
    for fault in ["corruptions", "leaks"] {
        assert!(!said.contains(fault), "{what}: {said}");
    }
    assert!(checked.stderr.is_empty(), "{what}: {checked:?}");
}

fn info(bench: &Bench, name: &str) -> String {
    let said = bench.run(&["qemu-img", "info", "--output=json", name]);
    String::from_utf8(said).unwrap()
}

/// Every disk as every image of a kind.
fn matrix(test: &str, cluster: u64, compressions: &[Compression], disks: &[(Pattern, u64)]) {
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for (seed, (pattern, size)) in (1..).zip(disks) {
        let bytes = disk(*pattern, *size, seed);
        for compression in compressions {
            let what = format!("{pattern:?} {size} {cluster} {compression:?}");
            let image = qcow2(cluster, *compression);
            write(&bench.path("image"), &bytes, image, 2, Pieces::Any(seed));
            assert_good(&bench, "image", "qcow2", &bytes, &what);
            let info = info(&bench, "image");
            let sectors = bytes.len().div_ceil(512) * 512;
            assert_eq!(field(&info, "cluster-size"), cluster.to_string(), "{what}");
            assert_eq!(field(&info, "virtual-size"), sectors.to_string(), "{what}");
            assert_eq!(field(&info, "compat"), "1.1", "{what}");
            let kind = if matches!(compression, Compression::Zstd(_)) {
                "zstd"
            } else {
                "zlib"
            };
            assert_eq!(field(&info, "compression-type"), kind, "{what}");
            if bytes.len().is_multiple_of(512) {
                bench.assert_like_qemu("image", &what);
            }
        }
    }
}

fn all() -> Vec<Compression> {
    vec![Compression::None, zlib(6), zstd(3)]
}

const ODD: [u64; 9] = [0, 1, 511, 512, 513, 65_535, 65_536, 65_537, (1 << 20) + 513];

#[test]
fn qemu_finds_nothing_to_say_about_clusters_of_512_bytes() {
    let test = "qemu_finds_nothing_to_say_about_clusters_of_512_bytes";
    let disks = [
        (Pattern::Islands, (1 << 20) + 512),
        (Pattern::Full, 300 << 10),
        (Pattern::Ends, 5 << 20),
    ];
    matrix(test, 512, &all(), &disks);
}

#[test]
fn qemu_finds_nothing_to_say_about_clusters_of_4_kib() {
    let test = "qemu_finds_nothing_to_say_about_clusters_of_4_kib";
    let disks = [
        (Pattern::Islands, (9 << 20) + 1536),
        (Pattern::Full, (3 << 20) - 512),
        (Pattern::Ends, 3 << 30 >> 6),
    ];
    matrix(test, 4 << 10, &all(), &disks);
}

#[test]
fn qemu_finds_nothing_to_say_about_clusters_of_64_kib() {
    let test = "qemu_finds_nothing_to_say_about_clusters_of_64_kib";
    let disks = [
        (Pattern::Islands, (24 << 20) + 512),
        (Pattern::Full, (12 << 20) - 512),
        (Pattern::Ends, 100 << 20),
        (Pattern::Empty, 1 << 20),
    ];
    matrix(test, 64 << 10, &all(), &disks);
}

#[test]
fn qemu_finds_nothing_to_say_about_clusters_of_2_mib() {
    let test = "qemu_finds_nothing_to_say_about_clusters_of_2_mib";
    let disks = [
        (Pattern::Islands, (30 << 20) + 512),
        (Pattern::Full, (9 << 20) - 512),
        (Pattern::Ends, 31 << 20),
    ];
    matrix(
        test,
        2 << 20,
        &[Compression::None, zlib(6), zstd(3)],
        &disks,
    );
}

#[test]
fn qemu_finds_nothing_to_say_about_disks_of_odd_sizes() {
    let test = "qemu_finds_nothing_to_say_about_disks_of_odd_sizes";
    let disks = ODD.map(|size| (Pattern::Full, size));
    for cluster in [512, 8 << 10, 64 << 10] {
        matrix(
            test,
            cluster,
            &[Compression::None, zlib(6), zstd(3)],
            &disks,
        );
    }
}

#[test]
fn qemu_reads_the_vmdk_of_any_disk() {
    let test = "qemu_reads_the_vmdk_of_any_disk";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    let mut disks = vec![
        (Pattern::Islands, (70 << 20) + 512),
        (Pattern::Full, (33 << 20) - 512),
        (Pattern::Ends, 200 << 20),
        (Pattern::Empty, 1 << 20),
    ];
    disks.extend(ODD[1..].iter().map(|size| (Pattern::Full, *size)));
    for (seed, (pattern, size)) in (1..).zip(disks) {
        let bytes = disk(pattern, size, seed);
        let what = format!("{pattern:?} {size}");
        write(&bench.path("image"), &bytes, vmdk(), 2, Pieces::Any(seed));
        assert_good(&bench, "image", "vmdk", &bytes, &what);
        let info = info(&bench, "image");
        let sectors = bytes.len().div_ceil(512) * 512;
        assert!(info.contains("\"format\": \"vmdk\""), "{what}: {info}");
        assert_eq!(field(&info, "virtual-size"), sectors.to_string(), "{what}");
        assert_eq!(field(&info, "create-type"), "streamOptimized", "{what}");
    }
}

#[test]
fn a_raw_file_is_the_disk_and_its_zeros_are_holes() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raw");
    for (seed, pattern) in (1..).zip([
        Pattern::Islands,
        Pattern::Full,
        Pattern::Ends,
        Pattern::Empty,
    ]) {
        for size in ODD.into_iter().chain([40 << 20]) {
            let bytes = disk(pattern, size, seed);
            for pieces in [Pieces::One, Pieces::Any(seed), Pieces::Unknown(seed)] {
                let contents = write(&path, &bytes, Image::Raw, 1, pieces);
                assert!(std::fs::read(&path).unwrap() == bytes, "{pattern:?} {size}");
                assert_eq!(contents.size, size);
                let data = bytes
                    .chunks(4096)
                    .filter(|block| block.iter().any(|b| *b != 0));
                // A file system may keep its own list of pieces in blocks of the file.
                let most = data.count() as u64 * 4096 + (64 << 10);
                let taken = path.metadata().unwrap().blocks() * 512;
                assert!(taken <= most, "{pattern:?} {size}: {taken} for {most}");
            }
        }
    }
}

#[test]
fn what_is_compressed_is_not_larger_than_what_qemu_makes_of_it() {
    let test = "what_is_compressed_is_not_larger_than_what_qemu_makes_of_it";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for (pattern, seed) in [(Pattern::Islands, 1), (Pattern::Full, 2)] {
        let bytes = disk(pattern, 24 << 20, seed);
        bench.file("disk", &bytes);
        for (compression, kind) in [(zlib(6), "zlib"), (zstd(3), "zstd")] {
            let options = format!("compression_type={kind}");
            let theirs = bench.convert(&["-c", "-o", &options], "disk", "theirs");
            let ours = bench.path("ours");
            write(&ours, &bytes, qcow2(64 << 10, compression), 2, Pieces::One);
            let (ours, theirs) = (
                ours.metadata().unwrap().len(),
                theirs.metadata().unwrap().len(),
            );
            // The two keep their last clusters and reference counts in different places.
            assert!(
                ours <= theirs + (64 << 10),
                "{pattern:?} {kind}: {ours} > {theirs}"
            );
        }
    }
}
