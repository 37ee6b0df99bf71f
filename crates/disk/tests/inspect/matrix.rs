//! Every format and subformat that `qemu-img` writes: the same verdict as OpenStack's inspector, and the size and format
//! that `qemu-img info` tells.

use std::process::Command;

use disk::inspect::{Declared, Kind, Severity};

use crate::bytes::{EFI_SYSTEM, LINUX, gpt};
use crate::oslo::Oracle;

/// A format, its options, and whether Glance and ectype take what comes out.
type Recipe = (&'static str, &'static str, Take);

#[derive(Clone, Copy, PartialEq)]
enum Take {
    Both,
    OnlyGlance,
    Nobody,
}

use Take::{Both, Nobody, OnlyGlance};

const RECIPES: [Recipe; 31] = [
    ("raw", "", Both),
    ("qcow2", "compat=0.10", Both),
    ("qcow2", "compat=1.1", Both),
    ("qcow2", "compat=1.1,cluster_size=512", Both),
    ("qcow2", "compat=1.1,cluster_size=2M", Both),
    ("qcow2", "compat=1.1,lazy_refcounts=on", Both),
    ("qcow2", "compat=1.1,compression_type=zstd", Both),
    ("qcow2", "compat=1.1,extended_l2=on", Nobody),
    ("qcow2", "compat=1.1,refcount_bits=64", Both),
    ("qcow2", "compat=1.1,preallocation=full", Both),
    ("qcow", "", Nobody),
    ("qed", "", Nobody),
    ("vdi", "", Both),
    ("vdi", "static=on", Both),
    ("vpc", "subformat=dynamic", Both),
    ("vpc", "subformat=dynamic,force_size=on", Both),
    // The footer alone tells it: Glance finds the disk's partition table.
    ("vpc", "subformat=fixed,force_size=on", OnlyGlance),
    ("vhdx", "subformat=dynamic", Both),
    ("vhdx", "subformat=fixed", Both),
    ("vhdx", "subformat=dynamic,block_size=1M,log_size=2M", Both),
    ("vmdk", "subformat=monolithicSparse", Both),
    ("vmdk", "subformat=monolithicSparse,zeroed_grain=on", Both),
    ("vmdk", "subformat=monolithicSparse,compat6", Both),
    ("vmdk", "subformat=streamOptimized", Both),
    ("vmdk", "subformat=monolithicFlat", OnlyGlance),
    ("vmdk", "subformat=twoGbMaxExtentFlat", OnlyGlance),
    ("vmdk", "subformat=twoGbMaxExtentSparse", OnlyGlance),
    ("parallels", "", OnlyGlance),
    ("luks", "", OnlyGlance),
    ("qcow2", "luks", OnlyGlance),
    (
        "qcow2",
        "compat=1.1,data_file=data,data_file_raw=on",
        Nobody,
    ),
];

#[test]
fn every_format_of_qemu_img_gets_the_same_verdict() {
    let test = "every_format_of_qemu_img_gets_the_same_verdict";
    let Some(mut oracle) = Oracle::start(test, &["qemu-img"]) else {
        return;
    };
    let disk = gpt(
        16 << 10,
        &[
            (EFI_SYSTEM, 2048, 4095, "esp"),
            (LINUX, 4096, 16000, "root"),
        ],
    );
    std::fs::write(oracle.path("disk"), disk.0).unwrap();
    for (format, options, take) in RECIPES {
        let image = make(&oracle, format, options);
        let what = format!("{format} {options}");
        let inspection = oracle.same(&oracle.path(&image), &what);
        // A fixed VHD and a descriptor come as raw, because that is what Glance finds.
        let glance = match inspection.kind {
            Kind::Vmdk if take == OnlyGlance => "raw",
            _ => inspection.disk_format(),
        };
        let declared = Declared::bare(glance);
        let findings = inspection.findings(&declared);
        let by = |severity| findings.iter().any(|f| f.severity == severity);
        let fixed = inspection.kind == Kind::VhdFixed;
        assert_eq!(by(Severity::Glance), take == Nobody, "{what}: {findings:?}");
        assert_eq!(
            by(Severity::Ectype),
            take == OnlyGlance && !fixed,
            "{what}: {findings:?}"
        );
        if take == Both {
            assert_eq!(
                inspection.virtual_size,
                Some(info(&oracle, format, &image)),
                "{what}"
            );
            assert_eq!(inspection.kind.name(), format, "{what}");
        }
        let _ = std::fs::remove_file(oracle.path(&image));
    }
    oracle.finish(test);
}

/// The image's name.
fn make(oracle: &Oracle, format: &str, options: &str) -> String {
    let (image, secret) = ("image".to_owned(), "secret,id=s,data=x");
    let mut line = vec!["qemu-img", "convert", "-f", "raw", "-O", format];
    let encrypted = match (format, options) {
        ("luks", _) => "key-secret=s,iter-time=10",
        (_, "luks") => "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10",
        _ => "",
    };
    if !encrypted.is_empty() {
        line.extend(["--object", secret, "-o", encrypted]);
    } else if !options.is_empty() {
        line.extend(["-o", options]);
    }
    if options.contains("compression_type") {
        line.push("-c");
    }
    line.extend(["disk", &image]);
    oracle.run(&line);
    image
}

/// The virtual size that `qemu-img info` prints.
fn info(oracle: &Oracle, format: &str, image: &str) -> u64 {
    let output = Command::new("qemu-img")
        .args(["info", "-f", format, "--output=json"])
        .arg(oracle.path(image))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let sizes = text.split("\"virtual-size\": ").skip(1);
    let sizes = sizes.map(|rest| rest.split(',').next().unwrap().trim().parse().unwrap());
    // A file below the image has a size of its own; the image's comes last.
    sizes.last().unwrap()
}

#[test]
fn a_backing_file_and_a_dirty_image_are_found_in_what_qemu_img_makes() {
    let test = "a_backing_file_and_a_dirty_image_are_found_in_what_qemu_img_makes";
    let Some(mut oracle) = Oracle::start(test, &["qemu-img"]) else {
        return;
    };
    let run = |oracle: &Oracle, rest: &[&str]| {
        let line: Vec<&str> = ["qemu-img"].iter().chain(rest).copied().collect();
        oracle.run(&line);
    };
    run(&oracle, &["create", "-q", "-f", "qcow2", "base", "1M"]);
    for (format, options) in [
        ("qcow2", "compat=0.10"),
        ("qcow2", "compat=1.1"),
        ("vmdk", "subformat=monolithicSparse"),
    ] {
        run(&oracle, &["convert", "-O", format, "base", "below"]);
        run(
            &oracle,
            &[
                "create", "-q", "-f", format, "-o", options, "-b", "below", "-F", format, "above",
            ],
        );
        let above = oracle.same(&oracle.path("above"), &format!("{format} above another"));
        assert!(
            disk::inspect::gate(&above, &Declared::bare(format)).is_err(),
            "{format} {options}"
        );
    }
    run(&oracle, &["snapshot", "-c", "old", "base"]);
    let snapshot = oracle.same(&oracle.path("base"), "with a snapshot");
    let codes: Vec<&str> = snapshot
        .findings(&Declared::bare("qcow2"))
        .iter()
        .map(|f| f.code.code())
        .collect();
    assert_eq!(codes, ["internal-snapshots"]);
    oracle.finish(test);
}
