//! Who vouches for an original by signature: keys that are pinned or the user's, and signatures good, bad and missing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "../crates/origin/tests/gpg/home.rs"]
mod home;
#[path = "verify/run.rs"]
mod run;
#[path = "verify/vendor.rs"]
mod vendor;

use std::path::Path;

use home::{Gpg, How};
use run::ectype;
use serde_json::{Value, json};
use vendor::Vendor;
use world::Page;

const UBUNTU: &str = "http://cloud-images.ubuntu.com/noble/20260926";
const NOBODY: &str = "http://images.example/13";

fn codes(verdict: &Value) -> Vec<&str> {
    let warnings = verdict["warnings"].as_array().unwrap();
    warnings
        .iter()
        .map(|warning| warning["code"].as_str().unwrap())
        .collect()
}

#[test]
fn a_good_signature_says_who_signed_with_which_key_and_when() {
    let gpg = Gpg::new();
    let fingerprint = gpg.key("vendor", "ed25519", "0", None);
    for (how, ending, form) in [
        (How::Armoured, ".asc", "detached"),
        (How::Binary, ".gpg", "detached"),
        (How::Clear, "", "inline"),
    ] {
        let vendor = Vendor::at(NOBODY).key(&gpg, "vendor");
        vendor.put("SHA256SUMS", vendor.sums());
        let signed = gpg.sign(
            "vendor",
            how,
            &vendor.sums(),
            &["--faked-system-time=20990102T030405!"],
        );
        vendor.put(&format!("SHA256SUMS{ending}"), signed);
        vendor.json(&[]).expect("signature-bad", 6); // made in the future
        vendor.put(
            &format!("SHA256SUMS{ending}"),
            gpg.sign("vendor", how, &vendor.sums(), &[]),
        );
        let verdict = vendor.json(&[]).expect("identical", 0).json();
        let evidence = &verdict["evidence"];
        let signature = &evidence["manifest"]["signature"];
        assert_eq!(evidence["class"], "signed");
        assert_eq!(
            (
                &signature["form"],
                &signature["standing"],
                &signature["checked"]
            ),
            (&json!(form), &json!("good"), &json!(true))
        );
        let signer = &signature["signer"];
        assert_eq!(
            (&signer["fingerprint"], &signer["key"]),
            (&json!(fingerprint), &Value::Null)
        );
        assert_eq!(signer["user_id"], "vendor <vendor@example.org>");
        assert!(signer["key_file"].as_str().unwrap().ends_with("vendor.key"));
        assert!(signer["made_at"].as_str().unwrap().starts_with("20"));
        assert_eq!(codes(&verdict), [""; 0]);
        let words = vendor.ask("disk.qcow2", &[]);
        assert_eq!(words.code, 0);
        assert!(words.stdout.contains(&fingerprint), "{}", words.stdout);
        let class = vendor.ask("disk.qcow2", &["-f", "value", "-c", "Evidence"]);
        assert_eq!(class.stdout, "signed\n");
    }
}

#[test]
fn a_key_in_the_user_s_folder_counts_and_an_unknown_one_is_only_told() {
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "0", None);
    let vendor = Vendor::at(NOBODY);
    vendor.put("SHA256SUMS", vendor.sums());
    vendor.put(
        "SHA256SUMS.sig",
        gpg.sign("vendor", How::Binary, &vendor.sums(), &[]),
    );
    let verdict = vendor.json(&[]).expect("identical", 0).json();
    assert_eq!(verdict["evidence"]["class"], "none");
    assert_eq!(
        verdict["evidence"]["manifest"]["signature"]["standing"],
        "unknown-key"
    );
    assert_eq!(codes(&verdict), ["signature-unknown-key"]);
    let folder = vendor.made.folder.path().join(".config/ectype/keys");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("vendor.gpg"), gpg.export("vendor")).unwrap();
    let verdict = vendor.json(&[]).expect("identical", 0).json();
    assert_eq!(verdict["evidence"]["class"], "signed");
    let home = vendor.made.folder.path();
    let listed = ectype(
        home,
        &[],
        &[
            "keys",
            "list",
            "-f",
            "value",
            "-c",
            "Fingerprint",
            "-c",
            "For",
        ],
    );
    assert!(listed.stdout.contains(&format!(
        "{} everything (yours)\n",
        gpg.fingerprint("vendor")
    )));
    // What was put there to be trusted and cannot be read is no reason to go on without it.
    std::fs::write(folder.join("broken.asc"), "nothing").unwrap();
    let broken = vendor.json(&[]);
    assert_eq!((broken.code, broken.stdout.as_str()), (3, ""));
    let missing = vendor.json(&["--key", "missing.asc"]);
    assert_eq!(missing.code, 3);
}

