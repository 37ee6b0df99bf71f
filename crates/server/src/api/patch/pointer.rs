//! JSON pointers as Glance reads them: each part stripped of blanks, `~1` a slash and `~0` a tilde.

use crate::refused::Refused;

/// The parts of a pointer.
///
/// # Errors
/// 400 for what is none.
pub(super) fn decode(pointer: &str) -> Result<Vec<String>, Refused> {
    let bad = |what: &str| Err(Refused::bad(format!("Pointer `{pointer}` {what}")));
    let Some(rest) = pointer.strip_prefix('/') else {
        return bad("does not start with \"/\".");
    };
    let parts: Vec<&str> = rest.split('/').collect();
    let inner = parts.get(1..parts.len().saturating_sub(1));
    if inner
        .unwrap_or_default()
        .iter()
        .any(|part| part.trim().is_empty())
    {
        return bad("contains adjacent \"/\".");
    }
    if pointer.len() > 1 && pointer.ends_with('/') {
        return bad("end with \"/\".");
    }
    let mut letters = pointer.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '~' && !matches!(letters.peek(), Some('0' | '1')) {
            return bad("contains \"~\" not part of a recognized escape sequence.");
        }
    }
    let plain = rest.trim_start_matches('/');
    Ok(plain
        .split('/')
        .map(|part| part.replace("~1", "/").replace("~0", "~").trim().to_owned())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn pointers_are_read_as_glance_reads_them() {
        assert_eq!(decode("/a~1b~0c").unwrap(), ["a/b~c"]);
        assert_eq!(decode("/ a ").unwrap(), ["a"]);
        assert_eq!(decode("/locations/-").unwrap(), ["locations", "-"]);
        for bad in ["a", "/a/", "/a//b", "/a/ /b", "/a~2", "/a~"] {
            assert!(decode(bad).is_err(), "{bad}");
        }
    }
}
