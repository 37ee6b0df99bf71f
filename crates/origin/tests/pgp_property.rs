//! Signatures and keys that were damaged on the way: an answer always, and never a wrong one.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;
use std::time::{Duration, SystemTime};

use origin::limits::{MAX_KEYS_FILE, MAX_SIGNATURE, MAX_SIGNATURES};
use origin::pgp::{self, Clear, Error, Keyring, NoKeys};
use proptest::prelude::*;

fn file(name: &str) -> Vec<u8> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    std::fs::read(samples.join(name)).unwrap()
}

fn keys() -> Vec<u8> {
    let shipped = "../../../../assets/keys/";
    let names = [
        "ubuntu-uec-image-signing-key-2025.asc",
        "fedora-44.asc",
        "almalinux-8.asc",
    ];
    names
        .iter()
        .flat_map(|name| file(&format!("{shipped}{name}")))
        .collect()
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000)
}

/// What happens to a file: bytes are overwritten, a piece is cut out, a piece comes twice.
fn damaged(mut bytes: Vec<u8>, wounds: &[(usize, usize, u8, u8)]) -> Vec<u8> {
    for (at, len, kind, value) in wounds {
        let at = at % bytes.len().max(1);
        let end = (at + len % 40).min(bytes.len());
        match kind % 3 {
            0 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte = *value),
            1 => drop(bytes.drain(at..end)),
            _ => {
                let piece = bytes.get(at..end).unwrap_or_default().to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_damaged_signature_is_answered_and_vouches_for_nothing_else(
        wounds in proptest::collection::vec((any::<usize>(), any::<usize>(), any::<u8>(), any::<u8>()), 1..4)
    ) {
        let keyring = Keyring::read(&keys()).unwrap().keys;
        let signature = damaged(file("ubuntu-jammy-20260722-SHA256SUMS.gpg"), &wounds);
        prop_assert!(pgp::detached(&keyring, &signature, b"another file", now()).is_err());
        let original = Clear::read(&file("Fedora-Cloud-44-1.7-aarch64-CHECKSUM")).unwrap().unwrap();
        let message = damaged(file("Fedora-Cloud-44-1.7-aarch64-CHECKSUM"), &wounds);
        if let Ok(Some(clear)) = Clear::read(&message)
            && pgp::cleartext(&keyring, &clear, now()).is_ok()
        {
            prop_assert_eq!(clear.text(), original.text());
        }
    }

    #[test]
    fn damaged_keys_are_answered(
        wounds in proptest::collection::vec((any::<usize>(), any::<usize>(), any::<u8>(), any::<u8>()), 1..6)
    ) {
        if let Ok(loaded) = Keyring::read(&damaged(keys(), &wounds)) {
            for key in loaded.keys.keys() {
                prop_assert_eq!(key.about(now()).fingerprint, key.fingerprint());
            }
        }
    }
}

#[test]
fn any_bytes_are_answered() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let keyring = Keyring::read(&keys()).unwrap().keys;
    for len in 0..600 {
        let mut bytes = vec![0xc2, 0x88, 0x04];
        bytes.extend((0..len).map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        }));
        assert!(pgp::detached(&keyring, &bytes, b"", now()).is_err());
        assert!(pgp::detached(&keyring, bytes.get(3..).unwrap(), b"", now()).is_err());
        let _ = Keyring::read(&bytes);
    }
}

#[test]
fn what_is_too_much_is_refused_before_it_is_looked_at() {
    let keyring = Keyring::read(&keys()).unwrap().keys;
    let judged = |bytes: &[u8]| pgp::detached(&keyring, bytes, b"", now());
    let len = MAX_SIGNATURE + 1;
    assert_eq!(judged(&vec![b' '; len]), Err(Error::TooLarge { len }));
    let many = file("ubuntu-jammy-20260722-SHA256SUMS.gpg").repeat(MAX_SIGNATURES + 1);
    assert!(
        matches!(judged(&many), Err(Error::Malformed { reason }) if reason.contains("more than"))
    );
    let len = MAX_KEYS_FILE + 1;
    assert_eq!(
        Keyring::read(&vec![b' '; len]).err(),
        Some(NoKeys::TooLarge { len })
    );
}