#[test]
fn a_bad_signature_is_never_trusted() {
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "0", None);
    gpg.key("expired", "ed25519", "30d", Some("20200101T000000"));
    gpg.key("revoked", "ed25519", "0", None);
    let vendor = Vendor::at(NOBODY).key(&gpg, "vendor").key(&gpg, "expired");
    let sums = vendor.sums();
    vendor.put("SHA256SUMS", sums.clone());
    let good = gpg.sign("vendor", How::Armoured, &sums, &[]);
    let revoked = gpg.sign("revoked", How::Armoured, &sums, &[]);
    gpg.revoke("revoked", '2', None);
    let vendor = vendor.key(&gpg, "revoked");
    let swapped = gpg.sign("vendor", How::Armoured, b"another file\n", &[]);
    let truncated = good[..good.len() / 2].to_vec();
    let expired = gpg.sign(
        "expired",
        How::Armoured,
        &sums,
        &["--faked-system-time=20200102T000000!"],
    );
    let weak = gpg.sign("vendor", How::Armoured, &sums, &["--digest-algo", "SHA1"]);
    for (what, signature) in [
        ("swapped", swapped),
        ("truncated", truncated),
        ("expired", expired),
        ("revoked", revoked),
        ("weak", weak),
    ] {
        vendor.put("SHA256SUMS.asc", signature);
        for more in [&[][..], &["--allow-unsigned"]] {
            let verdict = vendor.json(more).expect("signature-bad", 6).json();
            assert_eq!(verdict["evidence"]["class"], "none", "{what}");
            assert_eq!(
                verdict["evidence"]["manifest"]["signature"]["standing"], "bad",
                "{what}"
            );
        }
    }
    vendor.put("SHA256SUMS.asc", good);
    vendor.json(&[]).expect("identical", 0);
    // A signed text that was cut is a bad signature, too, and what is around a signed text is not part of it.
    vendor.world.remove(&format!("{NOBODY}/SHA256SUMS.asc"));
    let clear = gpg.sign("vendor", How::Clear, &sums, &[]);
    vendor.put("SHA256SUMS", &clear[..clear.len() - 60]);
    vendor.json(&[]).expect("signature-bad", 6);
    let other = gpg.sign("vendor", How::Clear, b"00  other\n", &[]);
    vendor.put("SHA256SUMS", [&sums[..], &other[..], &sums[..]].concat());
    let verdict = vendor.json(&[]).expect("identical", 0).json();
    assert_eq!(verdict["evidence"]["manifest"], Value::Null);
}

#[test]
fn where_the_vendor_signs_a_missing_signature_is_not_trusted_unless_the_user_wants_that() {
    let vendor = Vendor::at(UBUNTU);
    let allow = "--allow-unsigned";
    // Not even a checksum file, then one without a signature.
    for _ in 0..2 {
        let verdict = vendor.json(&[]).expect("signature-missing", 6).json();
        assert_eq!(verdict["evidence"]["signs"], "ubuntu");
        let verdict = vendor.json(&[allow]).expect("identical", 0).json();
        assert_eq!(codes(&verdict), ["unsigned-allowed"]);
        let words = vendor.ask("disk.qcow2", &[allow]).stdout;
        assert!(words.contains("warning   unsigned-allowed"), "{words}");
        vendor.put("SHA256SUMS", vendor.sums());
    }
    // By somebody else: that is not missing.
    let gpg = Gpg::new();
    gpg.key("stranger", "ed25519", "0", None);
    vendor.put(
        "SHA256SUMS.gpg",
        gpg.sign("stranger", How::Armoured, &vendor.sums(), &[]),
    );
    for more in [&[][..], &[allow]] {
        vendor.json(more).expect("signature-unknown-key", 6);
    }
    let vendor = vendor.key(&gpg, "stranger");
    let verdict = vendor.json(&[]).expect("identical", 0).json();
    assert_eq!(verdict["evidence"]["class"], "signed");
    // A signed file that comes later in the search is preferred to an unsigned one.
    vendor.put("SHA512SUMS", vendor.made.sums("sha512sum", "disk.qcow2"));
    let verdict = vendor.json(&[]).expect("identical", 0).json();
    assert_eq!(verdict["evidence"]["class"], "signed");
    // That there is none is not known before it was asked.
    vendor.world.remove(&format!("{UBUNTU}/SHA512SUMS"));
    vendor.pages("SHA256SUMS.gpg", [Page::status(500)]);
    vendor.json(&[allow]).expect("signature-unavailable", 7);
}

#[test]
fn vendors_that_do_not_sign_are_believed_as_before() {
    let vendor = Vendor::at("http://cloud.debian.org/images/cloud/trixie/20260712-2537");
    vendor.put("SHA256SUMS", vendor.sums());
    let verdict = vendor.json(&[]).expect("identical", 0).json();
    assert_eq!(verdict["evidence"]["signs"], Value::Null);
    assert_eq!(codes(&verdict), [""; 0]);
}

