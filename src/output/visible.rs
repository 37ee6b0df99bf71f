//! Text from outside made harmless for a terminal: what would move the cursor or turn the reading direction is shown, not obeyed.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character that a terminal would obey written out: `\n`, `\x1b`, `\u{202e}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if !obeyed(c) => out.push(c),
            // Writing to a String cannot fail.
            c if u32::from(c) < 0x100 => drop(write!(out, "\\x{:02x}", u32::from(c))),
            c => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
        }
    }
    Cow::Owned(out)
}

/// JSON with the same characters as `\uXXXX` escapes, which mean the same to every parser.
///
/// They can only stand inside strings: between tokens JSON allows space, `\n`, `\r` and `\t`, which stay.
pub(crate) fn visible_json(json: &str) -> Cow<'_, str> {
    let risky = |c: char| obeyed(c) && !matches!(c, '\n' | '\r' | '\t');
    if !json.chars().any(risky) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if risky(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Control characters (C0, DEL, C1), the controls of the bidirectional algorithm (CVE-2021-42574), invisible
/// spaces and line breaks, and tag characters.
fn obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_speak_to_the_terminal() {
        assert_eq!(visible("Debian 13 – größer"), "Debian 13 – größer");
        assert_eq!(
            visible("a\x1b[2Jb\r\n\u{9b}c\u{7f}"),
            "a\\x1b[2Jb\\r\\n\\x9bc\\x7f"
        );
        assert_eq!(visible("evil\u{202e}2wocq"), "evil\\u{202e}2wocq");
    }

    #[test]
    fn json_means_the_same_after_it_was_made_harmless() {
        let text = "x\u{7f}\u{9b}\u{202e}\u{e0041}ü\n";
        let json = serde_json::to_string(&[text]).unwrap();
        let safe = visible_json(&json);
        assert!(!safe.chars().any(obeyed), "{safe}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&safe).unwrap(), [text]);
    }
}
