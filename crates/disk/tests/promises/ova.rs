//! OVA packages made by `tar` and by hand: the disk in them, their manifest, and everything that is not one disk.

pub(crate) mod made;
mod refused;

use disk::{Algorithm, Format, Packing};

use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, Way, assert_disk, digests_of, disk_digests, lean_pass, pass, source};
use made::{envelope, tar};
use std::sync::Arc;

/// A bench with `x.ovf` and the disk as `x.vmdk`, which `qemu-img` made and decodes to the digests.
fn bench(test: &str, subformat: &str) -> Option<(Bench, Vec<u8>)> {
    let bench = Bench::with(
        test,
        &["qemu-img", "tar", "gzip", "sha1sum", "xz", "zstd", "bzip2"],
    )?;
    let bytes = disk(Pattern::Islands, (3 << 20) + 512, 21);
    bench.file("disk", &bytes);
    let options = format!("subformat={subformat}");
    let line = [
        "qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", &options, "disk", "x.vmdk",
    ];
    bench.run(&line);
    bench.file("x.ovf", envelope("x.vmdk", "").as_bytes());
    Some((bench, bytes))
}

/// A manifest as OVF tools write it, its digests by coreutils.
fn manifest(bench: &Bench, tool: &str, files: &[&str]) {
    let algorithm = tool.trim_end_matches("sum").to_ascii_uppercase();
    let line = |file: &&str| {
        let printed = String::from_utf8(bench.run(&[tool, file])).unwrap();
        let digest = printed.split(' ').next().unwrap();
        format!("{algorithm}({file})= {digest}\n")
    };
    let lines: String = files.iter().map(line).collect();
    bench.file("x.mf", lines.as_bytes());
}

#[test]
fn the_disk_of_a_package_decodes_like_qemu_by_every_way_and_in_every_order() {
    let test = "the_disk_of_a_package_decodes_like_qemu_by_every_way_and_in_every_order";
    for subformat in ["streamOptimized", "monolithicSparse"] {
        let Some((bench, bytes)) = bench(test, subformat) else {
            return;
        };
        bench.file("x.nvram", &[7; 3000]);
        for (format, tool) in [
            ("ustar", "sha1sum"),
            ("gnu", "sha256sum"),
            ("posix", "sha512sum"),
        ] {
            manifest(&bench, tool, &["x.ovf", "x.vmdk"]);
            for order in [
                &["x.ovf", "x.mf", "x.vmdk"][..],
                &["x.ovf", "x.vmdk", "x.mf"],
                &["x.vmdk", "x.ovf"],
                &["x.mf", "x.vmdk", "x.ovf"],
                &["./x.ovf", "./x.nvram", "./x.vmdk", "./x.mf"],
            ] {
                let form = format!("--format={format}");
                bench.run(&[&["tar", &form, "-cf", "x.ova"][..], order].concat());
                let what = format!("{subformat}, {format}, {tool}, {order:?}");
                let path = bench.path("x.ova");
                assert_disk(&path, bytes.len() as u64, &digests_of(&bytes), &what);
                let reading = pass(Way::Pipe.open(&path)).unwrap();
                assert_eq!(reading.format, Format::Vmdk, "{what}");
                assert_eq!(reading.packings, [Packing::Ova], "{what}");
                let inner = digests_of(&std::fs::read(bench.path("x.vmdk")).unwrap());
                let unpacked = reading.unpacked.unwrap();
                let sha512 = unpacked.digests.get(Algorithm::Sha512).unwrap();
                assert_eq!(sha512.to_string(), inner[2], "{what}");
            }
        }
    }
}

#[test]
fn packed_packages_and_packages_of_packed_disks_give_the_disk() {
    let test = "packed_packages_and_packages_of_packed_disks_give_the_disk";
    let Some((bench, bytes)) = bench(test, "streamOptimized") else {
        return;
    };
    bench.run(&["gzip", "-k", "x.vmdk"]);
    bench.file(
        "x.ovf",
        envelope("x.vmdk.gz", " ovf:compression=\"gzip\"").as_bytes(),
    );
    manifest(&bench, "sha256sum", &["x.ovf", "x.vmdk.gz"]);
    bench.run(&["tar", "-cf", "packed-disk", "x.ovf", "x.mf", "x.vmdk.gz"]);
    bench.file("x.ovf", envelope("x.vmdk", "").as_bytes());
    bench.run(&["tar", "-cf", "x.ova", "x.ovf", "x.vmdk"]);
    let size = bytes.len() as u64;
    assert_disk(
        &bench.path("packed-disk"),
        size,
        &digests_of(&bytes),
        "gzip inside",
    );
    for tool in ["gzip", "xz", "zstd", "bzip2"] {
        bench.file("packed", &bench.run(&[tool, "-k", "-c", "x.ova"]));
        assert_disk(&bench.path("packed"), size, &digests_of(&bytes), tool);
    }
    // Three layers are one more than is unpacked.
    bench.file("thrice", &bench.run(&["gzip", "-k", "-c", "packed-disk"]));
    for way in WAYS {
        let error = pass(way.open(&bench.path("thrice"))).unwrap_err();
        assert_eq!(error.code(), "packed-too-often");
    }
}

