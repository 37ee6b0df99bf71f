//! Every form of checksum file, written here by hand or by GNU coreutils.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::process::Command;

use disk::Algorithm;
use origin::manifest::{Error, MAX_MANIFEST, Manifest, Role, Size};
use origin::pgp::NotClear;

const A: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
const B: &str = "e258d248fda94c63753607f7c4494ee0fcbe92f1a76bfdac795c9d84101eb317";

fn found(text: &str, name: &str) -> Option<String> {
    let listing = Manifest::parse(text.as_bytes())
        .unwrap()
        .lookup(name, Role::Directory)
        .unwrap();
    listing.map(|l| l.digests[0].to_string())
}

#[test]
fn every_way_of_writing_a_line_is_understood() {
    for line in [
        format!("{A}  disk.img\n"),
        format!("{A} *disk.img\n"),
        format!("{A} disk.img\n"),
        format!("{A}\tdisk.img\n"),
        format!("{A}  ./disk.img\n"),
        format!("{A}  disk.img"),
        format!("{A}  disk.img\r\n"),
        format!("\u{feff}{A}  disk.img\r\n"),
        format!("{}  disk.img\n", A.to_uppercase()),
        format!("SHA256 (disk.img) = {A}\n"),
        format!("SHA256(disk.img)= {A}\n"),
        format!("SHA-256 (./disk.img) = {A}\r\n"),
        format!("SHA256 (disk.img) = {A}"),
        format!("garbage\n\n# a comment\n{A}  disk.img\n<a href>\n"),
    ] {
        assert_eq!(found(&line, "disk.img").as_deref(), Some(A), "{line:?}");
    }
}

#[test]
fn what_coreutils_writes_is_read_back_whatever_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let names = [
        "plain.img",
        "two words.img",
        "new\nline.img",
        "back\\slash.img",
        "a (b) = c.img",
        "*star",
        " lead",
    ];
    for name in names {
        std::fs::write(dir.path().join(name), "hello\n").unwrap();
    }
    for args in [
        vec!["sha256sum"],
        vec!["sha256sum", "-b"],
        vec!["sha256sum", "--tag"],
        vec!["md5sum", "--tag"],
    ] {
        let out = Command::new(args[0])
            .args(&args[1..])
            .arg("--")
            .args(names)
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(out.status.success());
        let manifest = Manifest::parse(&out.stdout).unwrap();
        assert_eq!(manifest.entries().len(), names.len(), "{args:?}");
        for name in names {
            let listing = manifest
                .lookup(name, Role::Directory)
                .unwrap()
                .unwrap_or_else(|| panic!("{args:?} {name:?}"));
            let expected = if args[0] == "md5sum" {
                "b1946ac92492d2347c6235b4d2611184"
            } else {
                A
            };
            assert_eq!(listing.digests[0].to_string(), expected);
        }
    }
}

#[test]
fn a_digest_without_a_name_speaks_only_of_the_file_it_is_named_after() {
    let manifest = Manifest::parse(format!("{A}\n").as_bytes()).unwrap();
    assert!(
        manifest
            .lookup("disk.img", Role::Directory)
            .unwrap()
            .is_none()
    );
    let listing = manifest.lookup("disk.img", Role::OneFile).unwrap().unwrap();
    assert_eq!(
        (listing.name, listing.digests[0].to_string()),
        (None, A.to_owned())
    );
}

#[test]
fn a_file_that_is_named_after_another_says_nothing_of_this_one() {
    let manifest = Manifest::parse(format!("{A}  other.img\n").as_bytes()).unwrap();
    assert!(
        manifest
            .lookup("disk.img", Role::OneFile)
            .unwrap()
            .is_none()
    );
}

#[test]
fn the_path_that_fits_best_counts() {
    let text = format!("{A}  amd64/disk.img\n{B}  arm64/disk.img\n");
    let manifest = Manifest::parse(text.as_bytes()).unwrap();
    let by = |path: &str| {
        manifest
            .lookup(path, Role::Directory)
            .map(|l| l.unwrap().digests[0].to_string())
    };
    assert_eq!(by("/images/amd64/disk.img"), Ok(A.to_owned()));
    assert_eq!(by("/images/arm64/disk.img"), Ok(B.to_owned()));
    assert!(matches!(
        by("/images/disk.img"),
        Err(Error::Contradiction { .. })
    ));
    assert_eq!(
        found(&format!("{A}  /build/out/disk.img\n"), "/x/disk.img").as_deref(),
        Some(A)
    );
    assert_eq!(
        found(
            &format!("{A}  xdisk.img\n{B}  disk.img.sig\n"),
            "/x/disk.img"
        ),
        None
    );
}

