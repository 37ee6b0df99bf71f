//! The vendors' own signed files and keys, and the pins that are shipped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use origin::keys::{self, Pins};
use origin::pgp::{self, Clear, Error, Keyring, Signed};

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/samples")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn assets() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/keys")
}

fn at(text: &str) -> SystemTime {
    text.parse::<jiff::Timestamp>().unwrap().into()
}

fn now() -> SystemTime {
    at("2026-11-22T00:00:00Z")
}

fn pinned(name: &str) -> Keyring {
    let pins = Pins::shipped().unwrap();
    let pin = pins.keys().iter().find(|pin| pin.name == name).unwrap();
    [pin.key().unwrap()].into_iter().collect()
}

const SIGNED: [(&str, &str, &str, &str); 3] = [
    (
        "ubuntu-jammy-20260722-SHA256SUMS",
        "ubuntu-jammy-20260722-SHA256SUMS.gpg",
        "ubuntu-uec",
        "2026-07-22T19:16:08Z",
    ),
    (
        "ubuntu-noble-20260926-SHA256SUMS",
        "ubuntu-noble-20260926-SHA256SUMS.gpg",
        "ubuntu-uec",
        "2026-09-26T18:23:12Z",
    ),
    (
        "Leap-16.0-Minimal-VM.aarch64-Cloud-Build18.7.qcow2.sha256",
        "Leap-16.0-Minimal-VM.aarch64-Cloud-Build18.7.qcow2.sha256.asc",
        "opensuse-2022",
        "",
    ),
];

fn fedora() -> Clear {
    Clear::read(&sample("Fedora-Cloud-44-1.7-aarch64-CHECKSUM"))
        .unwrap()
        .unwrap()
}

#[test]
fn what_the_vendors_signed_is_signed() {
    for (file, signature, key, made_at) in SIGNED {
        let signed: Signed =
            pgp::detached(&pinned(key), &sample(signature), &sample(file), now()).unwrap();
        let pins = Pins::shipped().unwrap().keys();
        let pin = pins.iter().find(|pin| pin.name == key).unwrap();
        assert_eq!(signed.fingerprint, pin.fingerprint);
        if !made_at.is_empty() {
            assert_eq!(signed.made_at, at(made_at), "{file}");
        }
    }
    let signed = pgp::cleartext(&pinned("fedora-44"), &fedora(), now()).unwrap();
    assert_eq!(
        signed.fingerprint,
        "36F612DCF27F7D1A48A835E4DBFCF71C6D9F90A6"
    );
    assert_eq!(
        (signed.made_at, signed.hash.as_str()),
        (at("2026-04-24T15:34:18Z"), "SHA256")
    );
    // The copy of Ubuntu's key that has nothing but a self-signature by SHA-1, and a keyring of four keys.
    let (file, signature, ..) = SIGNED[0];
    let old = Keyring::read(&sample("keys/ubuntu-uec-image-signing-key-2009.asc"))
        .unwrap()
        .keys;
    assert!(pgp::detached(&old, &sample(signature), &sample(file), now()).is_ok());
    let bundle = Keyring::read(&sample("keys/fedora-bundle.gpg"))
        .unwrap()
        .keys;
    assert_eq!(bundle.keys().len(), 4);
    assert!(pgp::cleartext(&bundle, &fedora(), now()).is_ok());
}

#[test]
fn swapped_truncated_and_foreign_ones_are_not() {
    let forged = |result: Result<Signed, Error>| matches!(result, Err(Error::Forged { .. }));
    for (file, signature, key, _) in SIGNED {
        let (data, signature) = (sample(file), sample(signature));
        let check = |data: &[u8]| pgp::detached(&pinned(key), &signature, data, now());
        assert!(forged(check(&data[..data.len() - 1])), "{file}");
        assert!(forged(check(&[&data[..], b"\n"].concat())), "{file}");
        assert!(
            forged(check(&sample("CHECKSUM.almalinux9-x86_64"))),
            "{file}"
        );
        for other in Pins::shipped()
            .unwrap()
            .keys()
            .iter()
            .filter(|pin| pin.name != key)
        {
            let foreign = pgp::detached(&pinned(&other.name), &signature, &data, now());
            assert!(
                matches!(foreign, Err(Error::UnknownKey { .. })),
                "{file} {}",
                other.name
            );
        }
        for cut in 0..signature.len() - 40 {
            let judged = pgp::detached(&pinned(key), &signature[..cut], &data, now());
            assert!(judged.is_err(), "{file} cut at {cut}");
        }
    }
    let (jammy, noble) = (SIGNED[0], SIGNED[1]);
    let swapped = pgp::detached(
        &pinned("ubuntu-uec"),
        &sample(jammy.1),
        &sample(noble.0),
        now(),
    );
    assert!(forged(swapped));
    assert!(matches!(
        pgp::cleartext(&pinned("fedora-43"), &fedora(), now()),
        Err(Error::UnknownKey { .. })
    ));
    // Before its signature was made it was no signature.
    let early = pgp::cleartext(&pinned("fedora-44"), &fedora(), at("2026-04-24T00:00:00Z"));
    assert!(
        matches!(early, Err(Error::FromTheFuture { .. })),
        "{early:?}"
    );
}