#[test]
fn a_vendor_that_is_just_publishing_is_asked_again_and_never_believed_half_way() {
    let gpg = Gpg::new();
    gpg.key("vendor", "ed25519", "0", None);
    let vendor = Vendor::at(NOBODY).key(&gpg, "vendor");
    let old = format!("{}  disk.qcow2\n", "0".repeat(64)).into_bytes();
    let sign = |data: &[u8]| gpg.sign("vendor", How::Armoured, data, &[]);
    // The signature comes a moment after the file.
    vendor.put("SHA256SUMS", vendor.sums());
    vendor.pages(
        "SHA256SUMS.gpg",
        [Page::bytes(sign(&old)), Page::bytes(sign(&vendor.sums()))],
    );
    vendor.json(&[]).expect("identical", 0);
    // The checksum file comes a moment after the image.
    vendor.pages(
        "SHA256SUMS",
        [Page::bytes(old.clone()), Page::bytes(vendor.sums())],
    );
    vendor.pages(
        "SHA256SUMS.gpg",
        [Page::bytes(sign(&old)), Page::bytes(sign(&vendor.sums()))],
    );
    let verdict = vendor.json(&[]).expect("identical", 0).json();
    assert_eq!(verdict["evidence"]["manifest"]["agrees"], true);
    // It stays so: reported, after a bounded number of looks.
    vendor.put("SHA256SUMS.gpg", sign(&old));
    vendor.json(&[]).expect("signature-bad", 6);
    vendor.put("SHA256SUMS", old);
    vendor.json(&[]).expect("manifest-disagrees", 6);
    let looks = vendor
        .world
        .requests_to(&format!("{NOBODY}/SHA256SUMS.gpg"))
        .len();
    assert!(looks < 12, "{looks}");
}

fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/origin/tests/samples");
    std::fs::read(folder.join(name)).unwrap()
}

#[test]
fn what_the_vendors_signed_is_known_by_the_keys_that_are_shipped() {
    let image = "noble-server-cloudimg-amd64.img";
    let ubuntu = Vendor::with(image, UBUNTU);
    ubuntu.put("SHA256SUMS", sample("ubuntu-noble-20260926-SHA256SUMS"));
    ubuntu.put(
        "SHA256SUMS.gpg",
        sample("ubuntu-noble-20260926-SHA256SUMS.gpg"),
    );
    let fedora = Vendor::with(
        "Fedora-Cloud-Base-Generic-44-1.7.aarch64.qcow2",
        "http://download.fedoraproject.org/pub/fedora/linux/releases/44/Cloud/aarch64/images",
    );
    fedora.put(
        "Fedora-Cloud-44-1.7-aarch64-CHECKSUM",
        sample("Fedora-Cloud-44-1.7-aarch64-CHECKSUM"),
    );
    for (vendor, image, key, made_at) in [
        (&ubuntu, image, "ubuntu-uec", "2026-09-26T18:23:12Z"),
        (
            &fedora,
            "Fedora-Cloud-Base-Generic-44-1.7.aarch64.qcow2",
            "fedora-44",
            "2026-04-24T15:34:18Z",
        ),
    ] {
        // Our image is not theirs, and that is what is said, on the word of whoever signed.
        let verdict = vendor
            .ask(image, &["-f", "json"])
            .expect("manifest-disagrees", 6)
            .json();
        let signer = &verdict["evidence"]["manifest"]["signature"]["signer"];
        assert_eq!(
            (&signer["key"], &signer["made_at"]),
            (&json!(key), &json!(made_at))
        );
        assert_eq!(verdict["evidence"]["class"], "signed");
    }
    ubuntu.put(
        "SHA256SUMS.gpg",
        sample("ubuntu-jammy-20260722-SHA256SUMS.gpg"),
    );
    ubuntu
        .ask(image, &["-f", "json"])
        .expect("signature-bad", 6);
    // The same file where another release is published is not that release's.
    let moved = Vendor::with(
        "Fedora-Cloud-Base-Generic-44-1.7.aarch64.qcow2",
        "http://download.fedoraproject.org/pub/fedora/linux/releases/43/Cloud/aarch64/images",
    );
    moved.put(
        "Fedora-Cloud-44-1.7-aarch64-CHECKSUM",
        sample("Fedora-Cloud-44-1.7-aarch64-CHECKSUM"),
    );
    moved
        .ask(
            "Fedora-Cloud-Base-Generic-44-1.7.aarch64.qcow2",
            &["-f", "json"],
        )
        .expect("signature-unknown-key", 6);
}