/// What needs random access has it inside a package, too, where the package itself can be read again.
#[test]
fn a_disk_out_of_order_in_a_local_package_is_read() {
    use crate::vmdk::writer::{Order, STREAM, Shape, make};
    let bytes = disk(Pattern::Full, (40 << 20) + 512, 2);
    let image = make(
        &bytes,
        Shape {
            order: Order::Backwards,
            ..STREAM
        },
    )
    .image;
    let package = Arc::new(tar(&[
        ("x.ovf", envelope("x.vmdk", "").as_bytes()),
        ("x.vmdk", &image),
    ]));
    let reading = pass(source(Way::Ranged, &package)).unwrap();
    assert_eq!(disk_digests(&reading), digests_of(&bytes));
    for way in [Way::Pipe, Way::Announced] {
        let error = lean_pass(source(way, &package)).unwrap_err();
        assert_eq!(error.code(), "needs-random-access", "{error}");
    }
}

#[test]
fn a_digest_that_is_not_the_manifest_s_is_an_error() {
    let test = "a_digest_that_is_not_the_manifest_s_is_an_error";
    let Some((bench, _)) = bench(test, "streamOptimized") else {
        return;
    };
    for tool in ["sha1sum", "sha256sum", "sha512sum"] {
        for changed in ["x.ovf", "x.vmdk"] {
            manifest(&bench, tool, &["x.ovf", "x.vmdk"]);
            let good = std::fs::read(bench.path(changed)).unwrap();
            // A comment behind the descriptor, padding behind the disk: nothing that a reader would mind.
            bench.file(changed, &[&good[..], b"<!-- -->"].concat());
            for order in [["x.ovf", "x.mf", "x.vmdk"], ["x.ovf", "x.vmdk", "x.mf"]] {
                bench.run(&[&["tar", "-cf", "x.ova"][..], &order].concat());
                for way in WAYS {
                    let error = lean_pass(way.open(&bench.path("x.ova"))).unwrap_err();
                    assert_eq!(
                        error.code(),
                        "ova-digest-mismatch",
                        "{tool}, {changed}, {order:?}, {way:?}: {error}"
                    );
                    assert!(error.to_string().contains(changed), "{error}");
                }
            }
            bench.file(changed, &good);
        }
    }
}

#[test]
fn names_and_sizes_in_extended_headers_count() {
    let Some(bench) = Bench::with("names_and_sizes_in_extended_headers_count", &["tar"]) else {
        return;
    };
    let raw = disk(Pattern::Full, 300_000, 1);
    let name = format!("{}/x.img", "long-folder-name".repeat(9));
    std::fs::create_dir(bench.path(&"long-folder-name".repeat(9))).unwrap();
    bench.file(&name, &raw);
    bench.file("x.ovf", envelope(&name, "").as_bytes());
    for format in ["gnu", "posix", "ustar"] {
        bench.run(&[
            "tar",
            &format!("--format={format}"),
            "-cf",
            "x.ova",
            "x.ovf",
            &name,
        ]);
        assert_disk(
            &bench.path("x.ova"),
            raw.len() as u64,
            &digests_of(&raw),
            format,
        );
    }
    let size = format!("15 size={}\n", raw.len());
    let ovf = envelope("x.img", "");
    let mut package = made::tar_of(&[
        ("x.ovf", b'0', ovf.as_bytes()),
        ("h", b'x', size.as_bytes()),
        ("x.img", b'0', &raw),
    ]);
    let header = 512 + ovf.len().next_multiple_of(512) + 1024;
    package[header + 124..header + 136].copy_from_slice(b"00000000000\0");
    made::sum(&mut package[header..header + 512]);
    let reading = pass(source(Way::Pipe, &Arc::new(package))).unwrap();
    assert_eq!(disk_digests(&reading), digests_of(&raw));
}

#[test]
fn a_package_cut_anywhere_is_truncated() {
    let raw = disk(Pattern::Full, 300_000, 1);
    let ovf = envelope("x.img", "");
    let sum = format!("SHA1(x.img)= {}\n", "0".repeat(40));
    for package in [
        tar(&[("x.ovf", ovf.as_bytes()), ("x.img", &raw)]),
        tar(&[
            ("x.ovf", ovf.as_bytes()),
            ("x.img", &raw),
            ("x.mf", sum.as_bytes()),
        ]),
        tar(&[("x.img", &raw), ("x.ovf", ovf.as_bytes())]),
    ] {
        let len = package.len();
        let cuts = (1..40).flat_map(|n| [n * len / 40, len - n * 50, n * 512, 262 + n]);
        for cut in cuts.chain([len - 1, len - 512, len - 513, len - 1024, len - 1025]) {
            let cut = cut.clamp(262, len - 1);
            let bytes = Arc::new(package[..cut].to_vec());
            for way in [Way::Pipe, Way::Announced, Way::Ranged] {
                let error = lean_pass(source(way, &bytes)).unwrap_err();
                assert_eq!(
                    error.code(),
                    "original-truncated",
                    "{cut} of {len}, {way:?}: {error}"
                );
            }
        }
    }
}
