//! What is said, without what differs from run to run: ids, times, addresses, and the order of keys.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::http::Answer;
use crate::target::{Target, Who};

/// The headers that belong to the contract. The others are the HTTP server's own business.
const HEADERS: [&str; 9] = [
    "content-type",
    "location",
    "www-authenticate",
    "allow",
    "accept-patch",
    "openstack-image-import-methods",
    "content-md5",
    "content-range",
    "content-disposition",
];

/// A body, every line behind a sign: JSON with its keys sorted, text as it is, of anything else the length.
pub(crate) fn body(bytes: &[u8], sign: &str) -> String {
    let mut shown = String::new();
    if bytes.is_empty() {
        return shown;
    }
    let text = match (
        serde_json::from_slice::<Value>(bytes),
        std::str::from_utf8(bytes),
    ) {
        (Ok(value @ (Value::Object(_) | Value::Array(_))), _) => schema_free(&pretty(&value)),
        (_, Ok(text)) if !text.contains('\0') && schema_free(text).len() < 5000 => {
            schema_free(text)
        }
        _ => format!("({} bytes)", bytes.len()),
    };
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let _ = writeln!(shown, "{sign}{}", line.trim_end());
    }
    shown
}

/// What is written where the real Glance broke: any refusal of ours is as good.
pub(crate) const BROKE: &str = "< it breaks\n";

pub(crate) fn broke(answer: &Answer) -> bool {
    answer.status >= 500 || answer.status == 0
}