#[test]
fn two_digests_of_one_algorithm_are_refused_for_the_name_asked_and_for_no_other() {
    let text = format!("{A}  disk.img\n{B}  disk.img\n{B}  fine.img\n{B}  fine.img\n");
    let manifest = Manifest::parse(text.as_bytes()).unwrap();
    let refused = manifest.lookup("disk.img", Role::Directory).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("it contradicts itself about `disk.img`: {A} and {B}")
    );
    assert_eq!(found(&text, "fine.img").as_deref(), Some(B));
}

#[test]
fn all_algorithms_of_a_name_are_given_strongest_first() {
    let sha512 = A.repeat(2);
    let md5 = &A[..32];
    let text = format!(
        "MD5 (d) = {md5}\nSHA512 (d) = {sha512}\nSHA256 (d) = {A}\nBLAKE2b (d) = {sha512}\n"
    );
    let listing = Manifest::parse(text.as_bytes())
        .unwrap()
        .lookup("d", Role::Directory)
        .unwrap()
        .unwrap();
    let algorithms: Vec<_> = listing
        .digests
        .iter()
        .map(disk::Digest::algorithm)
        .collect();
    assert_eq!(
        algorithms,
        [Algorithm::Sha512, Algorithm::Sha256, Algorithm::Md5]
    );
}

#[test]
fn lengths_in_comments_are_read_and_may_not_contradict() {
    let text = |more: &str| format!("# d: 645988352 bytes\nSHA256 (d) = {A}\n{more}");
    let size = |text: &str| {
        let listing = Manifest::parse(text.as_bytes())
            .unwrap()
            .lookup("d", Role::Directory);
        listing.map(|l| l.unwrap().size)
    };
    assert_eq!(size(&text("")), Ok(Some(Size::Exact(645_988_352))));
    assert_eq!(
        size(&text("# d: 630848K\n")),
        Ok(Some(Size::Exact(645_988_352)))
    );
    assert_eq!(
        size(&format!("# d: 2K\n{A}  d\n")),
        Ok(Some(Size::About(2048)))
    );
    assert_eq!(size(&format!("# e: 2 bytes\n{A}  d\n")), Ok(None));
    assert!(matches!(
        size(&text("# d: 1 bytes\n")),
        Err(Error::Contradiction { .. })
    ));
}

#[test]
fn in_a_signed_text_only_the_signed_lines_count() {
    let text = format!(
        "{B}  before.img\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{A}  disk.img \t\n- -dash\n- {B}  dashed.img\n\
         -----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n{B}  after.img\n"
    );
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        assert!(
            Manifest::parse(text.as_bytes())
                .unwrap()
                .signed_text()
                .is_some()
        );
        assert_eq!(found(&text, "disk.img").as_deref(), Some(A));
        assert_eq!(found(&text, "dashed.img").as_deref(), Some(B));
        assert_eq!(found(&text, "before.img"), None);
        assert_eq!(found(&text, "after.img"), None);
    }
    let cut = text.split("-----BEGIN PGP SIGNATURE").next().unwrap();
    assert_eq!(
        Manifest::parse(cut.as_bytes()),
        Err(Error::Signed(NotClear::Cut))
    );
}

#[test]
fn what_is_no_checksum_file_is_an_error_and_not_an_empty_list() {
    let page = format!("\n <!DOCTYPE html><html><body><pre>\n{A}  disk.img\n</pre></body></html>");
    assert_eq!(Manifest::parse(page.as_bytes()), Err(Error::WebPage));
    assert_eq!(Manifest::parse(b""), Err(Error::Empty));
    assert_eq!(Manifest::parse(b"Not Found\n"), Err(Error::Empty));
    assert_eq!(
        Manifest::parse(&vec![b'a'; MAX_MANIFEST + 1]),
        Err(Error::TooLarge {
            len: MAX_MANIFEST + 1
        })
    );
}
