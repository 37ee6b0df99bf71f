//! Signatures made by gpg: the same verdicts as gpgv gives, but for differences that are meant.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "gpg/home.rs"]
mod home;

use std::time::{Duration, SystemTime};

use home::{Gpg, How};
use origin::pgp::{self, Clear, Error, Key, Keyring, Signed, Window};

const DATA: &[u8] =
    b"# disk.img: 6 bytes\nSHA256 (disk.img) = 00  \n- dashed\n-----not armour\n\nFrom me\nlast";

fn keyring(bytes: &[u8]) -> Keyring {
    Keyring::read(bytes).unwrap().keys
}

/// Our verdict on a signature that was made in one of the ways.
fn ours(keys: &Keyring, how: How, signature: &[u8], data: &[u8]) -> Result<Signed, Error> {
    let now = SystemTime::now();
    if how != How::Clear {
        return pgp::detached(keys, signature, data, now);
    }
    match Clear::read(signature) {
        Ok(Some(clear)) => pgp::cleartext(keys, &clear, now),
        other => Err(Error::Malformed {
            reason: format!("{other:?}"),
        }),
    }
}

/// Both verdicts on the same thing.
fn both(
    gpg: &Gpg,
    keys: &[u8],
    how: How,
    signature: &[u8],
    data: &[u8],
) -> (String, Result<Signed, Error>) {
    let beside = (how != How::Clear).then_some(data);
    (
        gpg.verdict(keys, signature, beside),
        ours(&keyring(keys), how, signature, data),
    )
}

const WAYS: [How; 4] = [How::Armoured, How::Binary, How::Text, How::Clear];

/// The verdicts on what a key has signed: good as it is, bad when a byte of the data or of the signature is another,
/// and nothing when it is cut or only another key is known.
fn matrix(gpg: &Gpg, name: &str, fingerprint: &str, foreign: &[u8], is_good: bool) {
    let keys = gpg.export(name);
    for how in WAYS {
        for digest in ["SHA256", "SHA512"] {
            let signature = gpg.sign(name, how, DATA, &["--digest-algo", digest]);
            let what = format!("{name} {how:?} {digest}");
            let (theirs, ours) = both(gpg, &keys, how, &signature, DATA);
            assert_eq!(
                (theirs == "GOODSIG", ours.is_ok()),
                (is_good, is_good),
                "{what}: {theirs} {ours:?}"
            );
            if let Ok(signed) = ours {
                assert_eq!(
                    (signed.fingerprint.as_str(), signed.hash.as_str()),
                    (fingerprint, digest),
                    "{what}"
                );
            }
            spoilt(gpg, &keys, how, &signature, &what);
            let (theirs, ours) = both(gpg, foreign, how, &signature, DATA);
            assert_eq!(theirs, "ERRSIG", "{what}");
            assert!(
                matches!(ours, Err(Error::UnknownKey { .. })),
                "{what}: {ours:?}"
            );
        }
    }
}

/// Neither takes what was changed or cut.
fn spoilt(gpg: &Gpg, keys: &[u8], how: How, signature: &[u8], what: &str) {
    let mut changed = (signature.to_vec(), DATA.to_vec());
    let text = if how == How::Clear {
        &mut changed.0
    } else {
        &mut changed.1
    };
    let at = text.windows(8).position(|some| some == b"disk.img");
    text[at.unwrap()] ^= 1;
    let cut = (
        signature[..signature.len() - signature.len() / 4].to_vec(),
        DATA.to_vec(),
    );
    for (why, (signature, data)) in [("changed", changed), ("cut", cut)] {
        let (theirs, ours) = both(gpg, keys, how, &signature, &data);
        assert_ne!(theirs, "GOODSIG", "{what} {why}");
        assert!(ours.is_err(), "{what} {why}: {ours:?}");
    }
}

#[test]
fn good_signatures_are_good_and_spoilt_ones_are_not_whatever_the_key_and_the_form() {
    let gpg = Gpg::new();
    gpg.key("foreign", "ed25519", "0", None);
    let foreign = gpg.export("foreign");
    for (name, algorithm) in [
        ("rsa", "rsa2048"),
        ("edwards", "ed25519"),
        ("nist", "nistp256"),
    ] {
        let fingerprint = gpg.key(name, algorithm, "0", None);
        matrix(&gpg, name, &fingerprint, &foreign, true);
    }
    // A primary key that certifies and a subkey that signs: the primary key's fingerprint is the one that counts.
    let primary = gpg.key("parent", "rsa2048", "0", None);
    gpg.run(&[
        "--batch",
        "--quick-add-key",
        &primary,
        "ed25519",
        "sign",
        "0",
    ]);
    matrix(&gpg, "parent", &primary, &foreign, true);
    let keys = keyring(&gpg.export("parent"));
    let signature = gpg.sign("parent", How::Binary, DATA, &[]);
    let signed = pgp::detached(&keys, &signature, DATA, SystemTime::now()).unwrap();
    assert_ne!(signed.signing_key, primary);
    assert_eq!(
        keys.keys()[0].about(SystemTime::now()).signing_subkeys,
        [signed.signing_key]
    );
}