/// Where the real Glance broke, ours is to refuse, in words of its own.
pub(crate) fn forgive(wanted: &str, said: &str) -> String {
    let mut wanted = wanted.split("\n\n");
    let blocks = said.split("\n\n").map(|block| {
        let broke = wanted
            .next()
            .is_some_and(|wanted| wanted.ends_with(BROKE.trim_end()));
        match block.split_once("\n< 4") {
            Some((asked, _)) if broke => format!("{asked}\n{}", BROKE.trim_end()),
            _ => block.to_owned(),
        }
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// An answer: status, headers of the contract, body. The length is part of it for data.
pub(crate) fn answer(answer: &Answer, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let data = path.ends_with("/file");
    if broke(answer) {
        return BROKE.to_owned();
    }
    let mut shown = format!("< {}\n", answer.status);
    for name in HEADERS {
        // What an empty body would be is nobody's business, and so is how text is encoded: it is ASCII.
        let moot = name == "content-type" && answer.body.is_empty() && answer.status >= 204;
        if let (Some(value), false) = (answer.header(name), moot) {
            let value = value.split("; charset").next().unwrap_or_default();
            let value = value.trim_end_matches(COPY_IMAGE);
            let mut parts: Vec<&str> = value.split(", ").collect();
            parts.sort_unstable();
            let _ = writeln!(shown, "< {name}: {}", parts.join(", "));
        }
    }
    let length = answer
        .header("content-length")
        .filter(|value| *value != "0");
    if let (true, Some(value)) = (data && answer.status < 300, length) {
        let _ = writeln!(shown, "< content-length: {value}");
    }
    if path.starts_with("/v2/schemas") && answer.status == 200 {
        let schema = without_descriptions(&answer.json());
        return shown + &body(schema.to_string().as_bytes(), "< ");
    }
    // Glance asks WebOb to fill in a variable that is not there when a request names no type.
    shown + &body(&answer.body, "< ").replace("${CONTENT_TYPE}", "None")
}

/// A schema without the sentences that tell people what its parts mean.
fn without_descriptions(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let told =
                |(key, value): &(&String, &Value)| *key != "description" || !value.is_string();
            let kept = map.iter().filter(told);
            Value::Object(
                kept.map(|(k, v)| (k.clone(), without_descriptions(v)))
                    .collect(),
            )
        }
        Value::Array(all) => Value::Array(all.iter().map(without_descriptions).collect()),
        other => other.clone(),
    }
}

pub(crate) fn pretty(value: &Value) -> String {
    let mut shown = String::new();
    lay_out(&sorted(value), 0, &mut shown);
    shown
}

/// JSON on as few lines as can be read: what is short stands on one.
fn lay_out(value: &Value, depth: usize, shown: &mut String) {
    let short = value.to_string();
    let empty = matches!(value, Value::Object(m) if m.is_empty())
        || matches!(value, Value::Array(a) if a.is_empty());
    if short.len() + depth * 2 <= 90 || empty || !(value.is_object() || value.is_array()) {
        *shown += &short;
        return;
    }
    let (open, close) = if value.is_object() {
        ('{', '}')
    } else {
        ('[', ']')
    };
    let indent = "  ".repeat(depth + 1);
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(k, v)| (format!("{}: ", json!(k)), v))
            .collect(),
        Value::Array(all) => all.iter().map(|v| (String::new(), v)).collect(),
        _ => Vec::new(),
    };
    let last = parts.len() - 1;
    let _ = writeln!(shown, "{open}");
    for (at, (key, part)) in parts.into_iter().enumerate() {
        let _ = write!(shown, "{indent}{key}");
        lay_out(part, depth + 1, shown);
        let _ = writeln!(shown, "{}", if at == last { "" } else { "," });
    }
    let _ = write!(shown, "{}{close}", "  ".repeat(depth));
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut all: Vec<_> = map.iter().collect();
            all.sort_by_key(|(key, _)| (*key).clone());
            let kept = all
                .into_iter()
                .filter(|(key, _)| !MULTI_STORE.contains(&key.as_str()));
            Value::Object(kept.map(|(k, v)| (k.clone(), sorted_tags(k, v))).collect())
        }
        Value::Array(all) => Value::Array(all.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

/// The names of a list of images.
pub(crate) fn names(list: &Value) -> String {
    let images = list["images"].as_array().expect("images");
    let names = images.iter().map(|i| i["name"].as_str().unwrap_or("-"));
    names.collect::<Vec<_>>().join(" ")
}

/// The names of a list of images and its links.
pub(crate) fn listing(list: &Value) -> String {
    let mut shown = format!("< 200\n< names: {}\n", names(list));
    for (key, value) in list.as_object().expect("an object") {
        if key != "images" {
            let _ = writeln!(shown, "< {key}: {}", value.as_str().unwrap_or("-"));
        }
    }
    shown
}

/// What a table says, however wide it is drawn, without the rows that exist where there are several stores.
pub(crate) fn table(text: &str) -> String {
    let cells =
        |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
    let rows = text.lines().map(cells).filter(|cells| {
        let frame = cells.first().is_some_and(|cell| cell.starts_with('+'));
        let moot = cells
            .get(1)
            .is_some_and(|cell| MULTI_STORE.contains(&cell.as_str()));
        !frame && !moot
    });
    let rows: Vec<String> = rows.map(|cells| cells.join(" ")).collect();
    rows.join("\n")
}

/// Keys of images that exist where there are several stores, as in the lab.
const MULTI_STORE: [&str; 3] = [
    "stores",
    "os_glance_importing_to_stores",
    "os_glance_failed_import",
];

/// The import method that copies from one of several stores to another.
const COPY_IMAGE: &str = ",copy-image";

/// Tags and versions are sets: their order means nothing. Methods between stores are of no use with one store.
fn sorted_tags(key: &str, value: &Value) -> Value {
    match value {
        Value::Array(methods) if methods.contains(&json!("glance-direct")) => {
            let kept = methods.iter().filter(|m| **m != json!("copy-image"));
            Value::Array(kept.cloned().collect())
        }
        Value::Array(versions) if key == "versions" => {
            let mut versions: Vec<Value> = versions.iter().map(sorted).collect();
            versions.sort_by_key(|version| version["id"].to_string());
            Value::Array(versions)
        }
        Value::Array(tags) if key == "tags" && tags.iter().all(Value::is_string) => {
            let mut tags = tags.clone();
            tags.sort_by_key(ToString::to_string);
            Value::Array(tags)
        }
        other => sorted(other),
    }
}

/// What a library of Python says about a schema is not a promise; that the schema was not met is.
fn schema_free(text: &str) -> String {
    let Some(start) = text.find("Provided object does not match schema") else {
        return text.to_owned();
    };
    let colon = text[start..]
        .find(": ")
        .map_or(text.len(), |at| start + at + 1);
    let end = text[colon..]
        .find("<br />")
        .map_or(text.len(), |at| colon + at);
    format!("{} WHY{}", &text[..colon], &text[end..])
}

/// Puts words in the place of ids, times and addresses; the same id always gets the same word.
pub(crate) fn ids(text: &str, target: &Target, hidden: &[(String, String)]) -> String {
    let text = hidden.iter().fold(text.to_owned(), |text, (secret, word)| {
        text.replace(secret, word)
    });
    let mut text = text
        .replace(&target.keystone, "KEYSTONE")
        .replace(target.keystone.trim_end_matches("/v3"), "KEYSTONE")
        .replace(&target.glance, "GLANCE")
        .replace(target.glance.trim_start_matches("http://"), "HOST");
    for who in [Who::Admin, Who::Member, Who::Other] {
        text = text.replace(target.project(who), &format!("PROJECT-OF-{}", who.name()));
    }
    times(&uuids(&text))
}

fn uuids(text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = find(rest, 36, is_uuid) {
        let id = &rest[at..at + 36];
        let number = known.iter().position(|k| *k == id).unwrap_or_else(|| {
            known.push(id);
            known.len() - 1
        });
        let _ = write!(shown, "{}ID-{}", &rest[..at], number + 1);
        rest = &rest[at + 36..];
    }
    shown + rest
}

fn times(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = find(rest, 20, is_time) {
        shown = shown + &rest[..at] + "TIME";
        rest = &rest[at + 20..];
    }
    shown + rest
}

/// Where the first window of this many characters is that looks so.
fn find(text: &str, width: usize, fits: fn(&[u8]) -> bool) -> Option<usize> {
    text.as_bytes().windows(width).position(fits)
}

fn is_uuid(window: &[u8]) -> bool {
    window.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

fn is_time(window: &[u8]) -> bool {
    window
        .iter()
        .zip(b"0000-00-00T00:00:00Z")
        .all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}

/// The first lines in which two texts differ, with what stands before them.
pub(crate) fn difference(wanted: &str, said: &str) -> String {
    let (a, b): (Vec<_>, Vec<_>) = (wanted.lines().collect(), said.lines().collect());
    let at = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let asked = a[..at.min(a.len())]
        .iter()
        .rposition(|line| line.starts_with("> ") && line.contains(" as "));
    let from = asked.unwrap_or(0).max(at.saturating_sub(30));
    let part = |lines: &[&str], from: usize, count: usize| {
        lines
            .iter()
            .skip(from)
            .take(count)
            .map(|l| format!("  {l}\n"))
            .collect::<String>()
    };
    format!(
        "differs at line {}\nboth:\n{}the real Glance:\n{}here:\n{}",
        at + 1,
        part(&a, from, at - from),
        part(&a, at, 8),
        part(&b, at, 8)
    )
}
