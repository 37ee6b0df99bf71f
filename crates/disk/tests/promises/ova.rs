//! OVA packages made by `tar` and by hand: the disk in them, their manifest, and everything that is not one disk.

mod made;

use disk::{Format, Packing};

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
        for format in ["ustar", "gnu", "posix"] {
            for tool in ["sha1sum", "sha256sum", "sha512sum"] {
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
                    assert_eq!(
                        (reading.format, &reading.packings[..]),
                        (Format::Vmdk, &[Packing::Ova][..])
                    );
                    let inner = digests_of(&std::fs::read(bench.path("x.vmdk")).unwrap());
                    let unpacked = reading.unpacked.unwrap();
                    assert_eq!(
                        unpacked
                            .digests
                            .get(disk::Algorithm::Sha512)
                            .unwrap()
                            .to_string(),
                        inner[2]
                    );
                }
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

fn assert_fails(package: Vec<u8>, code: &str, text: &str) {
    let package = Arc::new(package);
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        let error = lean_pass(source(way, &package))
            .map(|_| ())
            .expect_err(text);
        assert_eq!(error.code(), code, "{text}, {way:?}: {error}");
        assert!(error.to_string().contains(text), "{text}, {way:?}: {error}");
    }
}

#[test]
fn a_package_that_is_not_one_disk_is_refused() {
    let raw = disk(Pattern::Full, 5000, 1);
    let with = |text: &str| tar(&[("x.ovf", text.as_bytes()), ("x.img", &raw)]);
    let good = envelope("x.img", "");
    lean_pass(source(Way::Pipe, &Arc::new(with(&good)))).unwrap();
    let second = "<Disk ovf:diskId=\"b\" ovf:fileRef=\"f1\"/></DiskSection>";
    let cases = [
        (
            good.replace("</DiskSection>", second),
            "not-one-disk",
            "2 disks",
        ),
        (
            good.replace(" ovf:fileRef=\"f1\"", ""),
            "not-one-disk",
            "0 disks",
        ),
        (
            good.replace(
                "ovf:fileRef=\"f1\"",
                "ovf:fileRef=\"f1\" ovf:parentRef=\"base\"",
            ),
            "backing-file",
            "`base`",
        ),
        (
            good.replace("x.img", "http://host/x.img"),
            "external-data-file",
            "`http://host/x.img`",
        ),
        (
            good.replace("x.img", "/etc/passwd"),
            "external-data-file",
            "`/etc/passwd`",
        ),
        (
            good.replace("x.img", "../x.img"),
            "external-data-file",
            "`../x.img`",
        ),
        (
            good.replace("ovf:href", "ovf:chunkSize=\"100\" ovf:href"),
            "format-not-supported",
            "several files",
        ),
        (
            good.replace("x.img", "y.img"),
            "original-corrupt",
            "`y.img`, which is not there",
        ),
        (
            good.replace("ovf:id=\"f1\"", "ovf:id=\"f2\""),
            "original-corrupt",
            "which file its disk is",
        ),
        (
            good.replace("</Envelope>", ""),
            "original-corrupt",
            "no XML",
        ),
        (
            format!("<!DOCTYPE x [<!ENTITY a \"aaaa\">]>{good}"),
            "original-corrupt",
            "no XML",
        ),
        (String::new(), "original-corrupt", "no XML"),
    ];
    for (text, code, message) in cases {
        assert_fails(with(&text), code, message);
    }
    let ovf = good.as_bytes();
    assert_fails(tar(&[("x.img", &raw)]), "format-not-supported", "tar");
    assert_fails(tar(&[]), "format-not-supported", "tar");
    assert_fails(
        tar(&[("y", &raw), ("x.ovf", ovf), ("x.img", &raw)]),
        "original-corrupt",
        "comes after a file",
    );
    assert_fails(
        tar(&[("x.ovf", ovf), ("y.ovf", ovf), ("x.img", &raw)]),
        "original-corrupt",
        "two descriptors",
    );
    assert_fails(
        tar(&[("x.ovf", ovf), ("x.img", &raw), ("x.img", &raw)]),
        "original-corrupt",
        "one name",
    );
    let lists = |line: &str| tar(&[("x.ovf", ovf), ("x.mf", line.as_bytes()), ("x.img", &raw)]);
    assert_fails(
        lists("SHA1(x.img)= 12\n"),
        "original-corrupt",
        "line 1 of the package's manifest",
    );
    assert_fails(
        lists("\n\nnonsense\n"),
        "original-corrupt",
        "line 3 of the package's manifest",
    );
    let absent = format!("SHA1(y.img)= {}\n", "0".repeat(40));
    assert_fails(
        lists(&absent),
        "original-corrupt",
        "lists `y.img`, which is not there",
    );
    let huge = vec![b' '; (1 << 20) + 1];
    assert_fails(
        tar(&[("x.ovf", &huge), ("x.img", &raw)]),
        "limit-exceeded",
        "descriptor",
    );
    let many: Vec<(String, Vec<u8>)> = (0..1001).map(|n| (format!("f{n}"), vec![1])).collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|(name, bytes)| (&name[..], &bytes[..]))
        .collect();
    assert_fails(
        tar(&[&[("x.ovf", ovf)][..], &many].concat()),
        "limit-exceeded",
        "number of files",
    );
}

#[test]
fn damage_to_the_archive_is_named() {
    let raw = disk(Pattern::Full, 5000, 1);
    let ovf = envelope("x.img", "");
    let good = tar(&[("x.ovf", ovf.as_bytes()), ("x.img", &raw)]);
    let second = 512 + ovf.len().next_multiple_of(512);
    for at in [0, 100, 130, 148, second, second + 130, second + 200] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert_fails(bad, "original-corrupt", "tar header");
    }
    for kind in [b'1', b'2', b'3', b'S', b'9'] {
        let bad = made::tar_of(&[("x.ovf", b'0', ovf.as_bytes()), ("x.img", kind, &raw)]);
        assert_fails(bad, "original-corrupt", "neither a file nor a folder");
    }
    let sparse = b"22 GNU.sparse.major=1\n";
    let bad = made::tar_of(&[
        ("x.ovf", b'0', ovf.as_bytes()),
        ("h", b'x', sparse),
        ("x.img", b'0', &raw),
    ]);
    assert_fails(bad, "original-corrupt", "a file with holes");
    for records in [
        &b"9 path=x"[..],
        b"path=x\n",
        b"99 path=x\n",
        b"7 path\n",
        b"0 path=x\n",
    ] {
        let bad = made::tar_of(&[
            ("h", b'x', records),
            ("x.ovf", b'0', ovf.as_bytes()),
            ("x.img", b'0', &raw),
        ]);
        assert_fails(bad, "original-corrupt", "pax record");
    }
    let long = vec![b'a'; 70_000];
    for kind in [b'L', b'x', b'g'] {
        let bad = made::tar_of(&[("h", kind, &long), ("x.img", b'0', &raw)]);
        assert_fails(bad, "limit-exceeded", "an extended header");
    }
    let behind = [&good[..], &[1; 512]].concat();
    assert_fails(behind, "original-corrupt", "something follows the end");
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