#[test]
fn expired_keys_and_subkeys_count_for_nothing() {
    let gpg = Gpg::new();
    let year = "20200101T000000";
    gpg.key("expired", "ed25519", "30d", Some(year));
    let early = gpg.sign(
        "expired",
        How::Binary,
        DATA,
        &["--faked-system-time=20200102T000000!"],
    );
    let (theirs, mine) = both(&gpg, &gpg.export("expired"), How::Binary, &early, DATA);
    assert_eq!(theirs, "EXPKEYSIG");
    assert!(matches!(mine, Err(Error::KeyExpired { .. })), "{mine:?}");

    gpg.key("subexpired", "ed25519", "0", Some(year));
    let primary = gpg.fingerprint("subexpired");
    gpg.run(&[
        "--faked-system-time=20200101T000000!",
        "--batch",
        "--quick-add-key",
        &primary,
        "ed25519",
        "sign",
        "30d",
    ]);
    let early = gpg.sign(
        "subexpired",
        How::Binary,
        DATA,
        &["--faked-system-time=20200102T000000!"],
    );
    let (theirs, mine) = both(&gpg, &gpg.export("subexpired"), How::Binary, &early, DATA);
    assert_eq!(theirs, "EXPKEYSIG");
    assert!(matches!(mine, Err(Error::KeyExpired { .. })), "{mine:?}");
}

#[test]
fn revoked_keys_and_signatures_that_have_ended_count_for_nothing() {
    let gpg = Gpg::new();
    let year = "20200101T000000";
    for (name, reason) in [("compromised", '1'), ("superseded", '2')] {
        gpg.key(name, "ed25519", "0", None);
        let signature = gpg.sign(name, How::Armoured, DATA, &[]);
        gpg.revoke(name, reason, None);
        let (theirs, mine) = both(&gpg, &gpg.export(name), How::Armoured, &signature, DATA);
        assert_eq!(theirs, "REVKEYSIG");
        assert!(
            matches!(mine, Err(Error::KeyRevoked { .. })),
            "{name}: {mine:?}"
        );
    }

    gpg.key("short", "ed25519", "0", Some(year));
    let more = [
        "--faked-system-time=20200102T000000!",
        "--default-sig-expire",
        "7d",
    ];
    let signature = gpg.sign("short", How::Binary, DATA, &more);
    let (theirs, mine) = both(&gpg, &gpg.export("short"), How::Binary, &signature, DATA);
    assert_eq!(theirs, "EXPSIG");
    assert!(
        matches!(mine, Err(Error::SignatureExpired { .. })),
        "{mine:?}"
    );
}

#[test]
fn a_key_that_is_pinned_up_to_a_day_vouches_for_what_it_signed_before() {
    let at = |days: u64| SystemTime::UNIX_EPOCH + Duration::from_secs((18262 + days) * 86400); // 2020-01-01
    let gpg = Gpg::new();
    gpg.key("expired", "ed25519", "30d", Some("20200101T000000"));
    let signature = gpg.sign(
        "expired",
        How::Binary,
        DATA,
        &["--faked-system-time=20200110T000000!"],
    );
    let exported = keyring(&gpg.export("expired"));
    let judged = |from: u64, until: u64| {
        let window = Window {
            from: Some(at(from)),
            until: Some(at(until)),
        };
        let keys = exported.keys().iter().cloned();
        let keys: Keyring = keys.map(|key: Key| key.within(window)).collect();
        pgp::detached(&keys, &signature, DATA, SystemTime::now())
    };
    assert!(judged(0, 30).is_ok());
    assert!(matches!(judged(0, 5), Err(Error::OutsideWindow { .. })));
    assert!(matches!(judged(12, 30), Err(Error::OutsideWindow { .. })));
}

