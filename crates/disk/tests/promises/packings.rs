//! Packed originals, made by the packers' own programs.

use disk::{Algorithm, Format, Packing};

use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, digests_of, disk_digests, pass};

const TOOLS: [(&str, &str, Packing); 4] = [
    ("gzip", "gz", Packing::Gzip),
    ("xz", "xz", Packing::Xz),
    ("zstd", "zst", Packing::Zstd),
    ("bzip2", "bz2", Packing::Bzip2),
];

fn bench(test: &str) -> Option<Bench> {
    Bench::with(test, &["qemu-img", "gzip", "xz", "zstd", "bzip2"])
}

/// Packs a file of the bench by `tool`.
fn pack(bench: &Bench, tool: &str, name: &str) -> Vec<u8> {
    bench.run(&[tool, "-k", "-c", name])
}

/// A raw disk of a little more than a megabyte and the same as qcow2.
fn originals(bench: &Bench) -> Vec<u8> {
    let bytes = disk(Pattern::Islands, (1 << 20) + 1536, 7);
    bench.file("raw", &bytes);
    bench.convert(&["-c"], "raw", "qcow2");
    bytes
}

fn assert_packed(bench: &Bench, name: &str, packings: &[Packing], inner: &str, disk: &[u8]) {
    let file = digests_of(&std::fs::read(bench.path(name)).unwrap());
    let unpacked = digests_of(&std::fs::read(bench.path(inner)).unwrap());
    for way in WAYS {
        let what = format!("{inner} in {packings:?}, {way:?}");
        let reading = pass(way.open(&bench.path(name))).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(reading.packings, packings, "{what}");
        assert_eq!(
            reading.format,
            if inner == "raw" {
                Format::Raw
            } else {
                Format::Qcow2
            },
            "{what}"
        );
        assert_eq!(disk_digests(&reading), digests_of(disk), "{what}: disk");
        let sha512 = |contents: &disk::Contents| {
            contents.digests.get(Algorithm::Sha512).unwrap().to_string()
        };
        assert_eq!(sha512(&reading.file), file[2], "{what}: file");
        assert_eq!(
            sha512(reading.unpacked.as_ref().unwrap()),
            unpacked[2],
            "{what}: unpacked"
        );
    }
}

#[test]
fn packed_originals_give_the_digests_of_all_three_layers() {
    let Some(bench) = bench("packed_originals_give_the_digests_of_all_three_layers") else {
        return;
    };
    let bytes = originals(&bench);
    for inner in ["raw", "qcow2"] {
        for (tool, _, packing) in TOOLS {
            let packed = pack(&bench, tool, inner);
            bench.file("packed", &packed);
            assert_packed(&bench, "packed", &[packing], inner, &bytes);
            for (outer_tool, _, outer) in TOOLS {
                bench.file("twice", &pack(&bench, outer_tool, "packed"));
                assert_packed(&bench, "twice", &[outer, packing], inner, &bytes);
            }
        }
    }
}

#[test]
fn a_third_packing_is_refused() {
    let Some(bench) = bench("a_third_packing_is_refused") else {
        return;
    };
    originals(&bench);
    bench.file("1", &pack(&bench, "gzip", "qcow2"));
    bench.file("2", &pack(&bench, "zstd", "1"));
    bench.file("3", &pack(&bench, "gzip", "2"));
    for way in WAYS {
        assert_eq!(
            pass(way.open(&bench.path("3"))).unwrap_err().code(),
            "packed-too-often"
        );
    }
}

#[test]
fn concatenated_members_are_one_content_as_for_their_program() {
    let Some(bench) = bench("concatenated_members_are_one_content_as_for_their_program") else {
        return;
    };
    let bytes = originals(&bench);
    bench.file("front", &bytes[..400_000]);
    bench.file("back", &bytes[400_000..]);
    for (tool, ending, packing) in TOOLS {
        let both = [pack(&bench, tool, "front"), pack(&bench, tool, "back")].concat();
        let name = format!("both.{ending}");
        bench.file(&name, &both);
        assert_eq!(
            bench.run(&[tool, "-d", "-k", "-c", &name]),
            bytes,
            "{tool} itself"
        );
        assert_packed(&bench, &name, &[packing], "raw", &bytes);
    }
}

#[test]
fn a_packed_original_cut_anywhere_is_truncated() {
    let Some(bench) = bench("a_packed_original_cut_anywhere_is_truncated") else {
        return;
    };
    originals(&bench);
    for (tool, _, _) in TOOLS {
        for inner in ["raw", "qcow2"] {
            let packed = pack(&bench, tool, inner);
            let len = packed.len();
            let mut cuts = vec![
                6,
                7,
                12,
                13,
                20,
                40,
                100,
                1000,
                len / 3,
                len / 2,
                len - 40,
                len - 13,
                len - 12,
            ];
            cuts.extend((len - 9..len).chain((1..20).map(|n| n * len / 20)));
            for cut in cuts {
                let path = bench.file("cut", &packed[..cut]);
                for way in WAYS {
                    let error = pass(way.open(&path)).map(|_| ()).expect_err(tool);
                    assert_eq!(
                        error.code(),
                        "original-truncated",
                        "{tool} {inner} cut at {cut} of {len}, {way:?}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn garbage_after_or_inside_a_packed_original_is_corrupt() {
    let Some(bench) = bench("garbage_after_or_inside_a_packed_original_is_corrupt") else {
        return;
    };
    originals(&bench);
    for (tool, _, _) in TOOLS {
        for inner in ["raw", "qcow2"] {
            let packed = pack(&bench, tool, inner);
            let behind = [
                &packed[..],
                b"this is not a member at all, and long enough to be one",
            ]
            .concat();
            let mut inside = packed.clone();
            let middle = inside.len() / 2;
            inside[middle..middle + 32].fill(0x55);
            for (what, bytes) in [("behind", behind), ("inside", inside)] {
                let path = bench.file("bad", &bytes);
                for way in WAYS {
                    let error = pass(way.open(&path)).map(|_| ()).expect_err(tool);
                    assert_eq!(
                        error.code(),
                        "original-corrupt",
                        "{tool} {inner}, {what}, {way:?}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_check_value_of_a_packing_is_checked() {
    let Some(bench) = bench("the_check_value_of_a_packing_is_checked") else {
        return;
    };
    originals(&bench);
    for (tool, from_end) in [("gzip", 8), ("zstd", 1), ("bzip2", 5)] {
        let mut packed = pack(&bench, tool, "raw");
        let at = packed.len() - from_end;
        packed[at] ^= 1;
        let path = bench.file("bad", &packed);
        for way in WAYS {
            let error = pass(way.open(&path)).map(|_| ()).expect_err(tool);
            assert_eq!(error.code(), "original-corrupt", "{tool}, {way:?}: {error}");
        }
    }
}

#[test]
fn a_bomb_is_stopped_at_the_limit_of_expansion() {
    let Some(bench) = Bench::with(
        "a_bomb_is_stopped_at_the_limit_of_expansion",
        &["sh", "zstd"],
    ) else {
        return;
    };
    // zstd packs zeros 30 000 times smaller; 2 GiB are more than what is always allowed.
    bench.run(&["sh", "-c", "head -c 2G /dev/zero | zstd -q -19 -o bomb"]);
    let none = disk::Wanted::default();
    let source = disk::Source::file(&bench.path("bomb")).unwrap();
    let result = disk::read(
        source,
        &none,
        disk::Ends::default(),
        &std::sync::Arc::default(),
        &disk::Cancel::default(),
    );
    assert_eq!(result.unwrap_err().code(), "limit-exceeded");
}
