//! Any text as a clouds.yaml: read, or refused with a place in it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match cloud::config::parse_clouds(text) {
        Ok(document) => {
            assert!(document.names().len() <= text.len());
        }
        Err(error) => {
            let breaks = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
            let lines = text.chars().filter(|c| breaks.contains(c)).count() as u64 + 1;
            assert!(error.line <= lines + 1, "line {} of {lines}", error.line);
            assert!(!error.message.is_empty());
        }
    }
});