#[test]
fn retired_keys_vouch_for_their_time_and_leaked_ones_never() {
    let day = |days: u64| SystemTime::UNIX_EPOCH + Duration::from_secs((18262 + days) * 86400); // 2020-01-01
    let gpg = Gpg::new();
    for (name, reason) in [("retired", '3'), ("leaked", '1')] {
        gpg.key(name, "ed25519", "0", Some("20200101T000000"));
        let signature = gpg.sign(
            name,
            How::Binary,
            DATA,
            &["--faked-system-time=20200110T000000!"],
        );
        gpg.revoke(name, reason, Some("20200120T000000"));
        let window = Window {
            from: None,
            until: Some(day(30)),
        };
        let plain = keyring(&gpg.export(name));
        let pinned: Keyring = plain
            .keys()
            .iter()
            .cloned()
            .map(|key| key.within(window))
            .collect();
        let judged = |keys| pgp::detached(keys, &signature, DATA, SystemTime::now());
        assert!(
            matches!(judged(&plain), Err(Error::KeyRevoked { .. })),
            "{name}"
        );
        assert_eq!(
            judged(&pinned).is_ok(),
            name == "retired",
            "{name}: {:?}",
            judged(&pinned)
        );
    }
}

#[test]
fn where_we_are_stricter_than_gpgv_it_is_meant() {
    let gpg = Gpg::new();
    gpg.key("k", "rsa2048", "0", None);
    let keys = gpg.export("k");
    for how in WAYS {
        let signature = gpg.sign("k", how, DATA, &["--digest-algo", "SHA1"]);
        let (theirs, ours) = both(&gpg, &keys, how, &signature, DATA);
        assert_eq!(theirs, "GOODSIG", "{how:?}");
        assert!(
            matches!(ours, Err(Error::WeakHash { .. })),
            "{how:?}: {ours:?}"
        );
    }
    let future = gpg.sign(
        "k",
        How::Binary,
        DATA,
        &["--faked-system-time=20990101T000000!"],
    );
    let (theirs, ours) = both(&gpg, &keys, How::Binary, &future, DATA);
    assert_eq!(theirs, "GOODSIG");
    assert!(matches!(ours, Err(Error::FromTheFuture { .. })), "{ours:?}");
}

#[test]
fn one_good_signature_is_enough_and_one_forged_is_too_many() {
    let gpg = Gpg::new();
    for name in ["one", "two", "other"] {
        gpg.key(name, "ed25519", "0", None);
    }
    let sign = |name: &str, data: &[u8]| gpg.sign(name, How::Binary, data, &[]);
    let judged = |signatures: &[Vec<u8>]| {
        let keys = [gpg.export("one"), gpg.export("two")].concat();
        pgp::detached(
            &keyring(&keys),
            &signatures.concat(),
            DATA,
            SystemTime::now(),
        )
    };
    let (one, two, other) = (sign("one", DATA), sign("two", DATA), sign("other", DATA));
    let forged = sign("two", b"something else");
    assert!(judged(&[other.clone(), one.clone()]).is_ok());
    assert!(judged(&[one.clone(), two]).is_ok());
    let weak = gpg.sign("two", How::Binary, DATA, &["--digest-algo", "SHA1"]);
    assert!(judged(&[weak, one.clone()]).is_ok());
    for set in [[forged.clone(), one.clone()], [one, forged]] {
        assert!(matches!(judged(&set), Err(Error::Forged { .. })));
    }
    assert!(matches!(judged(&[other]), Err(Error::UnknownKey { .. })));
}

#[test]
fn the_text_that_counts_is_the_text_that_gpgv_takes_out() {
    let gpg = Gpg::new();
    gpg.key("k", "ed25519", "0", None);
    for data in [
        DATA,
        b"a\r\nb\r\n",
        b"",
        b"\n\n",
        b" \n- \n-\n--\n",
        b"trailing \t \nx \t",
    ] {
        let signed = gpg.sign("k", How::Clear, data, &[]);
        let clear = Clear::read(&signed).unwrap().unwrap();
        assert!(
            pgp::cleartext(&keyring(&gpg.export("k")), &clear, SystemTime::now()).is_ok(),
            "{data:?}"
        );
        let lines = |text: &[u8]| -> Vec<String> {
            let text = String::from_utf8(text.to_vec()).unwrap();
            text.trim_end_matches(['\r', '\n'])
                .lines()
                .map(|line| line.trim_end_matches([' ', '\t', '\r']).to_owned())
                .collect()
        };
        assert_eq!(
            lines(clear.text()),
            lines(&gpg.text_of(&gpg.export("k"), &signed)),
            "{data:?}"
        );
    }
}
