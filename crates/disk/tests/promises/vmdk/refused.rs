//! Kinds of VMDK that are refused, made by `qemu-img` or by hand: each with its own code.

use std::sync::Arc;

use super::writer::{SECTOR, SPARSE, descriptor, make};
use crate::pattern::{Pattern, disk};
use crate::qemu::Bench;
use crate::ways::{WAYS, Way, lean_pass, source};

fn assert_code(bench: &Bench, code: &str, text: &str, what: &str) {
    for way in WAYS {
        let error = lean_pass(way.open(&bench.path("image"))).expect_err(what);
        assert_eq!(error.code(), code, "{what}, {way:?}: {error}");
        assert!(error.to_string().contains(text), "{what}, {way:?}: {error}");
    }
}

#[test]
fn an_image_with_a_parent_is_refused_and_the_parent_named() {
    let test = "an_image_with_a_parent_is_refused_and_the_parent_named";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    bench.run(&["qemu-img", "create", "-q", "-f", "vmdk", "base", "1M"]);
    for subformat in ["monolithicSparse", "streamOptimized"] {
        let options = format!("subformat={subformat},backing_file=base");
        bench.run(&[
            "qemu-img", "create", "-q", "-f", "vmdk", "-o", &options, "-F", "vmdk", "image",
        ]);
        assert_code(&bench, "backing-file", "`base`", subformat);
    }
}

#[test]
fn a_descriptor_that_keeps_its_data_elsewhere_is_refused_and_the_file_named() {
    let test = "a_descriptor_that_keeps_its_data_elsewhere_is_refused_and_the_file_named";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for subformat in [
        "monolithicFlat",
        "twoGbMaxExtentSparse",
        "twoGbMaxExtentFlat",
    ] {
        let options = format!("subformat={subformat}");
        bench.run(&[
            "qemu-img", "create", "-q", "-f", "vmdk", "-o", &options, "image", "1M",
        ]);
        // It is a text, with NUL behind it in some versions of qemu-img.
        assert_code(&bench, "external-data-file", "`image-", subformat);
    }
    bench.run(&[
        "qemu-img",
        "create",
        "-q",
        "-f",
        "vmdk",
        "-o",
        "subformat=twoGbMaxExtentSparse",
        "part",
        "1M",
    ]);
    std::fs::rename(bench.path("part-s001.vmdk"), bench.path("image"))
        .or_else(|_| std::fs::rename(bench.path("part-s001"), bench.path("image")))
        .unwrap();
    assert_code(
        &bench,
        "format-not-supported",
        "without a descriptor",
        "an extent",
    );
}

#[test]
fn a_text_that_qemu_takes_for_a_descriptor_is_never_raw() {
    let test = "a_text_that_qemu_takes_for_a_descriptor_is_never_raw";
    let Some(bench) = Bench::new(test) else {
        return;
    };
    for (begin, end) in [
        ("# anything\n# at all\n   \nversion=1\n", ""),
        ("version=3\r\n", "\0\0\0\0"),
        ("version=2\n", "\n# behind"),
        ("# Disk DescriptorFile\nversion=1\n", "\0\0"),
    ] {
        let text = format!(
            "{begin}CID=12345678\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 2048 FLAT \"/etc/passwd\" 0\n{end}"
        );
        bench.file("image", format!("{text:\0<2048}").as_bytes());
        let probed = bench.run(&["qemu-img", "info", "--output=json", "-U", "image"]);
        let probed = String::from_utf8_lossy(&probed).into_owned();
        assert!(
            probed.contains("\"format\": \"vmdk\""),
            "{begin:?}: {probed}"
        );
        assert_code(&bench, "external-data-file", "`/etc/passwd`", begin);
    }
}

#[test]
fn a_sparse_extent_of_esx_is_refused() {
    let bytes = Arc::new([b"COWD".to_vec(), vec![1; 4096]].concat());
    for way in [Way::Pipe, Way::Announced, Way::Ranged] {
        let error = lean_pass(source(way, &bytes)).unwrap_err();
        assert_eq!(error.code(), "format-not-supported", "{error}");
        assert!(error.to_string().contains("vmfsSparse"), "{error}");
    }
}

/// An image whose descriptor is `text`.
fn with_descriptor(text: &str) -> Arc<Vec<u8>> {
    let mut image = make(&disk(Pattern::Ends, 1 << 20, 1), SPARSE).image;
    image[SECTOR..21 * SECTOR].fill(0);
    image[SECTOR..SECTOR + text.len()].copy_from_slice(text.as_bytes());
    Arc::new(image)
}

// long: one table of cases
#[test]
fn a_descriptor_that_speaks_of_more_than_this_file_is_refused() {
    let good = descriptor("monolithicSparse", 2048);
    let cases = [
        (
            good.replace("disk.vmdk", "/etc/passwd"),
            "external-data-file",
            "`/etc/passwd`",
        ),
        (
            good.replace("disk.vmdk", "..\\disk"),
            "external-data-file",
            "`..\\disk`",
        ),
        (
            good.replace("disk.vmdk", "nbd:host"),
            "external-data-file",
            "`nbd:host`",
        ),
        (
            good.replace("SPARSE", "FLAT"),
            "external-data-file",
            "`disk.vmdk`",
        ),
        (good.clone() + "RDONLY 1 ZERO\n", "external-data-file", "``"),
        (
            good.clone() + "rw 1 SPARSE \"more.vmdk\"\n",
            "external-data-file",
            "`more.vmdk`",
        ),
        (
            good.clone() + "parentFileNameHint=\"base.vmdk\"\n",
            "backing-file",
            "`base.vmdk`",
        ),
        (
            good.clone() + "# PARENTfilenameHINT=\"x\"\n",
            "backing-file",
            "`x`",
        ),
        (
            good.replace("parentCID=ffffffff", "parentCID=12345678"),
            "backing-file",
            "12345678",
        ),
        (
            good.replace("monolithicSparse", "twoGbMaxExtentSparse"),
            "format-not-supported",
            "twoGbMaxExtentSparse",
        ),
        (
            good.replace("monolithicSparse", "custom\u{1b}[2J"),
            "format-not-supported",
            "custom\u{fffd}[2J",
        ),
        (
            good.replace("createType", "made"),
            "original-corrupt",
            "no createType",
        ),
        (
            good.replace("\nCID=", "\nID="),
            "original-corrupt",
            "no CID",
        ),
        (
            good.replace("parentCID=ffffffff\n", ""),
            "original-corrupt",
            "no CID or parentCID",
        ),
        (
            good.replace("RW 2048", "# RW"),
            "original-corrupt",
            "no extent",
        ),
        (
            good.clone() + "createType=\"streamOptimized\"\n",
            "original-corrupt",
            "createType twice",
        ),
        (
            String::new(),
            "format-not-supported",
            "without a descriptor",
        ),
    ];
    for (text, code, message) in cases {
        let image = with_descriptor(&text);
        for way in [Way::Pipe, Way::Announced, Way::Ranged] {
            let error = lean_pass(source(way, &image)).map(|_| ()).expect_err(&text);
            assert_eq!(error.code(), code, "{text}, {way:?}: {error}");
            assert!(
                error.to_string().contains(message),
                "{text}, {way:?}: {error}"
            );
        }
    }
    for good in [
        good.clone(),
        good.replace("RW ", "RDONLY "),
        good.replace('\n', "\r\n"),
        good.replace(
            "createType=\"monolithicSparse\"",
            "createtype = \"MonolithicSparse\"",
        ),
    ] {
        lean_pass(source(Way::Pipe, &with_descriptor(&good))).expect(&good);
    }
}
