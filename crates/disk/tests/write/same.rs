//! The same disk and the same options give the same bytes, whatever the cores, the pieces and the run.

use disk::write::{Compression, Image};

use crate::made::{Pieces, qcow2, vmdk, write, zlib, zstd};
use crate::pattern::{Pattern, disk};
use crate::ways::digests_of;

fn images() -> Vec<Image> {
    vec![
        Image::Raw,
        vmdk(),
        qcow2(512, zlib(6)),
        qcow2(4 << 10, Compression::None),
        qcow2(64 << 10, zlib(6)),
        qcow2(64 << 10, zstd(3)),
        qcow2(2 << 20, zlib(1)),
    ]
}

#[test]
fn the_bytes_do_not_depend_on_the_cores_the_pieces_or_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image");
    for image in images() {
        let bytes = disk(Pattern::Islands, (5 << 20) + 700, 3);
        let mut first = None;
        for workers in [1, 2, 4] {
            for pieces in [
                Pieces::One,
                Pieces::Any(1),
                Pieces::Any(2),
                Pieces::Unknown(3),
            ] {
                // So large a disk of small clusters has its L1 table elsewhere when its size comes last.
                if pieces == Pieces::Unknown(3) && image == qcow2(512, zlib(6)) {
                    continue;
                }
                let contents = write(&path, &bytes, image, workers, pieces);
                let written = std::fs::read(&path).unwrap();
                assert_eq!(contents.size, written.len() as u64);
                let digest = contents.digests.iter().next().unwrap().to_string();
                assert_eq!(digest, digests_of(&written)[2], "{image:?}");
                let first = first.get_or_insert_with(|| written.clone());
                assert!(*first == written, "{image:?} {workers} {pieces:?}");
            }
        }
    }
}

#[test]
fn a_disk_whose_size_comes_last_is_as_good() {
    use crate::oracle::assert_good;
    use crate::qemu::Bench;
    let test = "a_disk_whose_size_comes_last_is_as_good";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for image in images().split_off(1) {
        for size in [0_u64, 700, 100 << 10, (9 << 20) + 512] {
            if size == 0 && image == vmdk() {
                continue;
            }
            let bytes = disk(Pattern::Islands, size, 9);
            write(&bench.path("image"), &bytes, image, 2, Pieces::Unknown(4));
            let format = if image == vmdk() { "vmdk" } else { "qcow2" };
            assert_good(
                &bench,
                "image",
                format,
                &bytes,
                &format!("{image:?} {size}"),
            );
        }
    }
}
