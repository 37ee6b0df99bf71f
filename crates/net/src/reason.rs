//! A server's reason for saying no, in one line that is safe to print.

use http::HeaderMap;
use serde_json::Value;

/// Longest reason kept, in characters.
const LONGEST: usize = 300;

/// The reason in an error's body: the message of OpenStack's JSON, a web page without its tags, or the text itself.
pub(crate) fn text(body: &[u8]) -> String {
    // Only the beginning can matter, and a page may be megabytes.
    let body = String::from_utf8_lossy(body.get(..body.len().min(64 << 10)).unwrap_or(body));
    let found = match serde_json::from_str::<Value>(&body) {
        // Glance puts the line breaks of its web pages into its JSON, too.
        Ok(value) => message(&value).unwrap_or_default().replace("<br />", " "),
        Err(_) if body.trim_start().starts_with('<') => without_tags(&body),
        Err(_) if body.trim_start().starts_with(['{', '[']) => String::new(),
        Err(_) => body.into_owned(),
    };
    one_line(&found)
}

/// The name OpenStack gives the request, or the one common elsewhere.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-openstack-request-id", "x-request-id"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .map(one_line)
        .filter(|id| !id.is_empty())
}

/// `{"error": {"message": …}}` (Keystone), `{"message": …}`, `{"badRequest": {"message": …}}`, `{"error": "…"}`.
fn message(value: &Value) -> Option<&str> {
    let object = value.as_object()?;
    object
        .get("message")
        .or_else(|| object.get("error").filter(|error| error.is_string()))
        .or_else(|| object.values().find_map(|inner| inner.get("message")))?
        .as_str()
}

/// What a reader sees of a page's body; Glance's error pages repeat the status in title and heading.
fn without_tags(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let name: String = tag
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        rest = tag.split_once('>').map_or("", |(_, after)| after);
        if matches!(name.as_str(), "title" | "h1" | "style" | "script") {
            let end = format!("</{name}");
            if let Some(at) = rest.to_ascii_lowercase().find(&end) {
                rest = rest.get(at..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page a real Glance (2025.2) answered to `GET /v2/images/nope`.
    const GLANCE: &str = "<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  \
                          No image found with ID nope<br /><br />\n\n\n\n </body>\n</html>";

    #[test]
    fn the_reason_is_found_in_what_openstack_sends() {
        assert_eq!(text(GLANCE.as_bytes()), "No image found with ID nope");
        let keystone = br#"{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}"#;
        assert_eq!(
            text(keystone),
            "The request you have made requires authentication."
        );
        assert_eq!(
            text(br#"{"badRequest": {"message": "no", "code": 400}}"#),
            "no"
        );
        let glance = br#"{"message": "No image found with ID xx<br /><br />\n\n\n", "code": "404 Not Found", "title": "Not Found"}"#;
        assert_eq!(text(glance), "No image found with ID xx");
        assert_eq!(text(b"plain\n words"), "plain words");
        assert_eq!(text(b""), "");
        assert_eq!(text(b"{broken"), "");
    }

    #[test]
    fn a_reason_cannot_steer_the_terminal_or_flood_it() {
        assert_eq!(text(b"a\x1b[31mb"), "a [31mb");
        assert_eq!(text("x".repeat(9000).as_bytes()).chars().count(), 301);
        assert_eq!(text(b"<p>open <script>evil()"), "open evil()");
    }
}
