//! The bodies that come with an error status, and the one sentence in them that is meant for people.

use serde_json::Value;

/// Longest reason that is kept, in characters.
const LONGEST: usize = 400;

/// The reason for people in the body of an error answer, in one line.
///
/// Knows Keystone's `{"error": {"message"}}`, WebOb's `{"message", "code", "title"}` and Glance's HTML pages
/// (`<h1>404 Not Found</h1> No image found with ID x<br />`). Other texts come back as they are, without tags.
/// `None` when nothing is left.
#[must_use]
pub fn reason(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let message = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|value| message(&value).map(ToOwned::to_owned))
        .unwrap_or_else(|| text.into_owned());
    let plain = without_tags(&message);
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => line.get(..end).map(|cut| format!("{cut}…")),
        None => Some(line.to_owned()).filter(|line| !line.is_empty()),
    }
}

/// Looks for the message member of the JSON forms in use.
fn message(value: &Value) -> Option<&str> {
    let direct = ["message", "detail", "description"].iter().find_map(|key| value.get(key)?.as_str());
    direct.or_else(|| value.get("error").and_then(|inner| inner.as_str().or_else(|| message(inner)))).or_else(|| {
        // Nova's and many proxies' form: {"itemNotFound": {"message": …}}
        value.as_object().and_then(|object| object.values().find_map(|inner| inner.get("message")?.as_str()))
    })
}

/// Drops tags, whatever repeats the status in `<title>` and `<h1>`, and the few entities that WebOb writes.
fn without_tags(text: &str) -> String {
    if !text.contains('<') {
        return text.to_owned();
    }
    let text = without_element(&without_element(text, "head"), "h1");
    let mut plain = String::with_capacity(text.len());
    let mut inside = false;
    for character in text.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            _ if !inside => plain.push(character),
            _ => {}
        }
    }
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")]
        .iter()
        .fold(plain, |plain, (entity, character)| plain.replace(entity, character))
}

/// Cuts out the first element of this name, if it is closed.
fn without_element(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    match text.split_once(open.as_str()) {
        Some((before, rest)) => match rest.split_once(close.as_str()) {
            Some((_, after)) => format!("{before}{after}"),
            None => text.to_owned(),
        },
        None => text.to_owned(),
    }
}