#[test]
fn keyrings_of_every_form_are_read_and_what_is_not_understood_is_passed_over() {
    let pqc = sample("keys/centos-10-pqc-v6.asc");
    let alma = std::fs::read(assets().join("almalinux-8.asc")).unwrap();
    for (bytes, fingerprints) in [
        (
            alma.clone(),
            vec![
                "5E9B8F5617B5066CE92057C3488FCF7C3ABB34F8",
                "BC5EDDCADF502C077F1582882AE81E8ACED7258B",
            ],
        ),
        (
            sample("keys/oracle-9-10.asc"),
            vec![
                "3E6D826D3FBAB389C2F38E34BC4D06A08D8B756F",
                "982231759C7467065D0CE9B2A7DD07088B4EFBE6",
            ],
        ),
        (
            [&pqc[..], &alma[..]].concat(),
            vec![
                "5E9B8F5617B5066CE92057C3488FCF7C3ABB34F8",
                "BC5EDDCADF502C077F1582882AE81E8ACED7258B",
            ],
        ),
        (
            [&alma[..], &pqc[..]].concat(),
            vec![
                "5E9B8F5617B5066CE92057C3488FCF7C3ABB34F8",
                "BC5EDDCADF502C077F1582882AE81E8ACED7258B",
            ],
        ),
    ] {
        let loaded = Keyring::read(&bytes).unwrap();
        let found: Vec<_> = loaded
            .keys
            .keys()
            .iter()
            .map(pgp::Key::fingerprint)
            .collect();
        let known = |f: &&str| found.iter().any(|found| found == f);
        assert!(
            fingerprints.iter().all(known),
            "{found:?} {:?}",
            loaded.skipped
        );
    }
}

#[test]
fn a_key_says_when_it_expired_and_what_is_no_key_gives_none() {
    let expired = Keyring::read(&sample("keys/opensuse-2008-expired.asc"))
        .unwrap()
        .keys;
    let about = expired.keys()[0].about(now());
    assert_eq!(
        about.fingerprint,
        "22C07BA534178CD02EFE22AAB88B2FD43DBDC284"
    );
    assert_eq!(
        about
            .expires
            .map(|end| jiff::Timestamp::try_from(end).unwrap().to_string()[..10].to_owned())
            .as_deref(),
        Some("2024-05-02")
    );
    let alma = std::fs::read(assets().join("almalinux-8.asc")).unwrap();
    for bytes in [
        &b""[..],
        b"no key",
        &alma[..300],
        b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n",
    ] {
        assert!(Keyring::read(bytes).is_err());
    }
}

/// Fingerprints and days of the keys in a file, as gpg reads them.
fn gpg_reads(file: &Path) -> Vec<(String, String)> {
    let output = Command::new("gpg")
        .args(["--show-keys", "--with-colons", "--fixed-list-mode"])
        .arg(file)
        .output()
        .expect("gpg runs");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut keys = Vec::new();
    let mut made = None;
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        match fields[0] {
            "pub" => {
                made = Some(
                    jiff::Timestamp::from_second(fields[5].parse().unwrap())
                        .unwrap()
                        .to_string()[..10]
                        .to_owned(),
                );
            }
            "fpr" => keys.extend(made.take().map(|day| (fields[9].to_owned(), day))),
            _ => {}
        }
    }
    keys
}

#[test]
fn every_pin_is_what_gpg_reads_out_of_its_file() {
    let pins = Pins::shipped().unwrap();
    for pin in pins.keys() {
        let read = gpg_reads(&assets().join(&pin.file));
        let from = jiff::Timestamp::try_from(pin.window.from.unwrap())
            .unwrap()
            .to_string()[..10]
            .to_owned();
        assert!(
            read.contains(&(pin.fingerprint.clone(), from)),
            "{}: {read:?}",
            pin.name
        );
        assert_eq!(pin.key().unwrap().fingerprint(), pin.fingerprint);
        let about = pin.key().unwrap().about(now());
        assert!(
            about.unusable.is_none() || pin.window.until.is_some(),
            "{}: {:?}",
            pin.name,
            about.unusable
        );
        assert!(
            !pins.families_of(&pin.name).is_empty(),
            "{} speaks for nobody",
            pin.name
        );
    }
    let files = std::fs::read_dir(assets())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for file in files.filter(|file| file.ends_with(".asc")) {
        assert!(
            pins.keys().iter().any(|pin| pin.file == file),
            "{file} is pinned by nothing"
        );
    }
    let unknown = "keys: []\nvendors: [{family: x, names: [], os_distro: [], hosts: [], publishes: [{at: x, keys: [y], signed: true}]}]";
    assert!(matches!(
        Pins::parse(unknown),
        Err(keys::Error::Data { .. })
    ));
}
