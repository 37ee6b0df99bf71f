//! `fetch` from vendors who sign: by their own addresses or by a mirror, a build counts as what its signature makes of it.

use std::process::Command;

use crate::home::{Gpg, How};
use crate::run::Run;
use crate::shop::Shop;

const NAME: &str = "ubuntu-24.04-server-cloudimg-amd64.img";
const FOLDER: &str = "https://cloud-images.ubuntu.com/releases/noble/release-20260705";

/// A build of Ubuntu, whose checksum file is not signed yet.
fn shop() -> Shop {
    let shop = Shop::new();
    shop.list(
        "https://cloud-images.ubuntu.com/releases/noble/",
        &["release-20260705/"],
    );
    shop.put(&format!("{FOLDER}/{NAME}"), shop.made.original());
    shop.put(&format!("{FOLDER}/SHA256SUMS"), sums(&shop));
    shop
}

fn sums(shop: &Shop) -> String {
    shop.made.sums("sha256sum", NAME)
}

fn fetch(shop: &Shop, more: &[&str]) -> Run {
    let args = ["fetch", "ubuntu:24.04", "-f", "value", "-c", "evidence"];
    shop.run(&[&args, more].concat())
}

#[track_caller]
fn refused(shop: &Shop, more: &[&str], why: &str) {
    let run = fetch(shop, more);
    assert_eq!((run.code, &run.stdout[..]), (6, ""), "{}", run.stderr);
    assert!(run.stderr.contains(why), "{}", run.stderr);
    assert_eq!(shop.left("ubuntu-24.04"), Vec::<String>::new());
}

#[test]
fn a_vendor_who_signs_is_believed_by_signature_only_even_at_a_mirror() {
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "0", None);
    let shop = shop();
    let key = shop.made.folder.path().join("vendor.asc");
    std::fs::write(&key, gpg.export("vendor")).unwrap();
    let key = ["--key", key.to_str().unwrap()];
    refused(&shop, &[], "no signed one lists the original");
    let by = format!("{FOLDER}/SHA256SUMS.gpg");
    let sign = |text: &str| gpg.sign("vendor", How::Binary, text.as_bytes(), &[]);
    // Signed by somebody whom neither we nor the user know.
    shop.put(&by, sign(&sums(&shop)));
    refused(&shop, &[], "not signed by a key of ubuntu");
    refused(
        &shop,
        &["--allow-unsigned"],
        "not signed by a key of ubuntu",
    );
    let good = fetch(&shop, &key);
    assert_eq!(
        (good.code, &good.stdout[..]),
        (0, "signed\n"),
        "{}",
        good.stderr
    );
    std::fs::remove_file(shop.made.folder.path().join(NAME)).unwrap();
    // A signature of something else.
    shop.put(&by, sign("something else"));
    let bad = [&key[..], &["--allow-unsigned"]].concat();
    refused(&shop, &bad, "signature of SHA256SUMS is not good");
}

#[test]
fn a_missing_signature_is_put_up_with_only_when_the_user_says_so_and_is_told() {
    let shop = shop();
    let run = fetch(&shop, &["--allow-unsigned"]);
    assert_eq!((run.code, &run.stdout[..]), (0, "none\n"), "{}", run.stderr);
    assert!(
        run.stderr.contains("ubuntu signs its checksum files"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_vendor_who_is_just_publishing_signs_a_moment_later() {
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "0", None);
    let shop = shop();
    let key = shop.made.folder.path().join("vendor.asc");
    std::fs::write(&key, gpg.export("vendor")).unwrap();
    let sign =
        |text: &str| world::Page::bytes(gpg.sign("vendor", How::Binary, text.as_bytes(), &[]));
    shop.world.put_each(
        &Shop::path(&format!("{FOLDER}/SHA256SUMS.gpg")),
        [sign("the last build"), sign(&sums(&shop))],
    );
    let run = fetch(&shop, &["--key", key.to_str().unwrap()]);
    assert_eq!(
        (run.code, &run.stdout[..]),
        (0, "signed\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_family_of_the_user_s_that_says_it_is_signed_is_held_to_it() {
    let shop = Shop::new();
    let families = shop.made.folder.path().join("families");
    std::fs::create_dir(&families).unwrap();
    let family = |unsigned: &str| {
        let text = format!(
            "{{family: mine, name: Mine, base: 'https://mine.example/', hosts: [mine.example],\n\
             architectures: {{x86_64: amd64}}, releases: [{{release: '2'}}], fields: {{date: '20[0-9]{{6}}'}},\n\
             find: [{{read: listing, at: '{{base}}', entry: '{{date}}/'}}], build: '{{date}}',\n\
             url: '{{base}}{{date}}/mine.qcow2', manifest: '{{base}}{{date}}/SHA256SUMS', signature: asc, keys: [mine],\n\
             unsigned: [{unsigned}],\n\
             image: {{login: me, os_distro: mine, os_purpose: generic, min_ram: 512}}}}\n"
        );
        std::fs::write(families.join("mine.yaml"), text).unwrap();
    };
    shop.list("https://mine.example/", &["20260705/"]);
    shop.put(
        "https://mine.example/20260705/mine.qcow2",
        shop.made.original(),
    );
    shop.put(
        "https://mine.example/20260705/SHA256SUMS",
        shop.made.sums("sha256sum", "mine.qcow2"),
    );
    let mirror = format!("mine.example={}", shop.world.url("/mine.example/"));
    let args = ["--families", "families", "--mirror", &mirror, "-f", "json"];
    let run = |more: &[&str]| shop.run(&[more, &args].concat());
    family("");
    let refused = run(&["fetch", "mine"]);
    assert_eq!(refused.code, 6, "{}", refused.stderr);
    assert!(
        refused.stderr.contains("mine signs its checksum files"),
        "{}",
        refused.stderr
    );
    let newest = run(&[
        "catalogue",
        "newest",
        "mine",
        "-c",
        "Build",
        "-c",
        "Signed By",
    ]);
    assert_eq!(newest.json()[0]["Signed By"], "mine", "{}", newest.stderr);
    family("'2'");
    assert_eq!(run(&["fetch", "mine"]).code, 0);
    let newest = run(&["catalogue", "newest", "mine", "-c", "Signed By"]);
    assert!(newest.json()[0]["Signed By"].is_null());
}

#[test]
fn the_disk_in_a_build_is_written_as_qcow2() {
    let shop = Shop::new();
    shop.list(
        "https://cloud.debian.org/images/cloud/trixie/",
        &["20260712-2537/"],
    );
    shop.debian("20260712-2537");
    let run = shop.run(&["fetch", "debian:13", "-O", "qcow2", "-o", "out.qcow2"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let out = shop.made.folder.path().join("out.qcow2");
    let back = shop.made.folder.path().join("back.raw");
    let converted = Command::new("qemu-img")
        .args(["convert", "-f", "qcow2", "-O", "raw"])
        .args([&out, &back])
        .status();
    assert!(converted.unwrap().success());
    assert!(std::fs::read(&back).unwrap() == std::fs::read(&shop.made.raw).unwrap());
}
