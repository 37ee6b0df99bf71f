//! `fetch`: a file that is right, or none.

use std::os::unix::fs::MetadataExt as _;

use world::{Authority, Page, Tls, World};

use crate::mount::Fixed;
use crate::run::ectype;
use crate::shop::Shop;

const BUILD: &str = "20260712-2537";
const NAME: &str = "debian-13-genericcloud-amd64-20260712-2537";

fn shop() -> (Shop, String) {
    let shop = Shop::new();
    let url = shop.debian(BUILD);
    shop.list(
        "https://cloud.debian.org/images/cloud/trixie/",
        &["20260712-2537/", "latest/"],
    );
    (shop, url)
}

fn sums(url: &str) -> String {
    let (folder, _) = url.rsplit_once('/').unwrap();
    Shop::path(&format!("{folder}/SHA512SUMS"))
}

#[test]
fn the_newest_build_is_fetched_as_published() {
    let (shop, url) = shop();
    let run = shop.run(&["fetch", "debian", "-f", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = run.json();
    let file = shop.made.folder.path().join(format!("{NAME}.qcow2"));
    assert!(std::fs::read(file).unwrap() == shop.made.original());
    assert_eq!(
        (&said["url"], &said["build"]),
        (&url.as_str().into(), &BUILD.into())
    );
    // The address that was really asked is another, and plain HTTP is evidence of nothing.
    assert!(
        said["mirror"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1")
    );
    assert_eq!(said["evidence"], "none");
    assert_eq!(shop.run(&["fetch", "debian:14"]).code, 5);
    assert_eq!(shop.run(&["fetch", "debian:13@20200101-1"]).code, 5);
}

#[test]
fn the_disk_in_a_named_build_is_written_with_holes_and_over_no_other_file() {
    let (shop, _) = shop();
    let args = [
        "fetch",
        "debian:trixie@20260712-2537",
        "-O",
        "raw",
        "-o",
        "out.raw",
        "-f",
        "value",
        "-c",
        "file",
    ];
    let run = shop.run(&args);
    assert_eq!(
        (run.code, &run.stdout[..]),
        (0, "out.raw\n"),
        "{}",
        run.stderr
    );
    let raw = shop.made.folder.path().join("out.raw");
    assert!(std::fs::read(&raw).unwrap() == std::fs::read(&shop.made.raw).unwrap());
    let data = raw.metadata().unwrap();
    assert!(data.blocks() * 512 < data.len(), "no holes");
    let again = shop.run(&args);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert!(again.stderr.contains("--force"));
    assert_eq!(
        shop.run(&[
            "fetch",
            "debian:13",
            "-O",
            "raw",
            "-o",
            "out.raw",
            "--force"
        ])
        .code,
        0
    );
    assert_eq!(shop.left(".part"), Vec::<String>::new());
}

#[test]
fn a_file_that_can_be_none_is_refused_before_anything_is_fetched() {
    let (shop, url) = shop();
    let folder = shop.made.folder.path();
    std::fs::create_dir_all(folder.join(format!("there/{NAME}.qcow2"))).unwrap();
    for output in ["there", "missing/file.qcow2"] {
        let run = shop.run(&["fetch", "debian:13", "--force", "-o", output]);
        assert_eq!((run.code, &run.stdout[..]), (2, ""), "{}", run.stderr);
        assert!(run.stderr.contains(output), "{}", run.stderr);
        assert!(run.stderr.contains("-o FILE"), "{}", run.stderr);
    }
    assert!(!folder.join("missing").exists());
    assert!(shop.world.requests_to(&Shop::path(&url)).is_empty());
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_can_be_tried_again() {
    let (shop, _) = shop();
    let place = shop.made.folder.path().join("fixed");
    std::fs::create_dir(&place).unwrap();
    let run = || shop.run(&["fetch", "debian:13", "-o", "fixed/out.qcow2"]);
    let Some(fixed) = Fixed::of("a file that cannot be written", &place) else {
        return;
    };
    let failed = run();
    assert_eq!(
        (failed.code, &failed.stdout[..]),
        (7, ""),
        "{}",
        failed.stderr
    );
    let said = "cannot write `fixed/out.qcow2`";
    assert!(failed.stderr.contains(said), "{}", failed.stderr);
    drop(fixed);
    assert_eq!(std::fs::read_dir(&place).unwrap().count(), 0);
    assert_eq!(run().code, 0);
}

#[test]
fn an_image_that_was_tampered_with_is_never_there() {
    let (shop, url) = shop();
    let mut bytes = shop.made.original();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    shop.put(&url, bytes);
    for form in ["as-published", "raw"] {
        let run = shop.run(&["fetch", "debian:13", "-O", form]);
        assert_eq!((run.code, &run.stdout[..]), (6, ""), "{}", run.stderr);
    }
    assert_eq!(shop.left("debian-13"), Vec::<String>::new());
}

#[test]
fn a_checksum_file_that_lists_another_digest_or_no_file_is_believed() {
    let (shop, url) = shop();
    let other = format!("{}  {NAME}.qcow2\n", "a".repeat(128));
    shop.world.put(&sums(&url), Page::bytes(other));
    let run = shop.run(&["fetch", "debian:13"]);
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("SHA512SUMS"), "{}", run.stderr);
    // The file that led there is gone when the image is checked.
    let listed = format!("{}  {NAME}.qcow2\n", "a".repeat(128));
    shop.world
        .put_each(&sums(&url), [Page::bytes(listed), Page::status(404)]);
    let run = shop.run(&["fetch", "debian:13"]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert_eq!(shop.left("debian-13"), Vec::<String>::new());
}

#[test]
fn a_vendor_who_is_just_publishing_is_asked_again_and_never_accepted_half() {
    let (shop, url) = shop();
    let (path, mut old) = (Shop::path(&url), shop.made.original());
    old[1_000_000] ^= 1;
    // The index, then the new checksum file; the image follows a moment later.
    shop.world.put_each(
        &path,
        [
            Page::bytes(old.clone()),
            Page::bytes(old.clone()),
            Page::bytes(shop.made.original()),
        ],
    );
    let right = shop.made.sums("sha512sum", &format!("{NAME}.qcow2"));
    let wrong = format!("{}  {NAME}.qcow2\n", "a".repeat(128));
    shop.world.put_each(
        &sums(&url),
        [
            Page::bytes(wrong.clone()),
            Page::bytes(wrong),
            Page::bytes(right),
        ],
    );
    let run = shop.run(&["fetch", "debian:13"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let file = shop.made.folder.path().join(format!("{NAME}.qcow2"));
    assert!(std::fs::read(file).unwrap() == shop.made.original());
}

#[test]
fn an_image_that_is_sent_on_to_a_foreign_host_is_refused() {
    let (shop, url) = shop();
    let there = World::start();
    there.put("/disk", Page::bytes(shop.made.original()));
    shop.world.put(
        &Shop::path(&url),
        Page::redirect(302, &there.url_by_name("localhost", "/disk")),
    );
    let run = shop.run(&["fetch", "debian:13"]);
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(
        run.stderr.contains("none of the places allowed"),
        "{}",
        run.stderr
    );
    assert!(there.requests().is_empty());
    assert_eq!(shop.left("debian-13"), Vec::<String>::new());
}

#[test]
fn an_image_that_is_what_is_listed_and_cannot_be_decoded_is_not_there() {
    let (shop, url) = shop();
    let cut = shop.made.original()[..100_000].to_vec();
    let file = shop.made.folder.path().join("cut");
    std::fs::write(&file, &cut).unwrap();
    let sum = crate::run::sum("sha512sum", &file);
    shop.put(&url, cut);
    shop.world
        .put(&sums(&url), Page::bytes(format!("{sum}  {NAME}.qcow2\n")));
    let run = shop.run(&["fetch", "debian:13"]);
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert_eq!(shop.left("debian-13"), Vec::<String>::new());
}

#[test]
fn a_download_that_is_cut_goes_on_and_one_that_is_too_large_ends() {
    let (shop, url) = shop();
    let whole = Page::bytes(shop.made.original());
    let path = Shop::path(&url);
    shop.world
        .put_each(&path, [whole.clone().cut_after(1_500_000), whole]);
    let run = shop.run(&["fetch", "debian:13"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let seen = shop.world.requests_to(&path);
    assert_eq!(seen.last().unwrap().header("Range"), Some("bytes=1500000-"));
    let run = shop.run(&["fetch", "debian:13", "--force", "--max-virtual-size", "1M"]);
    assert_ne!(run.code, 0);
    assert_eq!(shop.left(".part"), Vec::<String>::new());
}

#[test]
fn what_came_over_tls_from_the_mirror_is_evidence_and_an_unknown_authority_is_not() {
    let authority = Authority::new("vendors");
    let mut shop = Shop::new();
    shop.world = World::secure(&Tls::by(&authority));
    shop.debian(BUILD);
    shop.list(
        "https://cloud.debian.org/images/cloud/trixie/",
        &["20260712-2537/"],
    );
    let home = shop.made.folder.path();
    let roots = home.join("roots.pem");
    std::fs::write(&roots, authority.pem()).unwrap();
    let args = shop.args(&["fetch", "debian:13", "-f", "value", "-c", "evidence"]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let unknown = ectype(home, &[], &args);
    assert_eq!(
        (unknown.code, &unknown.stdout[..]),
        (6, ""),
        "{}",
        unknown.stderr
    );
    let known = ectype(home, &[("SSL_CERT_FILE", &roots)], &args);
    assert_eq!(
        (known.code, &known.stdout[..]),
        (0, "tls\n"),
        "{}",
        known.stderr
    );
}

#[test]
fn an_address_of_nobody_s_family_needs_something_that_vouches_for_it() {
    let shop = Shop::new();
    let world = &shop.world;
    world.put("/x/disk.qcow2", Page::bytes(shop.made.original()));
    let url = world.url("/x/disk.qcow2");
    let home = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let args: Vec<&str> = ["fetch", &url, "--allow-private"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        ectype(home.path(), &[], &args)
    };
    let nothing = run(&[]);
    assert_eq!(nothing.code, 6, "{}", nothing.stderr);
    assert!(nothing.stderr.contains("--digest"), "{}", nothing.stderr);
    let right = format!("sha256:{}", crate::run::sum("sha256sum", &shop.made.qcow2));
    let wrong = format!("sha256:{}", "b".repeat(64));
    assert_eq!(run(&["--digest", &wrong]).code, 6);
    let pinned = run(&["--digest", &right, "-f", "json"]);
    assert_eq!(pinned.code, 0, "{}", pinned.stderr);
    assert_eq!(pinned.json()["evidence"], "pinned");
    world.put(
        "/x/SHA256SUMS",
        Page::bytes(shop.made.sums("sha256sum", "disk.qcow2")),
    );
    assert_eq!(run(&["--force"]).code, 0);
    assert_eq!(run(&["--force", "--digest", &wrong]).code, 6);
}
