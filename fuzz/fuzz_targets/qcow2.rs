//! Any bytes that begin like a qcow2 image: every way of reading them comes to the same end, in bounded time.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if bytes.starts_with(b"QFI\xfb") {
        ectype_fuzz::every_way(bytes.into());
    }
});
