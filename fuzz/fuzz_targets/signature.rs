//! Any bytes as keys, as a signature beside a file, and as a signed text: no panic, and nothing counts that no key of
//! ours has signed.
#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use origin::keys::Pins;
use origin::pgp::{self, Clear, Keyring};

/// Two of the shipped keys: one that signs detached, one that signs cleartext.
static KEYS: LazyLock<Keyring> = LazyLock::new(|| {
    let pins = Pins::shipped().expect("data");
    let ours = pins.keys().iter().filter(|pin| matches!(pin.name.as_str(), "ubuntu-uec" | "fedora-44"));
    ours.map(|pin| pin.key().expect("a key")).collect()
});

/// What is signed is signed; every case has this much of a file of its own beside its signature.
const DATA: &[u8] = b"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  disk.img\n";

fuzz_target!(|bytes: &[u8]| {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
    assert!(pgp::detached(&KEYS, bytes, DATA, now).is_err());
    if let Ok(Some(clear)) = Clear::read(bytes)
        && let Ok(signed) = pgp::cleartext(&KEYS, &clear, now)
    {
        // The seeds hold one real signed text.
        assert_eq!(signed.fingerprint, "36F612DCF27F7D1A48A835E4DBFCF71C6D9F90A6");
        assert!(clear.text().starts_with(b"# Fedora-Cloud-Base"));
    }
    if let Ok(loaded) = Keyring::read(bytes) {
        for key in loaded.keys.keys() {
            assert_eq!(key.about(now).fingerprint, key.fingerprint());
        }
        // Keys from outside, and a signature from outside.
        let _ = pgp::detached(&loaded.keys, bytes, DATA, now);
    }
});
