//! Addresses as people may see them, and when two of them are the same place.

use url::Url;

/// The URL without user, password, fragment and the values of its query, so that it can be printed and logged.
/// Signed URLs carry their secret in a query value; names of query parameters stay.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut clean = url.clone();
    // Both fail only for URLs that cannot have a user at all.
    let _ = clean.set_username("");
    let _ = clean.set_password(None);
    clean.set_fragment(None);
    clean.set_query(None);
    let names: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) => format!("{name}=…"),
            None => "…".to_owned(),
        })
        .collect();
    if names.is_empty() {
        clean.to_string()
    } else {
        format!("{clean}?{}", names.join("&"))
    }
}

/// Same scheme, host and port: the only place credentials may follow to (RFC 6454 §4).
pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_address_holds_no_secret() {
        let url = Url::parse("https://me:pw@h.example:8443/a/b?X-Sig=abc&token&n=1#frag").unwrap();
        assert_eq!(shown(&url), "https://h.example:8443/a/b?X-Sig=…&…&n=…");
        let plain = Url::parse("http://h.example/x").unwrap();
        assert_eq!(shown(&plain), "http://h.example/x");
    }

    #[test]
    fn another_port_or_scheme_is_another_origin() {
        let url = |text| Url::parse(text).unwrap();
        assert!(same_origin(
            &url("https://h/a"),
            &url("https://user@H:443/b")
        ));
        assert!(!same_origin(&url("http://h/a"), &url("http://h:81/a")));
        assert!(!same_origin(&url("http://h/a"), &url("https://h/a")));
        assert!(!same_origin(&url("http://h/a"), &url("http://i/a")));
    }
}
