//! Whatever the bytes: the parser neither panics nor invents, and what it is given in any form it gives back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use origin::manifest::{Manifest, Role};
use proptest::prelude::*;

/// Lines that look nearly right, to get deeper than random bytes do.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03".to_owned()),
        Just("b1946ac92492d2347c6235b4d2611184".to_owned()),
        Just("SHA256 (".to_owned()),
        Just(") = ".to_owned()),
        Just("\\".to_owned()),
        Just("# x: ".to_owned()),
        Just("18446744073709551615K".to_owned()),
        Just("-----BEGIN PGP SIGNED MESSAGE-----\n".to_owned()),
        Just("-----BEGIN PGP SIGNATURE-----\n".to_owned()),
        Just("\n".to_owned()),
        Just(" *".to_owned()),
        Just("x".to_owned()),
        ".{0,12}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Names that a checksum line can carry without escapes.
fn name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9][A-Za-z0-9 ._()=+-]{0,30}[A-Za-z0-9)]"
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000), path in ".{0,20}") {
        if let Ok(manifest) = Manifest::parse(&bytes) {
            let _ = manifest.lookup(&path, Role::OneFile);
        }
    }

    #[test]
    fn nothing_is_listed_that_is_not_in_the_text(text in nearly()) {
        if let Ok(manifest) = Manifest::parse(text.as_bytes()) {
            let lower = text.to_lowercase();
            for entry in manifest.entries() {
                prop_assert!(lower.contains(&entry.digest.to_string()));
            }
            if let Ok(Some(listing)) = manifest.lookup("x", Role::OneFile) {
                prop_assert!(!listing.digests.is_empty());
            }
        }
    }

    #[test]
    fn each_form_gives_back_what_was_put_in(name in name(), hex in "[0-9a-f]{128}", form in 0..5_usize, crlf: bool) {
        let line = match form {
            0 => format!("{hex}  {name}"),
            1 => format!("{hex} *{name}"),
            2 => format!("{hex} {name}"),
            3 => format!("SHA512 ({name}) = {hex}"),
            _ => format!(
                "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{hex}  {name}\n-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n"
            ),
        };
        let text = if crlf { line.replace('\n', "\r\n") + "\r\n" } else { line };
        let listing = Manifest::parse(text.as_bytes()).unwrap().lookup(&name, Role::Directory).unwrap().unwrap();
        prop_assert_eq!(listing.digests[0].to_string(), hex);
    }
}
