//! Whether an address lies at a place that the data names by host and path.

use crate::Address;

/// Host and path of a URL as one text, `cloud.debian.org/images/…`; `None` for a local file.
pub(super) fn of(address: &Address) -> Option<String> {
    let host = address.host()?.trim_end_matches('.').to_ascii_lowercase();
    Some(host + &address.path())
}

/// Whether `place` begins with a host, or a host and the beginning of a path (whole parts of it).
pub(super) fn is_under(place: &str, host: &str) -> bool {
    place
        .strip_prefix(host)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `place` has this part: from the beginning of a name on, to the end of a word.
pub(super) fn has(place: &str, part: &str) -> bool {
    place.match_indices(part).any(|(at, _)| {
        let before = place.get(..at).and_then(|text| text.chars().next_back());
        let after = place
            .get(at + part.len()..)
            .and_then(|text| text.chars().next());
        before.is_none_or(|c| c == '/' || c == '.') && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_with_words_and_hosts_with_their_names() {
        let place = "dl.rockylinux.org/pub/rocky/8.10/images";
        assert!(has(place, "rocky/8"));
        assert!(!has(place, "rocky/8.1"));
        assert!(!has("h/pub/rocky/80/", "rocky/8"));
        assert!(!has("h/pub/notrocky/8/", "rocky/8"));
        assert!(is_under(place, "dl.rockylinux.org"));
        assert!(is_under(place, "dl.rockylinux.org/pub/rocky"));
        assert!(!is_under(
            "dl.rockylinux.org.evil.example/x",
            "dl.rockylinux.org"
        ));
        assert!(!is_under(
            "evil.example/dl.rockylinux.org",
            "dl.rockylinux.org"
        ));
    }
}
