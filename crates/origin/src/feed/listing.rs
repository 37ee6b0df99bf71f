//! A directory as a web server shows it: the names that its page links to.
//!
//! Apache (as a table and as preformatted text), nginx and MirrorBrain write pages of different shape, with headers that
//! are whole pages of their own. What they share is an anchor for each name, whose `href` is the name, encoded. Links that
//! leave the directory (a path, another host, a query) are no names.

use percent_encoding::percent_decode_str;

use super::{Entry, Unreadable, dates};
use crate::limits::{MAX_ENTRIES, MAX_NAME};

/// How much behind an anchor may hold its day and size.
const BEHIND: usize = 300;

/// The names, each once, folders with a `/` at the end.
pub(super) fn entries(page: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    let page = String::from_utf8_lossy(page);
    let mut entries: Vec<Entry> = Vec::new();
    let mut places = std::collections::HashMap::new();
    let mut rest = page.as_ref();
    while let Some(anchor) = next(rest) {
        rest = anchor.behind;
        let Some(name) = anchor.href.and_then(name) else {
            continue;
        };
        let date = dates::in_text(&words(rest));
        let place = *places.entry(name.clone()).or_insert(entries.len());
        if let Some(known) = entries.get_mut(place) {
            known.date = known.date.or(date);
            continue;
        }
        if entries.len() >= MAX_ENTRIES {
            return Err(Unreadable::TooMany);
        }
        entries.push(Entry {
            name,
            date,
            ..Entry::default()
        });
    }
    Ok(entries)
}

struct Anchor<'a> {
    href: Option<&'a str>,
    behind: &'a str,
}

/// The next `<a …>`.
fn next(text: &str) -> Option<Anchor<'_>> {
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once('<')?;
        rest = after;
        let mut letters = after.bytes();
        if !matches!(letters.next(), Some(b'a' | b'A'))
            || !letters.next().is_some_and(|b| b.is_ascii_whitespace())
        {
            continue;
        }
        let (tag, behind) = after.split_once('>')?;
        return Some(Anchor {
            href: href(tag),
            behind,
        });
    }
}

/// The value of the attribute `href`.
fn href(tag: &str) -> Option<&str> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.find("href")?;
        from = at + 4;
        let before = lower.as_bytes().get(at.checked_sub(1)?)?;
        let Some(value) = tag.get(from..)?.trim_start().strip_prefix('=') else {
            continue;
        };
        if !before.is_ascii_whitespace() {
            continue;
        }
        let value = value.trim_start();
        return match value.chars().next()? {
            quote @ ('"' | '\'') => value.get(1..)?.split(quote).next(),
            _ => value.split_ascii_whitespace().next(),
        };
    }
}

/// The name that a link stands for, if it is one of this directory.
fn name(href: &str) -> Option<String> {
    let href = href.trim();
    let href = href.strip_prefix("./").unwrap_or(href);
    let href = href.replace("&amp;", "&");
    if href.is_empty() || href.len() > MAX_NAME || href.contains(['?', '#', ':', '\\', '&']) {
        return None;
    }
    let decoded = percent_decode_str(&href).decode_utf8().ok()?;
    let own = decoded.strip_suffix('/').unwrap_or(&decoded);
    let good = !own.is_empty()
        && own != "."
        && own != ".."
        && !own.contains('/')
        && !own.contains(char::is_control);
    good.then(|| decoded.into_owned())
}

/// What a reader sees behind an anchor, up to the next one.
fn words(text: &str) -> String {
    let end = text
        .char_indices()
        .map(|(index, _)| index)
        .take_while(|index| *index <= BEHIND)
        .last()
        .unwrap_or(0);
    let mut seen = String::new();
    let mut rest = text.get(..end).unwrap_or_default();
    // The anchor's own text is the name.
    if let Some((_, after)) = rest.split_once("</") {
        rest = after;
    }
    loop {
        let Some((_, after)) = rest.split_once('>') else {
            return seen;
        };
        let (shown, next) = after.split_once('<').unwrap_or((after, ""));
        seen.push_str(shown);
        seen.push(' ');
        if next.starts_with("a ") || next.starts_with("A ") || next.starts_with("tr") {
            return seen;
        }
        rest = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_leave_the_directory_are_no_names() {
        let page = br#"<a href="../">up</a><a href="/x/">x</a><a href="?C=N;O=D">n</a><a href="https://h/">h</a>
            <a href="javascript:x">j</a><A class=x HREF = 'a%2Bb.img' >a</A><a data-href="no">n</a><a href=c/>c</a>
            <a href="%2e%2e/">u</a><a href="a%2fb">s</a><a href="./d">d</a><abbr href="e"><a href="%00">"#;
        let names: Vec<String> = entries(page)
            .unwrap()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        assert_eq!(names, ["a+b.img", "c/", "d"]);
    }
}
