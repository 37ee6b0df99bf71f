//! Any bytes as a vendor's page of any kind: it ends soon, and the names that it gives stay in their folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use origin::family::{Kind, Step, Template};
use origin::feed;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, page)) = bytes.split_first() else { return };
    let read = match first % 5 {
        0 => Kind::Listing,
        1 => Kind::Manifest,
        2 => Kind::Streams,
        3 => Kind::Releases,
        _ => Kind::Text,
    };
    let template = |text: &str| Template::parse(text).expect("a template");
    let step = Step {
        read,
        at: template("{base}"),
        entry: template("image-{release}-{date}.img"),
        label: (first & 0x80 != 0).then(|| "release".to_owned()),
    };
    let Ok(entries) = feed::entries(&step, page) else { return };
    let patterns = [("release", "[0-9]+(\\.[0-9]+)*"), ("date", "20[0-9]{6}")]
        .map(|(name, pattern)| (name.to_owned(), pattern.to_owned()))
        .into();
    let reader = step.entry.reader(&Default::default(), &patterns).expect("a reader");
    for entry in entries {
        if read == Kind::Listing {
            let own = entry.name.strip_suffix('/').unwrap_or(&entry.name);
            assert!(!own.is_empty() && !own.contains('/') && own != "..");
            assert!(!entry.name.contains(char::is_control));
        }
        if let Some(fields) = reader.read(&entry.name) {
            assert_eq!(step.entry.fill(&fields).as_deref(), Some(entry.name.as_str()));
        }
    }
});
