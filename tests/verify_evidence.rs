//! What vouches for an original: the vendor's checksum file, found, missing, wrong or out of reach.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code
)]

#[path = "verify/run.rs"]
mod run;

use run::{Made, verify};
use world::{Page, World};

#[test]
fn the_vendor_s_checksum_file_is_found_and_compared() {
    let made = Made::new(&["-c"]);
    let world = World::start();
    world.put("/disk.qcow2", Page::bytes(made.original()));
    let url = world.url("/disk.qcow2");
    let none = verify(&made, &url, &[]).expect("identical", 0).json();
    assert_eq!(
        (&none["evidence"]["manifest"], &none["evidence"]["certain"]),
        (&().into(), &true.into())
    );
    for (name, program) in [
        ("MD5SUMS", "md5sum"),
        ("SHA256SUMS", "sha256sum"),
        ("SHA512SUMS", "sha512sum"),
    ] {
        world.put(
            &format!("/{name}"),
            Page::bytes(made.sums(program, "disk.qcow2")),
        );
        let verdict = verify(&made, &url, &[]).expect("identical", 0).json();
        let manifest = &verdict["evidence"]["manifest"];
        assert_eq!(
            (&manifest["address"], &manifest["agrees"]),
            (&world.url(&format!("/{name}")).into(), &true.into())
        );
        // Plain HTTP proves nothing about who wrote it.
        assert_eq!(verdict["evidence"]["class"], "none");
        assert_eq!(manifest["signature"]["form"], "not-found");
    }
    world.put(
        "/SHA512SUMS.gpg",
        Page::bytes("-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"),
    );
    // It is there, and damaged: that is checked, and said.
    let verdict = verify(&made, &url, &[]).expect("signature-bad", 6).json();
    let signature = &verdict["evidence"]["manifest"]["signature"];
    assert_eq!(
        (&signature["form"], &signature["checked"]),
        (&"detached".into(), &true.into())
    );
}

#[test]
fn an_original_that_is_not_what_the_vendor_lists_is_not_trusted() {
    let made = Made::new(&["-c"]);
    let world = World::start();
    world.put("/disk.qcow2", Page::bytes(made.original()));
    let url = world.url("/disk.qcow2");
    world.put(
        "/SHA256SUMS",
        Page::bytes(format!("{}  disk.qcow2\n", "0".repeat(64))),
    );
    let verdict = verify(&made, &url, &[])
        .expect("manifest-disagrees", 6)
        .json();
    assert_eq!(verdict["evidence"]["manifest"]["agrees"], false);
    let wrong_size = format!(
        "# disk.qcow2: 17 bytes\n{}",
        made.sums("sha256sum", "disk.qcow2")
    );
    world.put("/SHA256SUMS", Page::bytes(wrong_size));
    verify(&made, &url, &[]).expect("manifest-disagrees", 6);
    let twice = format!(
        "{}{}  disk.qcow2\n",
        made.sums("sha256sum", "disk.qcow2"),
        "0".repeat(64)
    );
    world.put("/SHA256SUMS", Page::bytes(twice));
    verify(&made, &url, &[]).expect("manifest-contradictory", 6);
}

#[test]
fn a_look_up_that_failed_is_not_taken_for_nothing_there() {
    let made = Made::new(&["-c"]);
    for page in [Page::status(500), Page::bytes("<html>please log in</html>")] {
        let world = World::start();
        world.put("/disk.qcow2", Page::bytes(made.original()));
        world.put("/SHA512SUMS", page);
        let verdict = verify(&made, &world.url("/disk.qcow2"), &[])
            .expect("identical", 0)
            .json();
        let evidence = &verdict["evidence"];
        assert_eq!(
            (&evidence["class"], &evidence["certain"]),
            (&"none".into(), &false.into())
        );
        assert!(
            evidence["text"]
                .as_str()
                .unwrap()
                .contains("could not be found out")
        );
    }
}

#[test]
fn a_checksum_file_that_was_asked_for_must_be_there_and_list_the_original() {
    let made = Made::new(&["-c"]);
    let world = World::start();
    world.put("/a/disk.qcow2", Page::bytes(made.original()));
    let url = world.url("/a/disk.qcow2");
    let sums = |path: &str| verify(&made, &url, &["--checksums", &world.url(path)]);
    sums("/sums").expect("checksums-unavailable", 5);
    world.put("/sums", Page::bytes(made.sums("sha512sum", "other.qcow2")));
    sums("/sums").expect("checksums-unlisted", 6);
    world.put("/sums", Page::bytes("<html></html>"));
    sums("/sums").expect("checksums-unavailable", 6);
    world.put("/sums", Page::status(503));
    sums("/sums").expect("checksums-unavailable", 7);
    world.put("/sums", Page::bytes(made.sums("sha512sum", "disk.qcow2")));
    sums("/sums").expect("identical", 0);
    world.put("/sums", Page::bytes(run::sum("sha256sum", &made.qcow2)));
    sums("/sums").expect("identical", 0);
    let local = made.folder.path().join("SUMS");
    std::fs::write(&local, made.sums("sha256sum", "disk.qcow2")).unwrap();
    let verdict = verify(&made, &url, &["--checksums", local.to_str().unwrap()])
        .expect("identical", 0)
        .json();
    assert_eq!(verdict["evidence"]["class"], "none");
}
