//! Any bytes as a checksum file: what is taken out of it is fit to be shown and compared.
#![no_main]

use libfuzzer_sys::fuzz_target;
use origin::manifest::Manifest;

fuzz_target!(|bytes: &[u8]| {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    assert!(!manifest.entries().is_empty());
    for entry in manifest.entries() {
        let digest = &entry.digest;
        let again = disk::Digest::parse(digest.algorithm(), &digest.to_string());
        assert_eq!(again.as_ref(), Ok(digest));
    }
    let strongest = manifest.strongest().expect("there is an entry");
    assert!(manifest.entries().iter().any(|entry| entry.digest.algorithm() == strongest));
});
