//! Packages that are not one disk, and archives damaged by hand: each with its own code.

use std::sync::Arc;

use super::made::{envelope, tar, tar_of};
use crate::pattern::{Pattern, disk};
use crate::ways::{Way, lean_pass, source};

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

// long: one table of cases
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
        let bad = tar_of(&[("x.ovf", b'0', ovf.as_bytes()), ("x.img", kind, &raw)]);
        assert_fails(bad, "original-corrupt", "neither a file nor a folder");
    }
    let sparse = b"22 GNU.sparse.major=1\n";
    let bad = tar_of(&[
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
        b"29 size=18446744073709551615\n",
    ] {
        let bad = tar_of(&[
            ("h", b'x', records),
            ("x.ovf", b'0', ovf.as_bytes()),
            ("x.img", b'0', &raw),
        ]);
        assert_fails(bad, "original-corrupt", "pax record");
    }
    let long = vec![b'a'; 70_000];
    for kind in [b'L', b'x', b'g'] {
        let bad = tar_of(&[("h", kind, &long), ("x.img", b'0', &raw)]);
        assert_fails(bad, "limit-exceeded", "an extended header");
    }
    let behind = [&good[..], &[1; 512]].concat();
    assert_fails(behind, "original-corrupt", "something follows the end");
}
